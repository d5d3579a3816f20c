//! `kusto-ingest query`: a look at what arrived.

use kusto_ingest::endpoint::{RequestProperties, Table};

use crate::args::{QueryArgs, Variables, database};
use crate::report::{self, CommandError, Exit, Output};
use crate::sign_in::{Access, ClusterSession};

/// Runs a query and prints its answer.
///
/// # Errors
/// Arguments that cannot be used, and what the service says.
pub(crate) async fn run(args: QueryArgs, variables: Variables<'_>) -> Result<Exit, CommandError> {
    let address = args.ask.address(variables)?;
    let database = database(args.database.as_deref(), Some(&address), variables)?;
    let session = ClusterSession::open(&address, Access::asking(&args.ask), variables)?;
    let properties = RequestProperties::new();
    let queries = session.kusto.query_endpoint();
    let answer = queries
        .query(&database, &args.query, &properties)
        .await
        .inspect_err(|error| session.explain(error))?;
    let nothing = Table::default();
    let table = answer.primary().unwrap_or(&nothing);
    report::print(&match args.ask.output {
        Output::Text => report::table_of(table),
        Output::Json => report::rows_as_json(table),
        Output::Ndjson => report::rows_as_lines(table),
    })?;
    Ok(Exit::Done)
}
