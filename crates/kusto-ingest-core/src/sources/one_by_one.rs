//! Sources that come one after the other, more of them than are to be held at once.

use std::fmt;

use futures_util::stream::{BoxStream, Stream, StreamExt as _};

use super::once::OnceTags;
use super::{LazySource, Sources};
use crate::{IngestClient, IngestionProperties, SourceResult};

/// How many tags for ingesting only once are remembered: one that is shared by mistake is shared by the first sources.
const MOST_TAGS: usize = 10_000;

/// Sources that come one after the other, such as the blobs of a container: no more of them are held than are under way.
///
/// Each goes its own way, as among [`Sources`]. As those before are forgotten, a source that comes twice is ingested
/// twice. What is remembered of them is 10,000 tags for ingesting only once, the first ones.
///
/// ```
/// # use futures_util::{StreamExt as _, stream};
/// # use kusto_ingest_core::{BlobSource, IngestClient, IngestionProperties, Result, SourceStream};
/// async fn ingest(client: &dyn IngestClient, addresses: Vec<String>) -> Result<()> {
///     let properties = IngestionProperties::into_table("Samples", "Weather")?;
///     let sources = stream::iter(addresses).filter_map(|address| async { BlobSource::parse(address).ok() });
///     let sources = SourceStream::new(sources.map(|blob| blob.into())).with_concurrency(32);
///     let mut results = std::pin::pin!(sources.ingest_each(client, &properties));
///     while let Some(result) = results.next().await {
///         println!("{}: {}", result.source_id, result.outcome.is_ok());
///     }
///     Ok(())
/// }
/// ```
pub struct SourceStream<'a> {
    sources: BoxStream<'a, LazySource<'a>>,
    concurrency: usize,
}

impl<'a> SourceStream<'a> {
    /// Sources that are taken when there is room for them, [8](Sources::CONCURRENCY) at a time.
    #[must_use]
    pub fn new(sources: impl Stream<Item = LazySource<'a>> + Send + 'a) -> Self {
        Self {
            sources: sources.boxed(),
            concurrency: Sources::CONCURRENCY,
        }
    }

    /// So many at a time; at least one.
    #[must_use]
    pub fn with_concurrency(self, sources: usize) -> Self {
        Self {
            concurrency: sources.max(1),
            ..self
        }
    }

    /// Ingests them as they come, and tells what became of each as soon as that is known, in the order in which they end.
    ///
    /// A source that shares a tag for ingesting only once ([`once_tags`](IngestionProperties::once_tags)) with one before it
    /// fails with [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), and is not opened: the service would skip it.
    ///
    /// # Cancel safety
    /// As [`Sources::ingest_each`].
    pub fn ingest_each<'c, C: IngestClient + ?Sized>(
        self,
        client: &'c C,
        properties: &'c IngestionProperties,
    ) -> impl Stream<Item = SourceResult> + Send + 'c
    where
        'a: 'c,
    {
        let mut once = OnceTags::of_at_most(MOST_TAGS);
        self.sources
            .map(move |source| {
                let refused = once.note(source.properties_or(properties)).err();
                async move {
                    match refused {
                        Some(error) => source.refused(error),
                        None => source.ingest(client, properties).await,
                    }
                }
            })
            .buffer_unordered(self.concurrency)
    }
}

impl fmt::Debug for SourceStream<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourceStream")
            .field("concurrency", &self.concurrency)
            .finish_non_exhaustive()
    }
}
