//! Sends a request that names blobs: the one step that must not be repeated blindly.

mod parts;
mod patience;

use std::sync::Arc;
use std::time::Duration;

use futures::channel::oneshot;
use futures::future::{BoxFuture, FutureExt};
use kusto_endpoint::{OperationId, QueuedEndpoint, QueuedRequest, Tracking};
use kusto_ingest_core::{
    BlobSource, Clock, OnUnknownOutcome, Outage, ReportLevel, Result, Retry, RetryPolicy, span, within,
};
use tracing::Instrument as _;

use self::parts::Parts;
use self::patience::SharedPatience;
use crate::batch::Batch;
use crate::outcome::Sent;

/// Sends requests; cheap to clone into the sending of one.
#[derive(Clone, Debug)]
pub(crate) struct BatchSender {
    pub(crate) endpoint: Arc<dyn QueuedEndpoint>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) retry: Arc<dyn RetryPolicy>,
    pub(crate) outage: Outage,
    pub(crate) on_unknown: OnUnknownOutcome,
    pub(crate) time_limit: Option<Duration>,
}

impl BatchSender {
    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// Waits until a request is sealed, or for this long, and sends it.
    pub(crate) fn flight(
        self,
        batch: Arc<Batch>,
        sealed: oneshot::Receiver<()>,
        gathering: Duration,
    ) -> BoxFuture<'static, ()> {
        let flight = async move {
            // However the waiting ends, the request leaves now.
            let _ = within(&*self.clock, gathering, "gather sources", sealed.map(Ok)).await;
            batch.seal();
            self.send(&batch).await;
        };
        flight.boxed()
    }

    /// Sends a request until it is taken or there is to be no other attempt: whole, or in parts where it is refused as it is.
    async fn send(&self, batch: &Batch) {
        let mut parts = Parts::of(batch.len());
        while let Some(part) = parts.next() {
            let Some(sent) = self.send_part(batch, &part).await else {
                continue;
            };
            if !parts.is_divided(&part, &sent) {
                batch.settle(&part, &sent);
            }
        }
        for (refused, sent) in parts.refused() {
            batch.settle(&refused, &sent);
        }
    }

    /// One request, again and again; `None` where nobody waits for its end any more.
    async fn send_part(&self, batch: &Batch, places: &[usize]) -> Option<Sent> {
        let first = batch.begin_send(places);
        let (_, random) = first.first()?.id().as_uuid().as_u64_pair();
        let patience = SharedPatience::new(&self.retry, &self.clock, &self.outage);
        let mut sends = Retry::new(&patience, &*self.clock, random).start_sends(self.on_unknown);
        let mut blobs = first;
        loop {
            let sent = self.send_once(batch, blobs, sends.number()).await;
            batch.end_send(&sent);
            let outcome = match sent {
                Ok(operation) => {
                    self.outage.record_success();
                    Ok(operation)
                }
                Err(error) => match sends.wait(error).await {
                    Ok(()) => {
                        blobs = batch.begin_send(places);
                        if blobs.is_empty() {
                            return None;
                        }
                        continue;
                    }
                    Err(error) => Err(error),
                },
            };
            let ambiguous = sends.ambiguous();
            return Some(Sent { outcome, ambiguous });
        }
    }

    async fn send_once(
        &self,
        batch: &Batch,
        blobs: Vec<BlobSource>,
        attempt: u32,
    ) -> Result<Option<OperationId>> {
        let key = batch.key();
        let properties = &key.properties;
        let tracking = match properties.report_level {
            ReportLevel::None => Tracking::Off,
            _ => Tracking::On,
        };
        let span = span::submit(blobs.len(), properties, attempt);
        let request = QueuedRequest::new(blobs, properties, key.format, self.clock.now())
            .with_tracking(tracking)
            .with_stage(batch.stage());
        let request = match self.time_limit {
            Some(limit) => request.with_time_limit(limit),
            None => request,
        };
        self.endpoint
            .submit(&properties.database, &properties.table, &request)
            .instrument(span)
            .await
    }
}
