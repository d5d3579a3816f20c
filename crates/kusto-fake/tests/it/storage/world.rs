//! A storage with a container, a queue and a table that are issued until the next day, and a clock to move.

use std::sync::Arc;

use kusto_fake::MemoryStorage;
use kusto_ingest_core::{ManualClock, Timestamp};
use kusto_storage::{ResourceKind, ResourceUri};

pub(crate) struct World {
    pub(crate) clock: ManualClock,
    pub(crate) storage: MemoryStorage,
    pub(crate) container: ResourceUri,
    pub(crate) queue: ResourceUri,
    pub(crate) table: ResourceUri,
}

impl World {
    pub(crate) fn new() -> Self {
        let clock = ManualClock::new(Timestamp::parse("2026-01-01").expect("a date"));
        let storage = MemoryStorage::new(Arc::new(clock.clone()));
        let issue = |kind, service: &str| {
            let sas = "se=2026-01-02T00:00:00Z&sig=a%2Bb%3D";
            let address = format!("https://acct1.{service}.core.windows.net/data?{sas}");
            let address = ResourceUri::parse(&address).expect("an address");
            storage.issue(kind, &address).expect("new");
            address
        };
        Self {
            container: issue(ResourceKind::Container, "blob"),
            queue: issue(ResourceKind::Queue, "queue"),
            table: issue(ResourceKind::Table, "table"),
            clock,
            storage,
        }
    }
}
