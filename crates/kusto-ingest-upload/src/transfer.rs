//! One attempt to upload encoded bytes into one container.

use std::future::{Future, pending};
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures::future::{BoxFuture, Either, FutureExt, select};
use futures::stream::{FuturesUnordered, StreamExt};
use kusto_ingest_core::{Clock, Deadline, Error, ErrorKind, FaultScope, Result, Retry, within};
use kusto_ingest_resources::ResourceProvider;
use kusto_storage::{BlobName, BlobStore, BlockId, ResourceUri};

use crate::block_plan::MAX_BLOCKS;
use crate::blocks::Block;
use crate::in_place::InPlacePolicy;
use crate::opened::{FlowingSource, TimeoutCause};

/// Under how many SAS tokens a request is made: that one expires is to be expected, also that a renewed one has
/// expired by the time it is used, but a container that opens to none of several is closed to us.
const SIGNATURES: u32 = 3;

/// How long the look whether something arrived may take. An account that let us wait longer for the lost answer is not
/// asked at all.
const LOOK: Duration = Duration::from_secs(5);

/// Where one attempt goes, and how.
#[derive(Debug)]
pub(crate) struct Destination<'a> {
    pub(crate) blobs: &'a dyn BlobStore,
    pub(crate) resources: &'a dyn ResourceProvider,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) policy: InPlacePolicy,
    pub(crate) deadline: Option<Deadline>,
    pub(crate) random: u64,
    /// Nothing else has this name: what is there by it was put by this attempt.
    pub(crate) name: &'a BlobName,
    pub(crate) timeout_cause: &'a TimeoutCause,
    /// Until when, by the monotonic clock, another container would be tried after a block was let go here.
    pub(crate) replayable_until: Duration,
    /// With the newest SAS that is known: a long upload may outlive several.
    pub(crate) container: Mutex<ResourceUri>,
}

/// What happened first.
enum Event {
    Read(Result<Option<Block>>),
    Acknowledged(Result<u32>),
}

