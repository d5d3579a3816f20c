//! A client whose calls end when a test lets them through.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use kusto_ingest_core::testing::receipt;
use kusto_ingest_core::{IngestClient, IngestionProperties, Receipt, ReceiptState, Result, Source, SourceId};

#[derive(Clone, Debug, Default)]
pub(crate) struct Gated(Arc<Mutex<Gates>>);

#[derive(Debug, Default)]
struct Gates {
    begun: Vec<SourceId>,
    open: Vec<SourceId>,
    dropped: usize,
}

struct Call(Gated, bool);

impl Drop for Call {
    fn drop(&mut self) {
        let ended = self.1;
        self.0.0.lock().expect("unpoisoned").dropped += usize::from(!ended);
    }
}

impl Gated {
    pub(crate) fn begun(&self) -> Vec<SourceId> {
        self.0.lock().expect("unpoisoned").begun.clone()
    }

    pub(crate) fn dropped(&self) -> usize {
        self.0.lock().expect("unpoisoned").dropped
    }

    pub(crate) fn open(&self, id: SourceId) {
        self.0.lock().expect("unpoisoned").open.push(id);
    }
}

#[async_trait]
impl IngestClient for Gated {
    async fn ingest_source(&self, source: Source, properties: &IngestionProperties) -> Result<Receipt> {
        let id = source.id();
        self.0.lock().expect("unpoisoned").begun.push(id);
        let mut call = Call(self.clone(), false);
        futures::future::poll_fn(|context| {
            if self.0.lock().expect("unpoisoned").open.contains(&id) {
                return std::task::Poll::Ready(());
            }
            context.waker().wake_by_ref();
            std::task::Poll::Pending
        })
        .await;
        call.1 = true;
        Ok(receipt(&source, properties, ReceiptState::Queued))
    }
}
