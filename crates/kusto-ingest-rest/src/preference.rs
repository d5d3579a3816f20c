//! Which way is tried first: as the service prefers, unless that way has just failed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kusto_endpoint::IngestionMethod;
use kusto_ingest_core::{Clock, Deadline, within};
use kusto_ingest_resources::ConfigurationManager;

/// How long a way that failed is not tried first, and a service is not asked again that could not say what it prefers.
const PAUSE: Duration = Duration::from_secs(60);

/// How long a source waits for the service to say what it prefers, where that is not known. Never longer than a quarter of
/// its deadline.
const WAIT: Duration = Duration::from_secs(5);

/// What has been learned of the ways. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Preference(Arc<Mutex<Learned>>);

/// Until when, on the monotonic side of the clock.
#[derive(Debug, Default)]
struct Learned {
    queue_avoided: Duration,
    rest_avoided: Duration,
    not_asked: Duration,
}

impl Preference {
    /// The way to try first.
    pub(crate) async fn method(
        &self,
        clock: &dyn Clock,
        configuration: &ConfigurationManager,
        deadline: Option<Deadline>,
    ) -> IngestionMethod {
        let preferred = self.preferred(clock, configuration, deadline).await;
        let now = clock.monotonic();
        let learned = self.learned();
        match (preferred, learned.queue_avoided > now, learned.rest_avoided > now) {
            (IngestionMethod::Queue, true, false) => IngestionMethod::Rest,
            (IngestionMethod::Rest, false, true) => IngestionMethod::Queue,
            (preferred, ..) => preferred,
        }
    }

    /// This way has failed.
    pub(crate) fn avoid(&self, method: IngestionMethod, clock: &dyn Clock) {
        let until = clock.monotonic().saturating_add(PAUSE);
        let mut learned = self.learned();
        match method {
            IngestionMethod::Queue => learned.queue_avoided = until,
            IngestionMethod::Rest => learned.rest_avoided = until,
        }
    }

    /// What the service prefers; the queues where it does not say, or cannot be asked.
    async fn preferred(
        &self,
        clock: &dyn Clock,
        configuration: &ConfigurationManager,
        deadline: Option<Deadline>,
    ) -> IngestionMethod {
        if configuration.known().is_none() && self.learned().not_asked > clock.monotonic() {
            return IngestionMethod::Queue;
        }
        let wait = deadline.map_or(WAIT, |end| WAIT.min(end.remaining(clock) / 4));
        let asked = within(
            clock,
            wait,
            "ask what the service prefers",
            configuration.configuration(),
        )
        .await;
        match asked {
            Ok(configuration) => configuration
                .preferred_ingestion
                .unwrap_or(IngestionMethod::Queue),
            Err(error) => {
                tracing::debug!(error = %error.chain(), "the service does not say what it prefers");
                self.learned().not_asked = clock.monotonic().saturating_add(PAUSE);
                IngestionMethod::Queue
            }
        }
    }

    fn learned(&self) -> MutexGuard<'_, Learned> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
