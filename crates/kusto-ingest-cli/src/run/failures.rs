//! `kusto-ingest failures`: what the service reports to all clients of a cluster.

mod taking;

use futures::future::{Either, select};
use kusto_ingest::secrets::redact;
use kusto_ingest::{Error, ErrorKind, FailureNotification, Kusto, Report, SourceId};
use serde::Serialize;

use crate::args::{FailuresArgs, Output, Variables, cluster};
use crate::report;
use crate::report::exit::{CommandError, Exit};
use crate::report::source_failure::SourceFailure;
use crate::run::interrupt::{Interrupt, interrupted};
use crate::sign_in::{Access, ClusterSession};

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
    pub(crate) error: SourceFailure,
}

impl Failures {
    fn of(reports: Vec<Report<FailureNotification>>, taken: bool) -> Self {
        let mut read = Self {
            failures: Vec::new(),
            unreadable: Vec::new(),
            taken,
        };
        for report in reports {
            match report.into_notification() {
                Ok(told) => read.failures.push(Failure::of(told)),
                Err(text) => read.unreadable.push(redact(&text)),
            }
        }
        read
    }
}

impl Failure {
    fn of(told: FailureNotification) -> Self {
        Self {
            error: SourceFailure::of_service(&told.failure()),
            failed_on: told.failed_on.map(|time| time.to_string()),
            database: told.database,
            table: told.table,
            source: told.source_path,
            source_id: told.source_id,
            operation_id: told.operation_id.map(|id| id.to_string()),
            should_retry: told.should_retry,
        }
    }
}

/// Why not everything was done.
enum FailuresError {
    Service(Error),
    Stopped(CommandError),
}

impl From<Error> for FailuresError {
    fn from(error: Error) -> Self {
        Self::Service(error)
    }
}

impl From<CommandError> for FailuresError {
    fn from(error: CommandError) -> Self {
        Self::Stopped(error)
    }
}

/// Reads the reports of failures and prints them.
///
/// # Errors
/// Arguments that cannot be used, and why the queues cannot be read.
pub(crate) async fn run(args: FailuresArgs, variables: Variables<'_>) -> Result<Exit, CommandError> {
    let address = cluster(args.cluster, variables)?;
    let session = ClusterSession::open(&address, Access::of(&args.sign_in, &args.network), variables)?;
    let limit = args.limit as usize;
    let done = match (args.clear, args.take) {
        (true, _) => clear(&session.kusto, args.output).await,
        (false, true) => take(&session.kusto, limit, args.output).await,
        (false, false) => peek(&session.kusto, limit, args.output).await,
    };
    done.map_err(|error| match error {
        FailuresError::Stopped(error) => error,
        FailuresError::Service(error) => {
            if error.kind() == ErrorKind::Unauthenticated {
                session.explain_refusal();
            }
            error.into()
        }
    })
}

async fn clear(kusto: &Kusto, output: Output) -> Result<Exit, FailuresError> {
    kusto.report_queues().clear_failures().await?;
    report::print(match output {
        Output::Text => "the queues of failures are cleared",
        Output::Json => r#"{"cleared": true}"#,
    })?;
    Ok(Exit::Done)
}

async fn peek(kusto: &Kusto, limit: usize, output: Output) -> Result<Exit, FailuresError> {
    let reports = kusto.report_queues().peek_failures(limit).await?;
    report::print(&report::failures(&Failures::of(reports, false), output))?;
    Ok(Exit::Done)
}

/// Nobody else will see what is taken, so that an interrupt waits for the batch that is being taken.
async fn take(kusto: &Kusto, limit: usize, output: Output) -> Result<Exit, FailuresError> {
    let mut interrupt = Interrupt::listen()?;
    let resources = kusto.resources();
    // Here somebody may have to sign in, and nothing is taken yet.
    match select(resources.resources(), Box::pin(interrupt.pressed())).await {
        Either::Left((known, _)) => drop(known?),
        Either::Right(_) => return Err(taking::interrupted().into()),
    }
    let notifications = kusto.report_queues();
    let taken = taking::take(
        limit,
        report::InBatches::new(output),
        async |most| {
            let taken = notifications.take_failures(most).await?;
            Ok(Failures::of(taken, true))
        },
        report::write,
        || interrupt.is_pressed(),
    )
    .await;
    if matches!(taken, Ok(Exit::Interrupted)) {
        let interrupted = interrupted(interrupt.cause());
        report::error(&format!(
            "{interrupted}: what was taken by then is printed, and no more was taken"
        ));
    }
    taken
}
