//! Sources that are queued as they are found: as many as there are, and none is held.

use std::pin::pin;
use std::slice;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::ready;
use futures::{Stream, StreamExt as _, stream};
use kusto_ingest::IngestionProperties;
use kusto_ingest::journal::Journal;
use kusto_ingest::sources::LazySource;
use kusto_ingest::sources::SourceStream;
use kusto_ingest::status::SourceResult;

use super::interrupt::Interrupt;
use super::preflight::{self, PreflightError};
use super::receipt_log::ReceiptLog;
use super::resumed;

use crate::args::{Destination, InFlight, IngestJob, RateLimit, SourceSizes};
use crate::plan::{
    Considered, Discovery, DiscoveryRequest, PlannedSource, Planner, Resume, accept, nothing, open_streams,
};
use crate::report::{self, CommandError, Exit, Outcome, Output, Progress, ReportFile, Tally};
use crate::sign_in::{ClusterSession, Containers};

/// Queues what a job names while it is being found, and tells of each source as soon as it is taken.
///
/// An interrupt ends the finding; what is under way by then goes on to its end.
///
/// # Errors
/// Whatever is found before anything is sent. A container that cannot be listed to its end is told behind the report.
pub(crate) async fn streamed(
    job: &IngestJob,
    destination: &Destination,
    session: &ClusterSession,
    containers: Containers,
    resume: Option<&mut Resume>,
) -> Result<Exit, CommandError> {
    let interrupt = Interrupt::listen()?;
    let receipts = ReceiptLog::open(job.into.receipts.as_deref())?;
    let (place, file) = resumed::report_file(job, destination)?;
    let journal = resume.as_ref().map(|resume| resume.journal().clone());
    let mut feed = PlanStream {
        discovery: Discovery::new(DiscoveryRequest::of(job), containers)?,
        planner: Planner::new(job, destination)?,
        job,
        pace: RateLimit::of(job.route.rate()),
        session,
        resume,
        done: Done::of(journal.as_ref()),
        file: file.clone(),
    };
    let done = feed.done.clone();
    // What was named wrongly is known before a cluster is asked.
    let first = interrupt.unless_pressed(pin!(feed.next())).await?;
    let mut tally = Tally::new(job.into.output, place, file);
    let Some(first) = first else {
        return nothing_to_send(job, tally, &done);
    };
    ask_before(job, destination, session, &interrupt).await?;
    let clock = session.kusto.clock();
    let started = clock.now();
    let progress = Progress::new(job.into.output, None, 0);
    let failed = Failed::default();
    let mut until = interrupt.clone();
    let found = stream::once(ready(lazy(first, &session.in_flight)))
        .chain(feed.sources(failed.clone()))
        .take_until(async move { until.pressed().await });
    let parallel = job.route.parallel(&SourceSizes::default());
    session.in_flight.limit_to(parallel);
    let client = super::client::queued(&session.kusto, journal.as_ref());
    let properties = IngestionProperties::new(destination.database.clone(), destination.table.clone());
    let sources = SourceStream::new(found).with_concurrency(parallel);
    let mut told = pin!(sources.ingest_each(&client, &properties));
    let work = async {
        while let Some(result) = told.next().await {
            session.in_flight.end(result.source_id, &result.outcome);
            take(outcome_of(result), &receipts, &mut tally, &failed, &progress);
            if let Some(why) = journal.as_ref().and_then(Journal::failure) {
                failed.set(CommandError::new(Exit::Bug, why));
            }
        }
    };
    progress.while_told(&*clock, Box::pin(work)).await;
    progress.finish();
    let elapsed = clock.now().since(started);
    let exit = tally.tell(elapsed, interrupt.cause(), done.count(), session.hint())?;
    print_unkept(job, &receipts)?;
    Ok(failed.take().map_or(exit, |error| told_behind(&error, exit)))
}

/// Gives people the receipts that could not be written down. What programs read has all of them.
fn print_unkept(job: &IngestJob, receipts: &ReceiptLog) -> Result<(), CommandError> {
    match job.into.output == Output::Text && receipts.failure().is_some() {
        true => report::print(receipts.unwritten().trim_end()),
        false => Ok(()),
    }
}

/// Asks for what every source needs, unless the command is to end.
async fn ask_before(
    job: &IngestJob,
    destination: &Destination,
    session: &ClusterSession,
    interrupt: &Interrupt,
) -> Result<(), CommandError> {
    let asking = pin!(preflight::ask(job, destination, &session.kusto));
    let asked = interrupt.unless_pressed(asking).await;
    asked.map_err(|error| stopped(error, session))
}

/// How it ends where nothing is to be sent: all was done before, or there is nothing.
fn nothing_to_send(job: &IngestJob, tally: Tally, done: &Done) -> Result<Exit, CommandError> {
    let is_fine = job.select.may_be_empty() || done.count().is_some_and(|done| done > 0);
    match is_fine {
        true => tally.tell(Duration::ZERO, None, done.count(), None),
        false => Err(nothing()),
    }
}

