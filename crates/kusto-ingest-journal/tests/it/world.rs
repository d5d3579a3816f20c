//! What the tests share: files of their own, and a client that does as it is told.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::executor::block_on;
use kusto_ingest_core::testing::{clock, now, properties};
use kusto_ingest_core::{
    Error, ErrorKind, IngestClient, IngestionProperties, LocalSource, Receipt, ReceiptState, Result, Source,
    SourceId,
};
use kusto_ingest_journal::{Journal, JournalScope, JournalSource};

/// A file of a test's own, which is not there at first.
pub(crate) fn path(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("journals");
    std::fs::create_dir_all(&folder).expect("it can be made");
    let path = folder.join(name);
    drop(std::fs::remove_file(&path));
    path
}

pub(crate) fn scope() -> JournalScope {
    JournalScope::new().with("table", "T")
}

pub(crate) fn open(path: &PathBuf) -> Journal {
    try_open(path).expect("it can be opened")
}

pub(crate) fn try_open(path: &PathBuf) -> Result<Journal> {
    block_on(Journal::builder(path).with_scope(scope()).open(Arc::new(clock())))
}

pub(crate) fn finish(journal: Journal) {
    block_on(journal.finish()).expect("it is written");
}

/// A file as it looked when it was sent.
pub(crate) fn file(name: &str) -> JournalSource {
    JournalSource::new(name).with_bytes(12).with_modified(now())
}

pub(crate) fn receipt(id: SourceId, state: ReceiptState) -> Receipt {
    let properties = properties();
    Receipt::new(id, properties.database, properties.table, state)
}

pub(crate) fn about_to(id: SourceId) -> Receipt {
    receipt(
        id,
        ReceiptState::Unknown {
            status: None,
            reason: "about to be sent".to_owned(),
        },
    )
}

pub(crate) fn source(journal: &Journal, name: &str) -> Source {
    LocalSource::from_bytes("1\n")
        .with_name(name)
        .with_id(journal.source_id(name))
        .into()
}

/// Ends each call as the next word says, and keeps what it was asked for.
#[derive(Debug, Default)]
pub(crate) struct ScriptedClient {
    pub(crate) asked: Mutex<Vec<SourceId>>,
    pub(crate) next: Mutex<Vec<ErrorKind>>,
}

impl ScriptedClient {
    pub(crate) fn asked(&self) -> usize {
        self.asked.lock().expect("no panic while it was held").len()
    }
}

#[async_trait]
impl IngestClient for ScriptedClient {
    async fn ingest_source(&self, source: Source, _: &IngestionProperties) -> Result<Receipt> {
        let id = source.id();
        self.asked.lock().expect("no panic while it was held").push(id);
        match self.next.lock().expect("no panic while it was held").pop() {
            None => Ok(receipt(id, ReceiptState::Queued)),
            Some(ErrorKind::OutcomeUnknown) => {
                Err(Error::new(ErrorKind::OutcomeUnknown, "test").with_receipt(about_to(id)))
            }
            Some(kind) => Err(Error::new(kind, "test")),
        }
    }
}
