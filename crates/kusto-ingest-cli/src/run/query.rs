//! `kusto-ingest query`: a look at what arrived.

use kusto_ingest::endpoint::RequestProperties;

use crate::args::{QueryArgs, Variables, database};
use crate::report::{self, CommandError, Exit};
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
    let (text, left_out) = report::rows(&answer.tables, args.output, args.limit);
    report::print(&text)?;
    left_out.iter().for_each(|words| report::note(words));
    Ok(Exit::Done)
}
