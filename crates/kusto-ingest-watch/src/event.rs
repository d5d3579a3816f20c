//! What became of a file that was watched for.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use kusto_ingest_core::{Error, Receipt};

/// What became of a file that was watched for.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum WatchEvent<'e> {
    /// The service accepted it. The receipt tells whether it may have been ingested before.
    Accepted {
        /// The file.
        file: &'e Path,
        /// Its receipt.
        receipt: &'e Receipt,
    },
    /// It failed for good, and was moved away.
    SetAside {
        /// The file, as it was.
        file: &'e Path,
        /// Where it is now.
        to: &'e Path,
        /// Why.
        error: &'e Error,
        /// Whether its rows may be there all the same: an earlier attempt was sent, and nobody knows whether it arrived.
        may_be_ingested: bool,
    },
    /// It failed, and is tried again later.
    Again {
        /// The file.
        file: &'e Path,
        /// Why.
        error: &'e Error,
    },
    /// The folder cannot be read now.
    Unreadable {
        /// Why.
        error: &'e Error,
    },
}

type Listening = dyn Fn(&WatchEvent<'_>) + Send + Sync;

/// Who is told.
#[derive(Clone, Default)]
pub(crate) struct Listener(Option<Arc<Listening>>);

impl Listener {
    pub(crate) fn new(listener: impl Fn(&WatchEvent<'_>) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(listener)))
    }

    pub(crate) fn tell(&self, event: &WatchEvent<'_>) {
        if let Some(listener) = &self.0 {
            listener(event);
        }
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener").finish_non_exhaustive()
    }
}
