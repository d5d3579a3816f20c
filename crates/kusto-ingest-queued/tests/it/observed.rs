//! Who is told right before a message is put: when, what, and what follows where that fails.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use kusto_fake::Fault;
use kusto_ingest_core::testing::properties;
use kusto_ingest_core::{
    Error, ErrorKind, LocalSource, Receipt, ReceiptState, ReportLevel, ReportMethod, Result, SendObserver,
};
use kusto_ingest_message::OperationStatus;
use kusto_storage::Operation;

use super::world::World;

/// Keeps what it is told, and may refuse it.
#[derive(Debug, Default)]
struct Observer {
    told: Mutex<Vec<Receipt>>,
    refuses: bool,
}

#[async_trait]
impl SendObserver for Observer {
    async fn before_send(&self, receipt: &Receipt) -> Result<()> {
        self.told.lock().expect("a list").push(receipt.clone());
        match self.refuses {
            true => Err(Error::new(ErrorKind::Other, "write it down")),
            false => Ok(()),
        }
    }
}

fn observed(observer: &Arc<Observer>) -> World {
    let mut world = World::new();
    world.client = world.client.with_send_observer(observer.clone());
    world
}

#[test]
fn it_is_told_once_of_a_complete_blob_whatever_becomes_of_the_puts() {
    let observer = Arc::new(Observer::default());
    let world = observed(&observer);
    world.fail_posts(Fault::Refused(ErrorKind::Throttled), 1);
    let source = LocalSource::from_bytes("1\n").with_name("a.csv");
    let receipt = world
        .ingest(source, &properties())
        .expect("the second queue takes it");
    let told = observer.told.lock().unwrap();
    assert_eq!(told.len(), 1, "two puts were made");
    assert_eq!(
        (told[0].source_id, &told[0].blob),
        (receipt.source_id, &receipt.blob)
    );
    assert!(matches!(told[0].state, ReceiptState::Unknown { .. }));
}

#[test]
fn where_it_refuses_no_message_is_put_and_the_status_row_says_so() {
    let observer = Arc::new(Observer {
        refuses: true,
        ..Observer::default()
    });
    let world = observed(&observer);
    let tracked = properties().with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::Table);
    let source = LocalSource::from_bytes("1\n").with_name("a.csv");
    let error = world
        .ingest(source, &tracked)
        .expect_err("it is not written down");
    assert_eq!(
        (error.kind(), error.operation()),
        (ErrorKind::Other, "write it down")
    );
    assert_eq!(world.request_count(Operation::PutMessage), 0);
    assert_eq!(world.only_row().status, OperationStatus::Failed);
    assert!(observer.told.lock().unwrap()[0].status_locator().is_some());
}
