//! What the tests of every crate above need: storage on a clock that moves by itself, and addresses that open it.

use std::sync::Arc;

use kusto_ingest_core::{ManualClock, Timestamp};
use kusto_storage::{ResourceKind, ResourceUri};

use crate::MemoryStorage;

/// Storage in memory, and the clock that it keeps time by: it begins in 1970, and moves when everything waits for it.
#[must_use]
pub fn storage() -> (MemoryStorage, ManualClock) {
    storage_at(ManualClock::advancing(Timestamp::UNIX_EPOCH))
}

/// The same on another clock.
#[must_use]
pub fn storage_at(clock: ManualClock) -> (MemoryStorage, ManualClock) {
    (MemoryStorage::new(Arc::new(clock.clone())), clock)
}

/// Issues a resource of an account for ever; the signature of its SAS is "SECRET", so that a test sees where it shows.
///
/// # Panics
///
/// It exists already, or the account and the name make no address.
#[must_use]
pub fn issue(storage: &MemoryStorage, kind: ResourceKind, account: &str, name: &str) -> ResourceUri {
    let address = address(kind, account, name);
    storage.issue(kind, &address).expect("each is issued once");
    address
}

/// The address that [`issue`] issues.
///
/// # Panics
///
/// The account and the name make no address.
#[must_use]
pub fn address(kind: ResourceKind, account: &str, name: &str) -> ResourceUri {
    let service = match kind {
        ResourceKind::Container => "blob",
        ResourceKind::Queue => "queue",
        ResourceKind::Table => "table",
    };
    let address = format!("https://{account}.{service}.core.windows.net/{name}?sig=SECRET");
    ResourceUri::parse(&address).expect("the account and the name are good")
}
