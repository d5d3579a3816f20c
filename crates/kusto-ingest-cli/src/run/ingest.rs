//! Whatever ingests, whichever way: from a plan to what became of each source.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use kusto_ingest::Kusto;
use kusto_ingest::journal::Journal;

use super::client::JobClient;
use super::embedded::Embedded;
use super::header_alone;
use super::interrupt::{Interrupt, Interrupted};
use super::preflight::{self, PreflightError};
use super::receipt_log::ReceiptLog;
use super::resumed;
use super::send::{self, Sending};
use super::status_reader::StatusReader;
use super::wait;
use crate::args::{Destination, InFlight, IngestJob, SourceSizes};
use crate::plan::{Plan, PlannedSource};
use crate::report::{self, CommandError, Events, Outcome, Output, Progress, Report};
use crate::sign_in::ClusterSession;

/// Ingests what a job names, by its plan, into a cluster or else into an embedded Kusto, and waits where that is wanted.
///
/// The plan is made here, as an interrupt may come while it is.
///
/// # Errors
/// Whatever is found before anything is sent.
pub(crate) async fn ingest(
    job: &IngestJob,
    destination: &Destination,
    session: Option<ClusterSession>,
    plan: impl Future<Output = Result<Plan, CommandError>>,
    journal: Option<&Journal>,
) -> Result<Report, CommandError> {
    let interrupt = Interrupt::listen()?;
    let plan = interrupt.unless_pressed(pin!(plan)).await?;
    let (place, file) = resumed::report_file(job, destination)?;
    resumed::take_done(&plan, journal, &file).await?;
    let receipts = ReceiptLog::open(job.into.receipts.as_deref(), &plan.sources)?;
    let (session, embedded) = match session {
        Some(session) => (session, None),
        None => {
            let embedded = Embedded::start(destination, plan.schema.as_ref()).await?;
            let session = ClusterSession::of_embedded(&embedded.cluster(), &job.route)?;
            (session, Some(embedded))
        }
    };
    let events = match &embedded {
        None => Events::new(job.into.output, Some(place.clone())),
        // Its rows are counted in the end.
        Some(_) => Events::default(),
    };
    let ingestion = Ingestion {
        job,
        events: &events,
        plan: &plan,
        receipts: &receipts,
        journal,
        in_flight: &session.in_flight,
        interrupt,
    };
    let (mut outcomes, elapsed) = ingestion.run(&session.kusto, destination).await?;
    header_alone::explain(&plan.sources, &mut outcomes).await;
    let mut rows = None;
    if let Some(embedded) = &embedded {
        embedded.count_rows(destination, &mut outcomes);
        let left_out = embedded.left_out(destination, &plan.sources, &outcomes);
        left_out.iter().for_each(|text| report::note(text));
        rows = first_rows(job, destination, embedded, &session.kusto).await;
    }
    Ok(Report {
        place: Some(place),
        outcomes,
        elapsed,
        cause: ingestion.interrupt.cause(),
        limit: job.wait_timeout(),
        ends_early: job.route.ends_early(),
        with_receipts: embedded.is_none(),
        receipts: job.into.receipts.clone(),
        rows,
        sign_in_hint: session.hint(),
        events,
        done_before: journal.map(|_| (plan.done.len() + plan.outdated.len()) as u64),
        file,
    })
}

/// The first rows of the table of an embedded Kusto, for people.
async fn first_rows(
    job: &IngestJob,
    destination: &Destination,
    embedded: &Embedded,
    kusto: &Kusto,
) -> Option<String> {
    if job.into.output != Output::Text {
        return None;
    }
    let form = (job.into.rows, job.into.rows_limit);
    embedded.first_rows(kusto, destination, form).await
}

/// All that one ingestion goes by.
struct Ingestion<'a> {
    job: &'a IngestJob,
    events: &'a Events,
    plan: &'a Plan,
    receipts: &'a ReceiptLog,
    journal: Option<&'a Journal>,
    in_flight: &'a InFlight,
    interrupt: Interrupt,
}

impl Ingestion<'_> {
    /// Sends everything, and waits where that is wanted: what became of each source, and how long it took.
    async fn run(
        &self,
        kusto: &Kusto,
        destination: &Destination,
    ) -> Result<(Vec<Outcome>, Duration), CommandError> {
        let clock = kusto.clock();
        let started = clock.now();
        let planned = &self.plan.sources;
        if let Err(error) = self.look_for_resources(kusto, destination).await {
            return match error {
                PreflightError::Stopped(error) => Err(error),
                PreflightError::Failed(error) => {
                    Ok((send::all_failed(planned, &error), clock.now().since(started)))
                }
            };
        }
        let sizes = SourceSizes::of(planned.iter().map(|planned| (planned.is_blob(), planned.bytes())));
        let bytes = planned.iter().map(PlannedSource::bytes).sum();
        let progress = Progress::new(self.job.into.output, bytes, planned.len());
        let sending = Sending {
            planned,
            parallel: self.job.route.parallel(&sizes),
            in_flight: self.in_flight,
            rate: self.job.route.rate(),
            clock: clock.clone(),
            receipts: self.receipts,
            deletion: self.plan.deletion,
            progress: &progress,
            events: self.events,
            waits: self.job.wait_timeout().is_some(),
            interrupt: self.interrupt.clone(),
        };
        let work = async {
            let mut outcomes = sending
                .send(JobClient::of(&self.job.route, kusto, self.journal))
                .await;
            let limit = self.job.wait_timeout();
            if limit.is_some() && !self.interrupt.is_pressed() {
                self.wait(kusto, limit, &mut outcomes, &progress).await;
                if let Some(journal) = self.journal {
                    resumed::conclude(planned, &outcomes, journal).await;
                }
            }
            outcomes
        };
        let outcomes = progress.while_told(&*clock, Box::pin(work)).await;
        progress.finish();
        Ok((outcomes, clock.now().since(started)))
    }

    /// Asks for what every source needs, where that is known to be needed: nothing is sent to a cluster that lacks it.
    async fn look_for_resources(
        &self,
        kusto: &Kusto,
        destination: &Destination,
    ) -> Result<(), PreflightError> {
        let needs_service = |planned: &PlannedSource| planned.refused.is_none() && planned.bytes() != Some(0);
        if !self.job.route.needs_issued_resources() || !self.plan.sources.iter().any(needs_service) {
            return Ok(());
        }
        let asking = preflight::ask(self.job, destination, kusto);
        self.interrupt.unless_pressed(pin!(asking)).await
    }

    async fn wait(
        &self,
        kusto: &Kusto,
        limit: Option<Duration>,
        outcomes: &mut [Outcome],
        progress: &Progress,
    ) {
        let status_reader = StatusReader::of(kusto);
        let deletion = self.plan.deletion;
        let learned = |place: usize, outcome: &mut Outcome| {
            let planned = &self.plan.sources[place];
            deletion.after(planned, outcome);
            if !header_alone::may_be(planned, outcome) {
                wait::tell_end(self.events, outcome);
            }
        };
        let mut interrupt = self.interrupt.clone();
        wait::ask(&status_reader, outcomes, limit, learned, progress, &mut interrupt).await;
    }
}

impl From<Interrupted> for PreflightError {
    fn from(interrupted: Interrupted) -> Self {
        Self::Stopped(interrupted.into())
    }
}
