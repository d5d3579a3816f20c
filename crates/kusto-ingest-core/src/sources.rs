//! Several sources in one call: each on its own, a few at a time.

use std::collections::{BTreeSet, HashSet};

use url::{Url, form_urlencoded};

use crate::at_most::at_most;
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

    /// Ingests them all, and tells what became of each.
    ///
    /// Two sources of the same identity and chunk, or two blobs of the same address, are taken for a mistake: all
    /// fail then, with [`ErrorKind::InvalidInput`], and the client is not asked. Of the query of an address only the
    /// snapshot (`snapshot`) and the version (`versionid`, `versionId`) count: these are blobs of their own.
    ///
    /// # Cancel safety
    /// As [`IngestClient`]: sources that were under way may or may not be ingested, those before are.
    pub async fn ingest_with<C: IngestClient + ?Sized>(
        self,
        client: &C,
        properties: &IngestionProperties,
    ) -> AggregateResult {
        if let Err(error) = refuse_duplicates(&self.sources) {
            return self.all_refused(&error);
        }
        let each = self.sources.into_iter().map(|source| async {
            let (id, name) = (source.id(), source.name().map(str::to_owned));
            SourceResult::new(id, name, client.ingest(source, properties).await)
        });
        AggregateResult::new(at_most(self.concurrency, each).await)
    }

    fn all_refused(&self, error: &Error) -> AggregateResult {
        let refused = |source: &Source| {
            let name = source.name().map(str::to_owned);
            SourceResult::new(source.id(), name, Err(error.clone()))
        };
        self.sources.iter().map(refused).collect()
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
