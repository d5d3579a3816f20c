//! `kusto-ingest failures`: what the service reports to all clients of a cluster.

mod taking;

use futures::future::{Either, select};
use kusto_ingest::{Error, Kusto};

use super::interrupt::Interrupt;
use crate::args::{FailuresArgs, Variables};
use crate::report::{self, CommandError, Exit, Failures, Output, interrupted};
use crate::sign_in::{Access, ClusterSession};

/// How many reports of a queue are seen that are left in it.
const MOST_PEEKED: usize = 32;

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
    let address = args.ask.address(variables)?;
    let session = ClusterSession::open(&address, Access::asking(&args.ask), variables)?;
    let limit = args.limit as usize;
    let done = match (args.clear, args.take) {
        (true, _) => clear(&session.kusto, args.output).await,
        (false, true) => take(&session.kusto, limit, args.output).await,
        (false, false) => peek(&session.kusto, limit, args.output).await,
    };
    done.map_err(|error| match error {
        FailuresError::Stopped(error) => error,
        FailuresError::Service(error) => {
            session.explain(&error);
            error.into()
        }
    })
}

async fn clear(kusto: &Kusto, output: Output) -> Result<Exit, FailuresError> {
    kusto.report_queues().clear_failures().await?;
    report::print(match output {
        Output::Text => "the queues of failures are cleared",
        Output::Json => r#"{"cleared": true}"#,
        Output::Ndjson => r#"{"event":"cleared"}"#,
    })?;
    Ok(Exit::Done)
}

async fn peek(kusto: &Kusto, limit: usize, output: Output) -> Result<Exit, FailuresError> {
    let reports = kusto.report_queues().peek_failures(limit).await?;
    let may_be_more = reports.len() >= MOST_PEEKED;
    report::print(&report::failures(&Failures::of(reports, false), output))?;
    if may_be_more {
        report::note(
            "there may be more: of each queue only the first 32 reports can be seen. --take reads all of them, and hides them \
             from all other clients; `.show ingestion failures` lists them by query",
        );
    }
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
        report::BatchedReports::new(output),
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