impl Destination<'_> {
    /// The container, as it can be reached now.
    pub(crate) fn container(&self) -> ResourceUri {
        self.container
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Puts a body that fits one request, once: where that fails, another account can have it at once.
    pub(crate) async fn put(&self, body: Bytes) -> Result<u64> {
        let (length, begun) = (body.len() as u64, self.clock.monotonic());
        match self.blobs.put(&self.container(), self.name, body).await {
            Ok(()) => Ok(length),
            Err(error) => self.look_whether_it_arrived(error, length, begun).await,
        }
    }

    /// Stages all blocks of a source, `parallel` at once, and commits them in their order. Each is sent again from memory
    /// where that failed in passing.
    ///
    /// # Cancel safety
    /// The source stays as far as it was; it can be sent elsewhere as long as no block was let go.
    pub(crate) async fn put_blocks(&self, source: &mut FlowingSource, parallel: usize) -> Result<u64> {
        let mut in_flight = FuturesUnordered::new();
        let mut length = 0;
        loop {
            let reads = in_flight.is_empty() || (in_flight.len() < parallel && source.rest.has_room());
            let next = match source.ready() {
                Some(block) => Event::Read(Ok(Some(block))),
                None if source.rest.has_ended() && in_flight.is_empty() => break,
                None => event(source, reads, &mut in_flight).await,
            };
            match next {
                Event::Read(block) => {
                    if let Some(block) = block? {
                        in_flight.push(self.send(source, block)?);
                    }
                }
                Event::Acknowledged(place) => {
                    length += source.acknowledged(place?);
                    if self.clock.monotonic() >= self.replayable_until {
                        self.policy.bind();
                    }
                }
            }
        }
        self.prove(length, source.rest.sizes().encoded())?;
        self.commit(source.begun(), length).await?;
        Ok(length)
    }

    /// Begins to send a block.
    fn send(
        &self,
        source: &mut FlowingSource,
        block: Block,
    ) -> Result<impl Future<Output = Result<u32>> + Send + use<'_>> {
        if source.begun() == MAX_BLOCKS {
            return Err(source.rest.too_many());
        }
        let (place, body) = source.begin(block);
        Ok(self.stage(place, body))
    }

    async fn stage(&self, place: u32, body: Bytes) -> Result<u32> {
        let stage = |container: ResourceUri| {
            let body = body.clone();
            async move {
                self.blobs
                    .stage(&container, self.name, BlockId::new(place), body)
                    .await
            }
            .boxed()
        };
        let attempt = || async { self.under_any_sas(stage).await.map_err(repeatable) };
        self.again_in_place(attempt).await?;
        Ok(place)
    }

    async fn commit(&self, blocks: u32, length: u64) -> Result<()> {
        let blocks: &[BlockId] = &(0..blocks).map(BlockId::new).collect::<Vec<_>>();
        let commit = |container: ResourceUri| {
            async move { self.blobs.commit(&container, self.name, blocks).await }.boxed()
        };
        self.again_in_place(|| async {
            let begun = self.clock.monotonic();
            match self.under_any_sas(commit).await {
                Ok(()) => Ok(()),
                Err(error) => self.look_whether_it_arrived(error, length, begun).await.map(drop),
            }
        })
        .await
    }

    /// Does what may be done again, until it succeeds or the container is given up.
    async fn again_in_place<F>(&self, attempt: impl Fn() -> F) -> Result<()>
    where
        F: Future<Output = Result<()>>,
    {
        let retry = Retry::new(&self.policy, self.clock, self.random).with_deadline(self.deadline);
        let mut attempts = retry.start();
        loop {
            match attempt().await {
                Ok(()) => {
                    self.policy.answered();
                    if attempts.number() > 1 {
                        self.timeout_cause.clear();
                    }
                    return Ok(());
                }
                Err(error) => {
                    self.timeout_cause.set(error.clone());
                    attempts.wait(self.as_seen_from_here(error)).await?;
                }
            }
        }
    }

    /// An error that another account may not have is worth another try where there is no other account.
    fn as_seen_from_here(&self, error: Error) -> Error {
        match self.policy.is_bound() && error.scope() == FaultScope::Target {
            true => error.with_permanence(false),
            false => error,
        }
    }

    /// Asks again where a SAS is refused and the same container is issued under another one: what is staged there
    /// already stays, and is not sent again.
    async fn under_any_sas<'b>(&self, ask: impl Fn(ResourceUri) -> BoxFuture<'b, Result<()>>) -> Result<()> {
        let mut container = self.container();
        for _ in 1..SIGNATURES {
            match ask(container.clone()).await {
                Err(error) if refuses_the_sas(error.kind()) => match self.renewed(&container).await {
                    Some(renewed) => container = renewed,
                    None => return Err(error),
                },
                answer => return answer,
            }
        }
        ask(container).await
    }

    /// The same container under another SAS, if there is one.
    async fn renewed(&self, refused: &ResourceUri) -> Option<ResourceUri> {
        // Of several blocks in flight the first to be refused has the SAS renewed for all.
        let known = self.container();
        if known != *refused {
            return Some(known);
        }
        let issued = self.resources.resources().await.ok()?;
        let same = |other: &&ResourceUri| other.redacted() == refused.redacted() && *other != refused;
        let find = |containers: &[ResourceUri]| containers.iter().find(same).cloned();
        let renewed = match issued.containers().ok().and_then(find) {
            Some(renewed) => renewed,
            None => find(self.resources.renew().await.ok()?.containers().ok()?)?,
        };
        *self.container.lock().unwrap_or_else(PoisonError::into_inner) = renewed.clone();
        Some(renewed)
    }

    /// Only when the answer was lost it costs a request to learn whether the blob is there, whole.
    async fn look_whether_it_arrived(&self, error: Error, length: u64, begun: Duration) -> Result<u64> {
        let was_silent = self.clock.monotonic().saturating_sub(begun) >= LOOK;
        if error.kind() != ErrorKind::OutcomeUnknown || was_silent {
            return Err(repeatable(error));
        }
        let container = self.container();
        let look = self.blobs.length(&container, self.name);
        match within(self.clock, LOOK, "look whether the blob arrived", look).await {
            Ok(Some(found)) if found == length => Ok(length),
            _ => Err(repeatable(error)),
        }
    }

    fn prove(&self, acknowledged: u64, encoded: u64) -> Result<()> {
        if acknowledged == encoded {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Other, "upload the source")
            .with("encoded bytes", encoded)
            .with("acknowledged bytes", acknowledged)
            .because("the acknowledged blocks do not add up to what was read"))
    }
}

/// What happens first: another block is read, or one is acknowledged. It may be dropped at any point.
async fn event(
    source: &mut FlowingSource,
    reads: bool,
    in_flight: &mut FuturesUnordered<impl Future<Output = Result<u32>>>,
) -> Event {
    let read = pin!(async {
        match reads && !source.rest.has_ended() {
            true => source.rest.next().await,
            false => pending().await,
        }
    });
    let acknowledged = pin!(async {
        match in_flight.next().await {
            Some(place) => place,
            None => pending().await,
        }
    });
    match select(read, acknowledged).await {
        Either::Left((block, _)) => Event::Read(block),
        Either::Right((place, _)) => Event::Acknowledged(place),
    }
}

/// Whether it is the SAS that did not do.
fn refuses_the_sas(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Forbidden | ErrorKind::Unauthenticated)
}

/// Blobs and blocks may be put again, so a lost answer is no more than a failed attempt.
fn repeatable(error: Error) -> Error {
    if error.kind() != ErrorKind::OutcomeUnknown {
        return error;
    }
    Error::new(ErrorKind::Io, "put the blob")
        .because("the answer was lost")
        .caused_by(error)
}
