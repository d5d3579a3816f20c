//! `kusto-ingest status`: what became of sources, by the receipts that another process left.

use crate::args::{StatusArgs, Variables, cluster};
use crate::plan::receipts;
use crate::report::exit::{CommandError, Exit, exit_of};
use crate::report::outcome::Outcome;
use crate::report::progress::Progress;
use crate::report::{Ending, Report, ended, error, print};
use crate::run::interrupt::Interrupt;
use crate::run::status_reader::StatusReader;
use crate::run::wait;
use crate::sign_in::{Access, ClusterSession};

/// Reads what became of the sources, and prints it as the command that sent them does.
///
/// # Errors
/// Whatever is wrong with the arguments and the receipts, before anything is asked.
pub(crate) async fn run(args: StatusArgs, variables: Variables<'_>) -> Result<Exit, CommandError> {
    let StatusArgs { receipts: args, wait } = args;
    let address = cluster(args.cluster, variables)?;
    args.sign_in.refuse_reading_twice(&args.files, "the receipts")?;
    let read = receipts::read(&args.files)?;
    let place = receipts::place(&read);
    let mut outcomes: Vec<Outcome> = read.into_iter().map(|receipt| receipt.outcome).collect();
    let session = ClusterSession::open(&address, Access::of(&args.sign_in, &args.network), variables)?;

    let clock = session.kusto.clock();
    let started = clock.now();
    let mut interrupt = Interrupt::listen()?;
    let progress = Progress::new(args.output, None, outcomes.len());
    let status_reader = StatusReader::of(&session.kusto);
    let wait_timeout = wait.then_some(args.wait_timeout);
    wait::ask(
        &status_reader,
        &mut outcomes,
        wait_timeout,
        |_, _| {},
        &progress,
        &mut interrupt,
    )
    .await;
    progress.finish();

    let report = Report {
        place: place
            .as_ref()
            .map(|(database, table)| (database.as_str(), table.as_str())),
        outcomes: &outcomes,
        elapsed: clock.now().since(started),
        with_receipts: false,
    };
    let printed = print(&report.written(args.output));
    report.complaints().iter().for_each(|complaint| error(complaint));
    if outcomes.iter().any(Outcome::wants_sign_in) {
        session.explain_refusal();
    }
    let exit = exit_of(&outcomes, interrupt.is_pressed(), false);
    let ending = Ending {
        exit,
        outcomes: &outcomes,
        cause: interrupt.cause(),
        limit: wait_timeout,
        receipts: None,
    };
    ending.words().iter().for_each(|words| error(words));
    ended(exit, printed)
}
