//! `kusto-ingest failures`: what the service reports to all clients of a cluster.

use kusto_ingest::{ErrorKind, Kusto, SourceId};
use kusto_ingest_core::without_secrets;
use serde::Serialize;

use crate::args::{FailuresArgs, Output, Variables, cluster};
use crate::exit::{Exit, Stop};
use crate::fault::Fault;
use crate::report;
use crate::sign_in::Door;

/// Reports of failures, as far as they could be read.
#[derive(Debug, Serialize)]
pub(crate) struct Failures {
    pub(crate) failures: Vec<Failure>,
    /// The texts that are no reports.
    pub(crate) unreadable: Vec<String>,
    /// Whether nobody else will see them.
    pub(crate) taken: bool,
}

/// One report of a failure.
#[derive(Debug, Serialize)]
pub(crate) struct Failure {
    pub(crate) failed_on: Option<String>,
    pub(crate) database: String,
    pub(crate) table: String,
    pub(crate) source: String,
    pub(crate) source_id: Option<SourceId>,
    pub(crate) operation_id: Option<String>,
    /// Whether the service advises to try again.
    pub(crate) should_retry: bool,
    pub(crate) error: Fault,
}

/// Reads the reports of failures and prints them.
///
/// # Errors
/// Arguments that cannot be used, and why the queues cannot be read.
pub(crate) async fn run(args: FailuresArgs, variables: Variables<'_>) -> Result<Exit, Stop> {
    let address = cluster(args.cluster, variables)?;
    let door = Door::open(&address, &args.sign_in, variables)?;
    let done = match args.clear {
        true => clear(&door.kusto, args.output).await,
        false => read(&door.kusto, args.limit as usize, args.take)
            .await
            .map(|failures| report::failures(&failures, args.output)),
    };
    let text = done.inspect_err(|error| {
        if error.kind() == ErrorKind::Unauthenticated {
            door.explain_refusal();
        }
    })?;
    report::print(&text)?;
    Ok(Exit::Done)
}

async fn clear(kusto: &Kusto, output: Output) -> kusto_ingest::Result<String> {
    kusto.notifications().clear_failures().await?;
    Ok(match output {
        Output::Text => "the queues of failures are cleared".to_owned(),
        Output::Json => r#"{"cleared": true}"#.to_owned(),
    })
}

async fn read(kusto: &Kusto, limit: usize, taken: bool) -> kusto_ingest::Result<Failures> {
    let notifications = kusto.notifications();
    let reports = match taken {
        true => notifications.take_failures(limit).await?,
        false => notifications.peek_failures(limit).await?,
    };
    let mut read = Failures {
        failures: Vec::new(),
        unreadable: Vec::new(),
        taken,
    };
    for report in reports {
        match report.into_notification() {
            Ok(told) => read.failures.push(Failure {
                error: Fault::of_service(&told.failure()),
                failed_on: told.failed_on.map(|time| time.to_string()),
                database: told.database,
                table: told.table,
                source: told.source_path,
                source_id: told.source_id,
                operation_id: told.operation_id.map(|id| id.to_string()),
                should_retry: told.should_retry,
            }),
            Err(text) => read.unreadable.push(without_secrets(&text)),
        }
    }
    Ok(read)
}
