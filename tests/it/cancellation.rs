//! Ingestions that are dropped at every point at which they wait: what they leave is never a message about a blob
//! that is not whole, and the client goes on.

mod hesitant;

use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker};

use kusto_fake::{FakeKusto, Fault, FaultPlan, testing};
use kusto_ingest::queued::QueuedIngestClient;
use kusto_ingest::status::ReceiptState;
use kusto_ingest::{ErrorKind, IngestClient, LocalSource, Receipt, Result};
use kusto_ingest_compression::InlineCompressor;
use kusto_ingest_core::testing::{Trickle, pattern};
use kusto_ingest_resources::ResourceManager;
use kusto_ingest_status::TableStatusTracker;
use kusto_ingest_upload::{ContainerUploader, MemoryBudget};
use kusto_storage::Operation;

use crate::setup::tracked;
use hesitant::Hesitant;

const BLOCK: usize = 1_000;
const LENGTH: usize = 3 * BLOCK + 500;

/// More polls than any ingestion takes.
const TO_THE_END: u32 = 1_000_000;

/// A Kusto, and a client that is new to it.
struct World {
    fake: FakeKusto,
    client: QueuedIngestClient,
    /// What all parts of the client hold on to.
    held: Weak<Hesitant>,
    memory: MemoryBudget,
    /// The least of the memory that was free when an ingestion was dropped.
    least_free: Cell<usize>,
}

impl World {
    fn new() -> Self {
        let (fake, clock) = testing::kusto();
        let clock = Arc::new(clock);
        let hesitant = Arc::new(Hesitant(fake.clone()));
        let memory = MemoryBudget::new(MemoryBudget::MIN_BYTES);
        let resources = Arc::new(ResourceManager::new(hesitant.clone(), clock.clone()));
        let uploader = ContainerUploader::new(
            resources.clone(),
            hesitant.clone(),
            Arc::new(InlineCompressor::new()),
            clock.clone(),
        )
        .with_block_size(BLOCK)
        .with_parallelism(2)
        .with_memory(memory.clone());
        let held = Arc::downgrade(&hesitant);
        let tracker = TableStatusTracker::new(hesitant.clone(), resources.clone(), clock.clone());
        let client = QueuedIngestClient::new(resources, Arc::new(uploader), hesitant, clock)
            .with_status(Arc::new(tracker));
        Self {
            fake,
            client,
            held,
            least_free: Cell::new(memory.bytes()),
            memory,
        }
    }

    /// Polls an ingestion so often and drops it then; its outcome where it has come to its end.
    fn ingest_for(&self, polls: u32) -> Option<Result<Receipt>> {
        let properties = tracked().with_format("parquet".parse().expect("a format"));
        let source = LocalSource::from_reader(Trickle::new(pattern(LENGTH)).with_most(700));
        let mut ingesting = pin!(self.client.ingest_source(source.into(), &properties));
        let mut context = Context::from_waker(Waker::noop());
        let outcome = (0..polls).find_map(|_| match ingesting.as_mut().poll(&mut context) {
            Poll::Ready(outcome) => Some(outcome),
            Poll::Pending => None,
        });
        self.least_free
            .set(self.least_free.get().min(self.memory.available()));
        outcome
    }

    /// How many messages there are. Each names a blob that is whole.
    fn messages(&self) -> usize {
        let messages = testing::messages(&self.fake);
        for message in &messages {
            let blob = testing::blob_of(&self.fake, message);
            assert_eq!(blob.expect("it can be read"), pattern(LENGTH));
        }
        messages.len()
    }
}

/// Drops an ingestion after every number of polls, and gives the number that it takes to its end.
fn dropped_everywhere(trouble: impl Fn(&World)) -> u32 {
    let mut most_held = 0;
    for polls in 0.. {
        let world = World::new();
        trouble(&world);
        let outcome = world.ingest_for(polls);
        let left = world.messages();
        let memory = &world.memory;
        most_held = most_held.max(memory.bytes() - world.least_free.get());
        assert_eq!(memory.available(), memory.bytes(), "after {polls} polls");
        if let Some(outcome) = outcome {
            let state = outcome.map(|receipt| receipt.state);
            assert!(matches!(state, Ok(ReceiptState::Tracked(_))), "{state:?}");
            assert_eq!(left, 1);
            assert!(most_held > BLOCK, "{most_held} bytes of the budget were held");
            return polls;
        }
        assert!(left <= 1, "after {polls} polls: {left} messages");
        let next = world.ingest_for(TO_THE_END).expect("it comes to its end");
        assert!(next.is_ok(), "after {polls} polls: {next:?}");
        assert_eq!(world.messages(), left + 1, "after {polls} polls");
    }
    unreachable!("the loop has no end")
}

#[test]
fn an_ingestion_that_is_dropped_anywhere_leaves_no_message_about_half_a_blob() {
    let polls = dropped_everywhere(|_| {});
    assert!(
        polls > 20,
        "it waits for commands, bytes, blocks, row and post: {polls}"
    );
}

#[test]
fn neither_does_one_that_is_dropped_on_a_detour() {
    let straight = dropped_everywhere(|_| {});
    for (operation, fault) in [
        (Operation::CommitBlocks, Fault::ResponseLost),
        (Operation::InsertEntity, Fault::Refused(ErrorKind::Unavailable)),
        (Operation::PutMessage, Fault::Refused(ErrorKind::Throttled)),
    ] {
        let polls = dropped_everywhere(|world| {
            let plan = FaultPlan::new(fault.clone()).on(operation);
            world.fake.storage().plan(plan);
        });
        assert!(polls > straight, "{operation:?}: {polls}");
    }
}

#[test]
fn s02_c97_a_client_is_closed_by_dropping_it() {
    // There is no `close`: nothing runs in the background, so that nothing is left to end or to lose.
    let world = World::new();
    assert!(world.ingest_for(10).is_none(), "it is not half done");
    let held = world.held.clone();
    let another = World {
        fake: world.fake.clone(),
        client: world.client.clone(),
        ..World::new()
    };
    drop(world);
    let receipt = another.ingest_for(TO_THE_END).expect("it comes to its end");
    assert!(receipt.is_ok(), "a clone does not notice: {receipt:?}");
    assert_eq!(another.messages(), 1);
    drop(another);
    assert!(
        held.upgrade().is_none(),
        "nobody goes on behind the caller's back"
    );
}
