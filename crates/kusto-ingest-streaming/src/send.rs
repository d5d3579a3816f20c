//! Sends the request: the one step that must not be repeated blindly.

use std::future::pending;
use std::time::Duration;

use kusto_endpoint::{StreamingOutcome, StreamingRequest};
use kusto_ingest_core::{
    Deadline, Error, ErrorKind, IngestionProperties, RequestStage, Result, Retry, SourceId, span, within,
};
use tracing::Instrument as _;

use crate::StreamingIngestClient;
use crate::outcome::Sent;

/// How much later than its request's own limit a call is given up: whoever sent the request knows better what was sent.
const GRACE: Duration = Duration::from_secs(1);

impl StreamingIngestClient {
    /// Sends a request until it is taken, or there is to be no other attempt, and counts.
    pub(crate) async fn send(
        &self,
        id: SourceId,
        properties: &IngestionProperties,
        request: &StreamingRequest,
        deadline: Option<Deadline>,
    ) -> Sent {
        let (_, random) = id.as_uuid().as_u64_pair();
        let retry = Retry::new(&*self.retry, &*self.clock, random).with_deadline(deadline);
        let mut sends = retry.start_sends(self.on_unknown);
        loop {
            let span = span::stream(id, properties, sends.number());
            let sent = self.send_once(properties, request, deadline).instrument(span);
            let outcome = match sent.await {
                Ok(outcome) => {
                    let (records, activity) = (outcome.consumed_records, outcome.activity_id);
                    tracing::debug!(source_id = %id, ?records, ?activity, "streamed");
                    Ok(())
                }
                Err(error) => match sends.wait(error).await {
                    Ok(()) => continue,
                    Err(error) => Err(error),
                },
            };
            let ambiguous = sends.ambiguous();
            return Sent { outcome, ambiguous };
        }
    }

    /// One request, which ends by the deadline.
    async fn send_once(
        &self,
        properties: &IngestionProperties,
        request: &StreamingRequest,
        deadline: Option<Deadline>,
    ) -> Result<StreamingOutcome> {
        let (database, table) = (&properties.database, &properties.table);
        let Some(deadline) = deadline else {
            return self.endpoint.ingest(database, table, request).await;
        };
        let left = deadline.remaining(&*self.clock);
        if left.is_zero() {
            return deadline.run(&*self.clock, "stream the source", pending()).await;
        }
        let stage = RequestStage::new();
        let request = request
            .clone()
            .with_time_limit(request.time_limit.min(left))
            .with_stage(stage.clone());
        let sent = async { Ok(self.endpoint.ingest(database, table, &request).await) };
        let limit = left.saturating_add(GRACE);
        within(&*self.clock, limit, "stream the source", sent)
            .await
            .unwrap_or_else(|late| {
                let (kind, why) = match stage.is_unsent() {
                    true => (
                        ErrorKind::Timeout,
                        "its deadline was over before anything was sent",
                    ),
                    false => (ErrorKind::OutcomeUnknown, "it did not end in time"),
                };
                Err(Error::new(kind, "stream the source").because(why).caused_by(late))
            })
    }
}
