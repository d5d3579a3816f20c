//! What the tests of every crate above need: storage on a clock that moves by itself, addresses that open it, and what is in
//! it in the end.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use kusto_ingest_core::testing::clock;
use kusto_ingest_core::{BlobSource, ManualClock};
use kusto_storage::{BlobName, ResourceKind, ResourceUri};
use serde_json::Value;

use crate::{BlobWrite, FakeKusto, MemoryStorage, OnConflict, ResourceIssuer, ResourcePath};

/// Storage in memory, and the clock that it keeps time by: it begins in 1970, and moves when everything waits for it.
#[must_use]
pub fn storage() -> (MemoryStorage, ManualClock) {
    storage_at(clock())
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
    kusto_at(clock())
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

/// The messages in all queues that a Kusto issues, up to 32 of each, decoded by the text alone. They stay where they are.
///
/// # Panics
///
/// One of them is not padded base64 of JSON.
#[must_use]
pub fn messages(kusto: &FakeKusto) -> Vec<Value> {
    let issued = kusto.issued_resources().expect("the addresses are good");
    let queues = issued.queues.iter().map(ResourcePath::from);
    queues
        .flat_map(|queue| messages_in(kusto.storage(), &queue))
        .collect()
}

/// The same of one queue; none where it does not exist.
///
/// # Panics
///
/// One of them is not padded base64 of JSON.
#[must_use]
pub fn messages_in(storage: &MemoryStorage, queue: &ResourcePath) -> Vec<Value> {
    let messages = storage.peek_messages(queue, 32).unwrap_or_default();
    let decode = |text: &str| {
        let json = STANDARD.decode(text).expect("a message is padded base64");
        serde_json::from_slice(&json).expect("a message is JSON")
    };
    messages.iter().map(|message| decode(&message.text)).collect()
}

/// What is in the blob that a message names; nothing where it is in no container that this Kusto issues, or not complete.
#[must_use]
pub fn blob_of(kusto: &FakeKusto, message: &Value) -> Option<Bytes> {
    let path = message["BlobPath"].as_str()?;
    let issued = kusto.issued_resources().expect("the addresses are good");
    let in_container = |container: &ResourceUri| {
        let rest = path.strip_prefix(container.redacted())?.strip_prefix('/')?;
        let name = rest.split('?').next()?;
        kusto.storage().blob(&ResourcePath::from(container), name).ok()
    };
    let blob = issued.containers.iter().find_map(in_container)?;
    Some(blob.bytes())
}
