//! Sends the request: the one step that must not be repeated blindly.

use kusto_endpoint::StreamingRequest;
use kusto_ingest_core::{IngestionProperties, Retry, SourceId};

use crate::StreamingIngestClient;
use crate::outcome::Sent;

impl StreamingIngestClient {
    /// Sends a request until it is taken, or there is to be no other attempt, and counts.
    pub(crate) async fn send(
        &self,
        id: SourceId,
        properties: &IngestionProperties,
        request: &StreamingRequest,
    ) -> Sent {
        let (database, table) = (&properties.database, &properties.table);
        let (_, random) = id.as_uuid().as_u64_pair();
        let mut sends = Retry::new(&*self.retry, &*self.clock, random).start_sends(self.on_unknown);
        loop {
            let outcome = match self.endpoint.ingest(database, table, request).await {
                Ok(outcome) => {
                    let (records, activity) = (outcome.consumed_records, outcome.activity_id);
                    tracing::debug!(source = %id, ?records, ?activity, "streamed");
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
}
