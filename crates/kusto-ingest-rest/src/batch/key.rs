//! What sources of one request have in common.

use kusto_ingest_core::{Clock, DataFormat, IngestionProperties, RuntimeId, Source};

/// What sources of one request have in common.
#[derive(Debug, PartialEq)]
pub(crate) struct GroupKey {
    pub(crate) properties: IngestionProperties,
    pub(crate) format: DataFormat,
    /// Whether the service keeps the blobs.
    retained: bool,
    /// Where they wait. A request stands still with the runtime on which it began.
    runtime: Option<RuntimeId>,
}

impl GroupKey {
    pub(crate) fn of(
        source: &Source,
        properties: &IngestionProperties,
        format: DataFormat,
        clock: &dyn Clock,
    ) -> Self {
        Self {
            // By when it has to end is a matter of each source.
            properties: properties.clone().with_deadline(None),
            format,
            retained: match source {
                Source::Local(_) => true,
                Source::Blob(blob) => blob.is_retained(),
            },
            runtime: clock.runtime(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use async_trait::async_trait;
    use kusto_ingest_core::{LocalSource, Timestamp};

    use super::*;

    /// Each time it is asked, the caller is on another runtime.
    #[derive(Debug, Default)]
    struct Elsewhere(AtomicU32);

    #[async_trait]
    impl Clock for Elsewhere {
        fn now(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH
        }

        fn monotonic(&self) -> Duration {
            Duration::ZERO
        }

        async fn sleep(&self, _: Duration) {}

        fn runtime(&self) -> Option<RuntimeId> {
            Some(RuntimeId::of(&self.0.fetch_add(1, Ordering::SeqCst)))
        }
    }

    #[test]
    fn sources_of_two_runtimes_share_no_request() {
        let source = LocalSource::from_bytes("1\n").into();
        let properties = IngestionProperties::into_table("D", "T").expect("names");
        let clock = Elsewhere::default();
        let key = || GroupKey::of(&source, &properties, DataFormat::Csv, &clock);
        assert_ne!(key(), key());
    }
}
