//! What there is to ingest, and what is to be done with it: found out before anything is sent.

// What there is.
mod discover;
mod receipts;

// What is said of it, and what its first bytes tell.
mod archive;
mod creation_time;
mod header;
mod infer;
mod input;
mod once;
mod properties;
mod source;
mod source_time;
pub(crate) mod watch_targets;

// Whether it can be done.
mod check;
mod deletion;
mod resume;

use crate::args::{Destination, IngestJob};
use crate::report::{self, CommandError};
use crate::sign_in::Containers;
use kusto_ingest_decode::Schema;

pub(crate) use check::{INLINE_LIMIT, accept};
pub(crate) use deletion::Deletion;
pub(crate) use discover::{DiscoveredSource, Discovery, DiscoveryRequest, Twice, nothing};
pub(crate) use input::{enough, peek, uncompressed};
pub(crate) use properties::Planner;
pub(crate) use receipts::{KnownReceipts, read as receipts};
pub(crate) use resume::{Considered, Resume, described};
pub(crate) use source::{PlannedSource, open_streams};
pub(crate) use source_time::{SourceTime, SourceTimes, tell_skipped};

/// The most sources of a job that holds all of them, each with up to 7 KB while it is sent and waited for, as was measured.
const MOST_HELD: usize = 200_000;

/// What is to be sent, and what for.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) sources: Vec<PlannedSource>,
    /// What was done before, by the journal.
    pub(crate) done: Vec<PlannedSource>,
    /// What was done before, and is something else by now that nobody has ingested.
    pub(crate) outdated: Vec<PlannedSource>,
    /// When files are to be deleted.
    pub(crate) deletion: Deletion,
    /// The table that an embedded Kusto is to have; none for a cluster, and where no source could be read.
    pub(crate) schema: Option<Schema>,
}

/// Finds all that a job names, reads the first bytes of what they must tell, and checks whether it can be done.
///
/// Nothing is sent. It may wait for whoever writes to standard input, and can be dropped at any time.
///
/// # Errors
/// The first thing that cannot be found, read or done.
pub(crate) async fn plan(
    job: &IngestJob,
    destination: &Destination,
    containers: Containers,
    mut resume: Option<&mut Resume>,
) -> Result<Plan, CommandError> {
    let deletion = Deletion::of(job);
    let found = all(job, containers).await?;
    let mut planner = Planner::new(job, destination)?;
    let mut sources: Vec<PlannedSource> = Vec::with_capacity(found.len());
    let (mut done, mut outdated) = (Vec::new(), Vec::new());
    for found in found {
        let Some(planned) = planner.planned(found)? else {
            continue;
        };
        match &mut resume {
            None => sources.push(planned),
            Some(resume) => match resume.consider(planned).await? {
                Considered::Send(planned) => sources.push(planned),
                Considered::Done(planned) => done.push(planned),
                Considered::Outdated(planned) => outdated.push(planned),
            },
        }
    }
    resume.iter().for_each(|resume| resume.tell());
    if sources.is_empty() && done.is_empty() && outdated.is_empty() && !job.select.may_be_empty() {
        return Err(nothing());
    }
    planner.tell_skipped();
    properties::refuse_blobs_given_twice(sources.iter().map(|planned| &planned.found))?;
    open_streams(&mut sources).await?;
    let schema = match job.into.emulator {
        true => embedded_table(&mut sources).await?,
        false => {
            header::likely(&sources)
                .await
                .iter()
                .for_each(|text| report::warning(text));
            None
        }
    };
    check::check(job, &mut sources).await?;
    Ok(Plan {
        sources,
        done,
        outdated,
        deletion,
        schema,
    })
}

/// All that a job names, which is looked at together.
async fn all(job: &IngestJob, containers: Containers) -> Result<Vec<DiscoveredSource>, CommandError> {
    let mut found = Discovery::new(DiscoveryRequest::of(job), containers)?
        .all(MOST_HELD)
        .await?;
    found.iter_mut().try_for_each(|found| accept(job, found))?;
    once::refuse_deletion(job)?;
    Deletion::of(job).check(&found).await?;
    properties::refuse_size_of_many(job, found.len())?;
    once::refuse_tag_of_many(job, found.len())?;
    Ok(found)
}

/// What `--dry-run` lists of a job that looks at all of its sources before it sends one.
///
/// # Errors
/// What the job itself refuses by looking at all of them.
pub(crate) async fn dry(
    job: &IngestJob,
    containers: Containers,
) -> Result<Vec<DiscoveredSource>, CommandError> {
    let found = all(job, containers).await?;
    properties::refuse_blobs_given_twice(&found)?;
    Ok(found)
}

/// The columns of the table that the sources want, and words about how that is known.
async fn embedded_table(sources: &mut [PlannedSource]) -> Result<Option<Schema>, CommandError> {
    let wanted = infer::table_for(sources)
        .await
        .map_err(|error| CommandError::unusable(&error))?;
    wanted.notes().iter().for_each(|text| report::note(text));
    Ok(wanted.schema)
}
