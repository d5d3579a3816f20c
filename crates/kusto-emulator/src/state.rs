//! What all connections of an emulator share.

use std::sync::Arc;

use kusto_fake::{FakeKusto, MemoryStorage};
use kusto_ingest_core::{Clock, Timestamp};

use crate::faults::Faults;
use crate::log::RequestLog;
use crate::worker::Worker;

/// What all connections of an emulator share.
pub(crate) struct ServerState {
    pub(crate) fake: FakeKusto,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) worker: Arc<Worker>,
    pub(crate) faults: Faults,
    pub(crate) log: RequestLog,
    /// Where Data Management, engine and storage are.
    pub(crate) cluster: String,
    pub(crate) started: Timestamp,
}

impl ServerState {
    /// The storage that is issued.
    pub(crate) fn storage(&self) -> &MemoryStorage {
        self.fake.storage()
    }
}
