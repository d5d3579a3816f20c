//! Several sources in one call: each on its own, a few at a time.

mod duplicates;
mod lazy;
mod once;
mod one_by_one;

pub use duplicates::refuse_duplicates;
pub use lazy::LazySource;
pub use one_by_one::SourceStream;

use futures_util::stream::{self, Stream, StreamExt as _};

use crate::sources::duplicates::Seen;
use crate::{AggregateResult, IngestClient, IngestionProperties, Result, Source, SourceResult};

/// Several sources, to be ingested in one call.
///
/// Each is ingested by itself: one that fails holds up none of the others, and the results come in the order given. A
/// few are under way at a time, within the future that the call returns.
///
/// ```
/// # use kusto_ingest_core::{IngestClient, IngestionProperties, Result, Source, Sources};
/// async fn ingest(client: &dyn IngestClient, sources: Vec<Source>) -> Result<()> {
///     let properties = IngestionProperties::into_table("Samples", "Weather")?;
///     let result = Sources::new(sources).with_concurrency(32).ingest_with(client, &properties).await;
///     for failed in result.errors() {
///         eprintln!("{}", failed.chain());
///     }
///     result.into_result()?; // one error, if there was any
///     Ok(())
/// }
/// ```
#[doc(alias = "IngestFromMultipleBlobs")]
#[doc(alias = "IngestFromMultipleFiles")]
#[derive(Debug)]
pub struct Sources<'a> {
    sources: Vec<LazySource<'a>>,
    concurrency: usize,
}

impl<'a> Sources<'a> {
    /// How many sources are under way at a time by default.
    pub const CONCURRENCY: usize = 8;

    /// Sources that go into one table, [8](Self::CONCURRENCY) at a time.
    #[must_use]
    pub fn new(sources: impl IntoIterator<Item: Into<Source>>) -> Self {
        Self::from_each(sources.into_iter().map(|source| LazySource::from(source.into())))
    }

    /// Sources that are opened when their turn comes, [8](Self::CONCURRENCY) at a time.
    #[must_use]
    pub fn from_each(sources: impl IntoIterator<Item = LazySource<'a>>) -> Self {
        Self {
            sources: sources.into_iter().collect(),
            concurrency: Self::CONCURRENCY,
        }
    }

    /// So many at a time; at least one.
    #[doc(alias = "MaxDegreeOfParallelism")]
    #[must_use]
    pub fn with_concurrency(self, sources: usize) -> Self {
        Self {
            concurrency: sources.max(1),
            ..self
        }
    }

    /// Ingests them all, and tells what became of each as soon as that is known, in the order in which they end.
    ///
    /// A source that is given twice is taken for a mistake, as [`refuse_duplicates`] tells: all fail then, with
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), none is opened, and the client is not asked. Of a
    /// source that is opened when its turn comes, only the identity is known in time. So it is with several sources that
    /// share a tag for ingesting only once ([`once_tags`](IngestionProperties::once_tags)): only the first would arrive.
    ///
    /// # Cancel safety
    /// Nothing is under way but while the stream is polled. Dropping it ends what is under way: a source that was not told
    /// of may or may not be ingested, and those that had not begun are not.
    pub fn ingest_each<'c, C: IngestClient + ?Sized>(
        self,
        client: &'c C,
        properties: &'c IngestionProperties,
    ) -> impl Stream<Item = SourceResult> + Send + 'c
    where
        'a: 'c,
    {
        self.numbered(client, properties).map(|(_, result)| result)
    }

    /// Ingests them all, and tells what became of each, in the order given.
    ///
    /// It is [`ingest_each`](Self::ingest_each) to its end: the same is refused.
    ///
    /// # Cancel safety
    /// As [`IngestClient`]: sources that were under way may or may not be ingested, those before are.
    pub async fn ingest_with<C: IngestClient + ?Sized>(
        self,
        client: &C,
        properties: &IngestionProperties,
    ) -> AggregateResult {
        let mut results: Vec<_> = self.numbered(client, properties).collect().await;
        results.sort_by_key(|(place, _)| *place);
        results.into_iter().map(|(_, result)| result).collect()
    }

    /// What became of each, with its place in the order given.
    fn numbered<'c, C: IngestClient + ?Sized>(
        self,
        client: &'c C,
        properties: &'c IngestionProperties,
    ) -> impl Stream<Item = (usize, SourceResult)> + Send + 'c
    where
        'a: 'c,
    {
        let refused = self.refuse_duplicates(properties).err();
        let each = self.sources.into_iter().enumerate().map(move |(place, source)| {
            let refused = refused.clone();
            async move {
                let result = match refused {
                    Some(error) => source.refused(error),
                    None => source.ingest(client, properties).await,
                };
                (place, result)
            }
        });
        stream::iter(each).buffer_unordered(self.concurrency)
    }

    fn refuse_duplicates(&self, properties: &IngestionProperties) -> Result<()> {
        let mut seen = Seen::default();
        self.sources
            .iter()
            .try_for_each(|source| seen.note(source.key(), source.properties_or(properties)))
    }
}
