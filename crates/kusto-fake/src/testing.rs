//! What the tests of every crate above need: storage on a clock that moves by itself, and addresses that open it.

use std::sync::Arc;

use bytes::Bytes;
use kusto_ingest_core::{BlobSource, ManualClock, Timestamp};
use kusto_storage::{BlobName, ResourceKind, ResourceUri};

use crate::{BlobWrite, FakeKusto, MemoryStorage, OnConflict, ResourceIssuer, ResourcePath};

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

/// A Kusto without a database, and the clock that it keeps time by: as that of [`storage`].
///
/// # Panics
///
/// Never: the addresses that it issues are good.
#[must_use]
pub fn kusto() -> (FakeKusto, ManualClock) {
    kusto_at(ManualClock::advancing(Timestamp::UNIX_EPOCH))
}

/// The same on another clock.
///
/// # Panics
///
/// Never: the addresses that it issues are good.
#[must_use]
pub fn kusto_at(clock: ManualClock) -> (FakeKusto, ManualClock) {
    let kusto = FakeKusto::new(Arc::new(clock.clone()), ResourceIssuer::hosts());
    (kusto.expect("the addresses are good"), clock)
}

/// Puts a blob into the first container that a Kusto issues, in the place of one of that name. It is not counted as a request.
///
/// # Panics
///
/// The name is none of a blob.
#[must_use]
pub fn put_blob(kusto: &FakeKusto, name: &str, body: impl Into<Bytes>) -> BlobSource {
    let issued = kusto.issued_resources().expect("the addresses are good");
    let (container, write) = (&issued.containers[0], BlobWrite::new(OnConflict::Replace));
    let put = kusto
        .storage()
        .put_blob(&ResourcePath::from(container), name, body.into(), &write);
    put.expect("the container is there");
    let name = BlobName::parse(name).expect("it is the name of a blob");
    BlobSource::new(container.blob(&name).expect("it has an address"))
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
