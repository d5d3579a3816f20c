//! What is asked before the first byte is sent.

use std::time::Duration;

use futures::future::join;
use kusto_ingest::clock::within;
use kusto_ingest::endpoint::RequestProperties;
use kusto_ingest::{Error, ErrorKind, Kusto};

use super::send;
use crate::args::{Destination, IngestJob};
use crate::report::{self, CommandError, Exit};

/// How long the question may take: nobody waits long for what is a courtesy.
const LIMIT: Duration = Duration::from_secs(2);

/// Why nothing was sent.
pub(super) enum PreflightError {
    /// The command ends here.
    Stopped(CommandError),
    /// Every source fails with this.
    Failed(Error),
}

impl From<Error> for PreflightError {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Asks in one go for what every source needs: what is issued, and whether the table is there.
///
/// # Errors
/// What every source would fail with; that there is no such table or database, and no mapping that could create it.
pub(super) async fn ask(
    job: &IngestJob,
    destination: &Destination,
    kusto: &Kusto,
) -> Result<(), PreflightError> {
    let (resources, table) = join(
        send::ask::<Error>(kusto, job.route.protocol()),
        look_for_table(job, destination, kusto),
    )
    .await;
    resources?;
    table.map_err(PreflightError::Stopped)
}

/// Asks the engine for the table: a queue takes messages for any table, and the service finds out minutes later.
///
/// An answer that is not definite is a warning at most: who may ingest need not be allowed to look at tables.
async fn look_for_table(
    job: &IngestJob,
    destination: &Destination,
    kusto: &Kusto,
) -> Result<(), CommandError> {
    let is_wanted = job.route.queue().is_some_and(|queue| !queue.no_preflight);
    // A mapping that gives every column a type may create the table.
    if !is_wanted || job.into.emulator || job.into.mapping_file.is_some() {
        return Ok(());
    }
    let command = format!(".show table {} cslschema", quoted(destination.table.as_str()));
    let (endpoint, properties) = (kusto.engine_endpoint(), RequestProperties::new());
    let asking = endpoint.execute(&destination.database, &command, &properties);
    let answer = within(&*kusto.clock(), LIMIT, "look for the table", asking).await;
    answer.map(drop).or_else(|error| judged(&error, destination))
}

fn judged(error: &Error, destination: &Destination) -> Result<(), CommandError> {
    let Destination { database, table } = destination;
    match error.kind() {
        ErrorKind::NotFound => Err(CommandError::new(
            Exit::Usage,
            format!(
                "there is no table {table} in the database {database}, or no such database, so that nothing was sent: \
                 create it by `.create table`, or name another; --no-preflight sends all the same ({})",
                error.chain()
            ),
        )
        .with_page(error.kind().page())),
        // The Data Management service decides on these.
        ErrorKind::Forbidden | ErrorKind::Unauthenticated => Ok(()),
        _ => {
            report::warning(&format!(
                "whether the table {table} is there could not be found out: {}",
                error.chain()
            ));
            Ok(())
        }
    }
}

/// A name as commands have it.
pub(super) fn quoted(name: &str) -> String {
    format!("['{}']", name.replace('\\', "\\\\").replace('\'', "\\'"))
}
