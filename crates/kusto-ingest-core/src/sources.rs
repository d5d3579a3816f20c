//! Several sources in one call: each on its own, a few at a time.

use std::collections::{BTreeSet, HashSet};

use futures_util::stream::{self, Stream, StreamExt as _};
use url::{Url, form_urlencoded};

use crate::{
    AggregateResult, BlobUri, Error, ErrorKind, IngestClient, IngestionProperties, Result, Source,
    SourceResult,
};

/// Several sources, to be ingested in one call.
///
/// Each goes its own way: one that fails holds up none of the others, and what became of each is told in the order
/// given. A few are under way at a time, within the future that the call returns.
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
#[derive(Clone, Debug)]
pub struct Sources {
    sources: Vec<Source>,
    concurrency: usize,
}

impl Sources {
    /// How many sources are under way at a time by default.
    pub const CONCURRENCY: usize = 8;

    /// Sources that go into one table, [8](Self::CONCURRENCY) at a time.
    #[must_use]
    pub fn new(sources: impl IntoIterator<Item: Into<Source>>) -> Self {
        Self {
            sources: sources.into_iter().map(Into::into).collect(),
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
    /// Two sources of the same identity and chunk, or two blobs of the same address, are taken for a mistake: all
    /// fail then, with [`ErrorKind::InvalidInput`], and the client is not asked. Of the query of an address only the
    /// snapshot (`snapshot`) and the version (`versionid`, `versionId`) count: these are blobs of their own.
    ///
    /// # Cancel safety
    /// Nothing is under way but while the stream is polled. Dropping it ends what is under way: a source that was not told
    /// of may or may not be ingested, and those that had not begun are not.
    pub fn ingest_each<'a, C: IngestClient + ?Sized>(
        self,
        client: &'a C,
        properties: &'a IngestionProperties,
    ) -> impl Stream<Item = SourceResult> + Send + 'a {
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
    fn numbered<'a, C: IngestClient + ?Sized>(
        self,
        client: &'a C,
        properties: &'a IngestionProperties,
    ) -> impl Stream<Item = (usize, SourceResult)> + Send + 'a {
        let refused = refuse_duplicates(&self.sources).err();
        let each = self.sources.into_iter().enumerate().map(move |(place, source)| {
            let refused = refused.clone();
            async move {
                let (id, name) = (source.id(), source.name().map(str::to_owned));
                let outcome = match refused {
                    Some(error) => Err(error),
                    None => client.ingest(source, properties).await,
                };
                (place, SourceResult::new(id, name, outcome))
            }
        });
        stream::iter(each).buffer_unordered(self.concurrency)
    }
}

fn refuse_duplicates(sources: &[Source]) -> Result<()> {
    let refuse = |reason: String| {
        Err(Error::new(ErrorKind::InvalidInput, "ingest several sources in one call").because(reason))
    };
    let (mut identities, mut addresses) = (HashSet::new(), HashSet::new());
    for source in sources {
        if !identities.insert((source.id(), chunk_of(source))) {
            return refuse(format!("two of them have the identity {}", source.id()));
        }
        if let Source::Blob(blob) = source
            && !addresses.insert(identity_of(blob.uri()))
        {
            return refuse(format!("two of them are the blob {}", blob.uri()));
        }
    }
    Ok(())
}

fn chunk_of(source: &Source) -> Option<u32> {
    match source {
        Source::Local(local) => local.chunk(),
        Source::Blob(_) => None,
    }
}

/// An address as everybody would spell it, without what opens it: hosts have no case, ports may go without saying, and
/// of the query only snapshot and version tell one blob from another.
fn identity_of(blob: &BlobUri) -> (String, BTreeSet<(String, String)>) {
    let place = blob.redacted();
    let place = Url::parse(place).map_or_else(|_| place.to_owned(), String::from);
    let moments = ["snapshot", "versionid"];
    let moments = form_urlencoded::parse(blob.query().as_bytes())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.into_owned()))
        .filter(|(name, _)| moments.contains(&name.as_str()));
    (place, moments.collect())
}