/// Takes down what became of a source. Where a receipt cannot be kept or a result cannot be told, no other source
/// begins; those under way go on.
fn take(outcome: Outcome, receipts: &ReceiptLog, tally: &mut Tally, failed: &Failed, progress: &Progress) {
    if outcome.failure.is_some() {
        progress.failed();
    }
    if let Some(receipt) = &outcome.receipt {
        receipts.note(&outcome.source, receipt);
    }
    if let Some(why) = receipts.failure() {
        failed.set(CommandError::new(Exit::Bug, why));
    }
    if let Err(unwritten) = tally.add(outcome) {
        failed.set(unwritten);
    }
    progress.taken(tally.sources());
}

/// Tells what ended the finding: something was not sent, whatever became of the rest.
fn told_behind(error: &CommandError, exit: Exit) -> Exit {
    error.tell();
    if exit == Exit::Done { error.exit } else { exit }
}

/// How a command ends whose question was answered badly before anything was sent.
fn stopped(error: PreflightError, session: &ClusterSession) -> CommandError {
    match error {
        PreflightError::Stopped(error) => error,
        PreflightError::Failed(error) => {
            session.explain(&error);
            CommandError::failed(&error)
        }
    }
}

/// Finds and plans, one source after the other.
struct PlanStream<'a> {
    discovery: Discovery,
    planner: Planner<'a>,
    job: &'a IngestJob,
    pace: Option<RateLimit>,
    session: &'a ClusterSession,
    resume: Option<&'a mut Resume>,
    done: Done,
    file: ReportFile,
}

impl<'a> PlanStream<'a> {
    /// The sources as they are found. What ends the finding is kept.
    fn sources(self, failed: Failed) -> impl Stream<Item = LazySource<'a>> + Send + 'a {
        stream::unfold((self, failed), |(mut feed, failed)| async move {
            if failed.is_set() {
                return None;
            }
            match feed.next().await {
                Ok(planned) => Some((lazy(planned?, &feed.session.in_flight), (feed, failed))),
                Err(error) => {
                    failed.set(error);
                    None
                }
            }
        })
    }

    async fn next(&mut self) -> Result<Option<PlannedSource>, CommandError> {
        while let Some(mut found) = self.discovery.next().await? {
            accept(self.job, &mut found)?;
            let Some(planned) = self.planner.planned(found)? else {
                continue;
            };
            let Some(mut planned) = self.considered(planned).await? else {
                continue;
            };
            open_streams(slice::from_mut(&mut planned)).await?;
            if let Some(pace) = &mut self.pace {
                pace.wait(&*self.session.kusto.clock(), 1).await;
            }
            return Ok(Some(planned));
        }
        self.planner.tell_skipped();
        self.resume.iter().for_each(|resume| resume.tell());
        Ok(None)
    }

    /// The source as it is sent; none where an earlier run has done it.
    async fn considered(&mut self, planned: PlannedSource) -> Result<Option<PlannedSource>, CommandError> {
        let Some(resume) = &mut self.resume else {
            return Ok(Some(planned));
        };
        let done = match resume.consider(planned).await? {
            Considered::Send(planned) => return Ok(Some(planned)),
            Considered::Done(done) | Considered::Outdated(done) => done,
        };
        self.done.add();
        if self.file.is_wanted() {
            self.file
                .add(&resumed::outcome_of(&done, resume.journal()).await?);
        }
        Ok(None)
    }
}

/// How many sources were done before, where there is a journal.
#[derive(Clone, Debug)]
struct Done(Option<Arc<AtomicU64>>);

impl Done {
    fn of(journal: Option<&Journal>) -> Self {
        Self(journal.map(|_| Arc::default()))
    }

    fn add(&self) {
        if let Some(done) = &self.0 {
            done.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn count(&self) -> Option<u64> {
        self.0.as_ref().map(|done| done.load(Ordering::Relaxed))
    }
}

/// What ended the finding.
#[derive(Clone, Debug, Default)]
struct Failed(Arc<Mutex<Option<CommandError>>>);

impl Failed {
    fn set(&self, error: CommandError) {
        let mut first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert(error);
    }

    fn is_set(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn take(&self) -> Option<CommandError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The source, opened when its turn comes.
fn lazy<'a>(planned: PlannedSource, in_flight: &InFlight) -> LazySource<'a> {
    let in_flight = in_flight.clone();
    let (id, name, properties) = (planned.id, planned.found.shown(), planned.properties.clone());
    let open = async move {
        in_flight.begin(id).await;
        match &planned.refused {
            Some(error) => Err(error.clone()),
            None => planned.source().await,
        }
    };
    LazySource::new(id, open)
        .with_name(name)
        .with_shared_properties(properties)
}

fn outcome_of(result: SourceResult) -> Outcome {
    let name = result.name.unwrap_or_else(|| "-".to_owned());
    match result.outcome {
        Ok(receipt) => Outcome::sent(name, receipt),
        Err(error) => Outcome::failed(name, result.source_id, &error),
    }
}
