//! A cloud whose settings are known: for tests, and for clusters that tell none.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use kusto_ingest_core::Result;
use url::Url;

use super::{CloudSettings, CloudSource};

/// Gives every cluster the same settings, and remembers who was asked about. Clones share the memory.
#[derive(Clone, Debug)]
pub struct FixedCloud {
    settings: CloudSettings,
    asked: Arc<Mutex<Vec<Url>>>,
}

impl FixedCloud {
    /// A cloud with these settings.
    #[must_use]
    pub fn new(settings: CloudSettings) -> Self {
        Self {
            settings,
            asked: Arc::default(),
        }
    }

    /// The endpoints that it was asked about, in order.
    #[must_use]
    pub fn requests(&self) -> Vec<Url> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl CloudSource for FixedCloud {
    async fn settings(&self, endpoint: &Url) -> Result<CloudSettings> {
        self.asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(endpoint.clone());
        Ok(self.settings.clone())
    }
}
