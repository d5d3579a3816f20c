//! `kusto-ingest query`: a look at what arrived.

use std::ffi::OsString;

use kusto_endpoint::Table;
use kusto_ingest::{DatabaseName, Kusto, RequestProperties};

use crate::args::{Output, QueryArgs, cluster};
use crate::exit::{Exit, Stop};
use crate::report;

/// Runs a query and prints its answer.
///
/// # Errors
/// Arguments that cannot be used, and what the service says.
pub(crate) async fn run(args: QueryArgs, environment: Option<OsString>) -> Result<Exit, Stop> {
    let connection = cluster(args.cluster, environment)?;
    let database = DatabaseName::parse(args.database).map_err(|error| Stop::unusable(&error))?;
    let kusto = Kusto::connect(&connection)?;
    let properties = RequestProperties::new();
    let answer = kusto.queries().query(&database, &args.query, &properties).await?;
    let nothing = Table::default();
    let table = answer.primary().unwrap_or(&nothing);
    report::print(&match args.output {
        Output::Text => report::table_of(table),
        Output::Json => report::rows_as_json(table),
    })?;
    Ok(Exit::Done)
}
