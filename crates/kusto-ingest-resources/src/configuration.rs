//! Keeps what the REST routes of the Data Management service offer, and gives the healthiest container first.

mod fetch;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use futures::future::{BoxFuture, FutureExt};
use kusto_endpoint::{IngestionConfiguration, QueuedEndpoint, UploadMethod};
use kusto_ingest_core::{Cache, Clock, Error, ErrorKind, Fetched, Refresh, Result, RetryPolicy};
use kusto_ingest_message::IdentityToken;
use kusto_storage::ResourceUri;

use self::fetch::{Fetching, Offer, PlainHttp};
use crate::manager::random;
use crate::{IngestionResources, Outcome, RankedAccounts, ResourceProvider};

/// Asks the REST routes of the Data Management service what they offer, and keeps the answer while it is good: for as long
/// as the service says, an hour at most, and no longer than until 5 minutes before the first SAS expires.
///
/// As with [`ResourceManager`](crate::ResourceManager), nothing runs in the background, and a refresh that fails is not
/// noticed while some container has a valid SAS. A service that does not offer the routes is asked again after ten minutes.
///
/// It issues containers alone, or folders of OneLake in their place: of both, the kind that was
/// [chosen](Self::with_upload_method), else the one that the service prefers.
#[derive(Clone)]
pub struct ConfigurationManager(Arc<Inner>);

struct Inner {
    fetching: Fetching,
    offer: Cache<Offer>,
    ranks: Mutex<RankedAccounts>,
}

impl ConfigurationManager {
    /// A manager that asks `endpoint`, which must be the Data Management (ingestion) endpoint.
    #[must_use]
    pub fn new(endpoint: Arc<dyn QueuedEndpoint>, clock: Arc<dyn Clock>) -> Self {
        Self::assembled(Fetching::new(endpoint, clock))
    }

    /// Another retry policy. The default tries for up to 30 s.
    #[must_use]
    pub fn with_retry(self, retry: Arc<dyn RetryPolicy>) -> Self {
        self.fetching(|fetching| Fetching { retry, ..fetching })
    }

    /// Uploads into this kind of storage where the service issues both.
    #[must_use]
    pub fn with_upload_method(self, method: UploadMethod) -> Self {
        self.fetching(|fetching| Fetching {
            method: Some(method),
            ..fetching
        })
    }

    /// Also uses containers at plain http addresses. Only for a service that was itself reached over plain http, such as
    /// an emulator.
    #[must_use]
    pub fn with_plain_http(self) -> Self {
        self.fetching(|fetching| Fetching {
            plain_http: PlainHttp::Accepted,
            ..fetching
        })
    }

    /// What is offered.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] with the code [`IngestionConfiguration::NOT_SUPPORTED`] where the service has no such
    /// routes; that of the endpoint, where nothing is known that serves.
    ///
    /// # Cancel safety
    /// Dropping the future drops the question, unless somebody else waits for it.
    pub async fn configuration(&self) -> Result<Arc<IngestionConfiguration>> {
        let offer = self.0.offer.get(|| self.fetch()).await?;
        offer.configuration()
    }

    /// What is offered, as far as it is in memory, fresh or not; `None` where it is not.
    #[must_use]
    pub fn known(&self) -> Option<Result<Arc<IngestionConfiguration>>> {
        self.0.offer.peek().map(|offer| offer.configuration())
    }

    /// Forgets what was offered, because the service does not keep to it.
    pub fn forget(&self) {
        self.0.offer.invalidate();
    }

    fn fetching(self, change: impl FnOnce(Fetching) -> Fetching) -> Self {
        Self::assembled(change(self.0.fetching.clone()))
    }

    fn assembled(fetching: Fetching) -> Self {
        Self(Arc::new(Inner {
            offer: Cache::new(fetching.clock.clone()),
            fetching,
            ranks: Mutex::new(RankedAccounts::new()),
        }))
    }

    fn fetch(&self) -> BoxFuture<'static, Result<Fetched<Offer>>> {
        self.0.fetching.clone().fetch(random()).boxed()
    }

    /// The valid containers, the healthiest account first.
    fn ranked(&self, offer: &Offer) -> Result<Arc<IngestionResources>> {
        let clock = &self.0.fetching.clock;
        let issued = offer.containers()?;
        let served = issued.served_at(clock.now());
        Ok(Arc::new(self.ranks().ranked(
            &served,
            clock.monotonic(),
            random(),
        )))
    }

    fn ranks(&self) -> MutexGuard<'_, RankedAccounts> {
        self.0.ranks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl ResourceProvider for ConfigurationManager {
    async fn resources(&self) -> Result<Arc<IngestionResources>> {
        self.ranked(&self.0.offer.get(|| self.fetch()).await?)
    }

    fn peek(&self) -> Option<Arc<IngestionResources>> {
        self.0.offer.peek()?.containers().ok()
    }

    async fn identity_token(&self) -> Result<IdentityToken> {
        Err(Error::new(ErrorKind::Unsupported, "ask for the identity token")
            .because("the REST routes need none: whoever asks them has signed in"))
    }

    fn refresh(&self) -> Refresh {
        self.0.offer.refresh(|| self.fetch())
    }

    async fn renew(&self) -> Result<Arc<IngestionResources>> {
        self.ranked(&self.0.offer.renew(|| self.fetch()).await?)
    }

    fn report(&self, resource: &ResourceUri, outcome: Outcome) {
        let now = self.0.fetching.clock.monotonic();
        self.ranks().log(resource.account(), outcome, now);
    }
}

impl fmt::Debug for ConfigurationManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfigurationManager")
            .field("endpoint", &self.0.fetching.endpoint)
            .finish_non_exhaustive()
    }
}
