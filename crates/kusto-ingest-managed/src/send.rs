//! Sends a source to streaming or to the queue: the one step that must not be repeated blindly.

use std::time::Duration;

use kusto_ingest_core::{
    Attempts, Error, ErrorKind, FallbackReason, IngestionProperties, OnUnknownOutcome, Receipt, Result,
    Source,
};

use crate::outcome::{EndedAttempts, settled};
use crate::{ManagedStreamingIngestClient, Outcome, Route};

impl ManagedStreamingIngestClient {
    /// Attempts until the policy has it otherwise.
    pub(crate) async fn stream(
        &self,
        source: Source,
        properties: &IngestionProperties,
        mut ended: EndedAttempts,
        attempts: &mut Attempts<'_>,
    ) -> Result<Receipt> {
        let name = match &properties.client_request_id {
            Some(name) => name.clone(),
            None => format!("KRC.executeManagedStreamingIngest;{}", source.id()),
        };
        loop {
            let named = properties
                .clone()
                .with_client_request_id(format!("{name};{}", ended.attempt.number));
            let given = settled(self.streaming.ingest_source(source.clone(), &named).await);
            ended.attempt = ended.attempt.at(&*self.clock);
            let error = match given {
                Ok(receipt) => {
                    self.policy.after(&ended.attempt, &Outcome::Streamed);
                    return ended.streamed(receipt);
                }
                Err(error) => error,
            };
            self.policy.after(&ended.attempt, &Outcome::Failed(error.clone()));
            match self.route_after(&error, &mut ended) {
                Route::Stream { after } => {
                    let (source_id, attempt) = (source.id(), ended.attempt.number);
                    tracing::debug!(%source_id, attempt, ?after, error = %error.chain(), "retrying streaming ingestion");
                    if let Err(late) = self.wait(attempts, after, properties).await {
                        return ended.failed(late.caused_by(error));
                    }
                }
                Route::Queue(reason) => return self.queue(source, properties, ended, reason).await,
                Route::Fail => {
                    let (made, elapsed) = (ended.attempt.number, attempts.elapsed());
                    return ended.failed(error.with_attempts(made, elapsed));
                }
            }
        }
    }

    /// Waits before an attempt, but no longer than there is time.
    pub(crate) async fn wait(
        &self,
        attempts: &mut Attempts<'_>,
        after: Duration,
        properties: &IngestionProperties,
    ) -> Result<()> {
        let wait = async {
            attempts.wait_for(after).await;
            Ok(())
        };
        self.in_time(properties, "wait before the next attempt", wait)
            .await
    }

    /// Does some work, but no longer than there is time.
    pub(crate) async fn in_time<T>(
        &self,
        properties: &IngestionProperties,
        operation: &'static str,
        work: impl Future<Output = Result<T>> + Send,
    ) -> Result<T> {
        match properties.deadline {
            None => work.await,
            Some(deadline) => deadline.run(&*self.clock, operation, work).await,
        }
    }

    /// The way of a source after an attempt that failed. Where the call would be over before the next one, it is the queue.
    fn route_after(&self, error: &Error, ended: &mut EndedAttempts) -> Route {
        ended.count(error, &*self.clock);
        if error.kind() == ErrorKind::OutcomeUnknown && self.on_unknown == OnUnknownOutcome::Report {
            return Route::Fail;
        }
        let left = ended.attempt.remaining.unwrap_or(Duration::MAX);
        match self.policy.before(&ended.attempt) {
            Route::Stream { after } if after >= left => {
                Route::Queue(FallbackReason::Exhausted { error: error.chain() })
            }
            route => route,
        }
    }

    /// Gives a source to the queue, for a reason, after the attempts that were made.
    pub(crate) async fn queue(
        &self,
        source: Source,
        properties: &IngestionProperties,
        ended: EndedAttempts,
        reason: FallbackReason,
    ) -> Result<Receipt> {
        let attempts = ended.attempt.number;
        tracing::info!(source_id = %source.id(), attempts, %reason, "falling back to queued ingestion");
        let given = settled(self.queued.ingest_source(source, properties).await);
        ended.queued(given, &reason)
    }
}
