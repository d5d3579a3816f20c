//! What all connections of an emulator share.

use std::sync::Arc;

use kusto_fake::{FakeKusto, MemoryStorage};
use kusto_ingest_core::{Clock, Result, Timestamp};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

use crate::authority::Authority;
use crate::changes::Changes;
use crate::faults::Faults;
use crate::log::RequestLog;
use crate::persistence::Persistence;
use crate::worker::Worker;
use crate::{EmulatorClock, RequestRecord, ServerLimits};

/// Who is told of every request.
pub(crate) type RequestObserver = dyn Fn(&RequestRecord) + Send + Sync;

/// What all connections of an emulator share.
pub(crate) struct ServerState {
    pub(crate) fake: FakeKusto,
    pub(crate) clock: EmulatorClock,
    pub(crate) worker: Arc<Worker>,
    /// Who gives tokens, where clients must sign in.
    pub(crate) authority: Option<Authority>,
    /// The folder that all is kept in, if it is.
    pub(crate) persistence: Option<Arc<Persistence>>,
    pub(crate) faults: Faults,
    pub(crate) log: RequestLog,
    pub(crate) changes: Arc<Changes>,
    /// Who is told of every request.
    pub(crate) observer: Option<Arc<RequestObserver>>,
    /// Where Data Management, engine and storage are.
    pub(crate) cluster: String,
    pub(crate) started: Timestamp,
    /// The real time, which the network goes by whatever the other clock says.
    pub(crate) network: Arc<dyn Clock>,
    pub(crate) limits: ServerLimits,
    /// Names that this machine has beside its own.
    pub(crate) host_names: Vec<String>,
    /// How TLS is spoken, where it is.
    pub(crate) tls: Option<TlsAcceptor>,
    /// Places for connections, and for those that are told that there is none.
    pub(crate) connections: Arc<Semaphore>,
    pub(crate) refusals: Arc<Semaphore>,
}

impl ServerState {
    /// Puts all as it was at the start.
    pub(crate) async fn reset(&self) {
        self.worker.reset().await;
        self.faults.clear_faults();
        self.log.clear();
        self.fake.clear_faults();
        self.changes.happened();
    }

    /// Returns when all that happened so far is kept, where it is to be.
    ///
    /// # Errors
    /// As [`Persistence::commit`].
    pub(crate) async fn save(&self) -> Result<()> {
        match &self.persistence {
            Some(persistence) => persistence.commit().await,
            None => Ok(()),
        }
    }

    /// Saves for the last time: the folder is free for another emulator when this returns.
    pub(crate) async fn close(&self) {
        if let Some(persistence) = &self.persistence {
            persistence.close().await;
        }
    }

    /// The storage that is issued.
    pub(crate) fn storage(&self) -> &MemoryStorage {
        self.fake.storage()
    }
}
