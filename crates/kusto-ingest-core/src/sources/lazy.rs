//! A source among several that is opened when its turn comes.

use std::borrow::Borrow;
use std::fmt;
use std::future::{Future, ready};
use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};

use super::duplicates::Key;
use crate::{Error, IngestClient, IngestionProperties, Receipt, Result, Source, SourceId, SourceResult};

/// A source among several that is opened when its turn comes, so that no more are open than are under way. A source that
/// is open already is one, too.
///
/// ```
/// # use kusto_ingest_core::{LazySource, LocalSource, Result, SourceId, Sources};
/// # async fn download(address: &str) -> Result<LocalSource> { Ok(LocalSource::from_bytes(address.to_owned())) }
/// let sources = ["https://example.com/1.csv", "https://example.com/2.csv"].map(|address| {
///     let source = async move { Ok(download(address).await?.into()) };
///     LazySource::new(SourceId::random(), source).with_name(address)
/// });
/// let sources = Sources::from_each(sources).with_concurrency(2);
/// ```
pub struct LazySource<'a> {
    key: Key,
    name: Option<String>,
    open: BoxFuture<'a, Result<Source>>,
    properties: Option<Properties<'a>>,
    on_accepted: Option<OnAccepted<'a>>,
}

/// Properties of a source's own.
enum Properties<'a> {
    Borrowed(&'a IngestionProperties),
    Shared(Arc<IngestionProperties>),
}

/// What is done once a source is accepted.
type OnAccepted<'a> = Box<dyn FnOnce(Receipt) -> BoxFuture<'a, Result<()>> + Send + 'a>;

impl<'a> LazySource<'a> {
    /// A source that is ingested under this identity, whatever identity it is opened with. The future is polled when its
    /// turn comes; an error of it is what becomes of the source.
    #[must_use]
    pub fn new(id: SourceId, open: impl Future<Output = Result<Source>> + Send + 'a) -> Self {
        Self {
            key: Key::of_id(id),
            name: None,
            open: open.boxed(),
            properties: None,
            on_accepted: None,
        }
    }

    /// What it is called in its result, and in its error. It must hold no secret.
    #[must_use]
    pub fn with_name(self, name: impl Into<String>) -> Self {
        Self {
            name: Some(name.into()),
            ..self
        }
    }

    /// Ingests it with these properties, rather than with those of the call.
    #[must_use]
    pub fn with_properties(self, properties: &'a IngestionProperties) -> Self {
        Self {
            properties: Some(Properties::Borrowed(properties)),
            ..self
        }
    }

    /// The same, with properties that it holds a share of: those of one source among very many.
    #[must_use]
    pub fn with_shared_properties(self, properties: Arc<IngestionProperties>) -> Self {
        Self {
            properties: Some(Properties::Shared(properties)),
            ..self
        }
    }

    /// Calls this once the source is accepted, before its result is told: an error of it is a warning of the result. The
    /// source counts as under way until then.
    #[must_use]
    pub fn with_on_accepted<F>(self, on_accepted: impl FnOnce(Receipt) -> F + Send + 'a) -> Self
    where
        F: Future<Output = Result<()>> + Send + 'a,
    {
        Self {
            on_accepted: Some(Box::new(|receipt| on_accepted(receipt).boxed())),
            ..self
        }
    }

    /// Its identity.
    #[must_use]
    pub fn id(&self) -> SourceId {
        self.key.id
    }

    pub(super) fn key(&self) -> &Key {
        &self.key
    }

    pub(super) fn properties_or<'p>(&'p self, of_call: &'p IngestionProperties) -> &'p IngestionProperties {
        self.properties.as_ref().map_or(of_call, Borrow::borrow)
    }

    /// What becomes of it by a client, with the properties of the call where it has none of its own.
    pub(super) async fn ingest<C: IngestClient + ?Sized>(
        self,
        client: &C,
        properties: &IngestionProperties,
    ) -> SourceResult {
        let id = self.key.id;
        let properties = self.properties.as_ref().map_or(properties, Borrow::borrow);
        let outcome = match self.open.await {
            Ok(source) => client.ingest_source(source.with_id(id), properties).await,
            Err(error) => Err(error),
        };
        let done = match (&outcome, self.on_accepted) {
            (Ok(receipt), Some(on_accepted)) => on_accepted(receipt.clone()).await,
            _ => Ok(()),
        };
        let result = SourceResult::new(id, self.name, outcome);
        match done {
            Ok(()) => result,
            Err(warning) => result.with_warning(warning),
        }
    }

    /// What becomes of it where the call is refused.
    pub(super) fn refused(self, error: Error) -> SourceResult {
        SourceResult::new(self.key.id, self.name, Err(error))
    }
}

impl Borrow<IngestionProperties> for Properties<'_> {
    fn borrow(&self) -> &IngestionProperties {
        match self {
            Self::Borrowed(properties) => properties,
            Self::Shared(properties) => properties,
        }
    }
}

impl<S: Into<Source>> From<S> for LazySource<'_> {
    fn from(source: S) -> Self {
        let source = source.into();
        Self {
            key: Key::of(&source),
            name: source.name().map(str::to_owned),
            ..Self::new(source.id(), ready(Ok(source)))
        }
    }
}

impl fmt::Debug for LazySource<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LazySource")
            .field("id", &self.key.id)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
