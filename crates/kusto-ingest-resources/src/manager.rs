//! Keeps what the Data Management endpoint issues while it is good, and gives the healthiest account first.

mod command_retry;
mod service;

pub(crate) use command_retry::CommandRetry;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures::future::{BoxFuture, FutureExt};
use kusto_endpoint::ManagementEndpoint;
use kusto_ingest_core::{Cache, CallLimits, Clock, Fetched, Refresh, Result, RetryPolicy};
use kusto_ingest_message::IdentityToken;
use kusto_storage::ResourceUri;
use uuid::Uuid;

use crate::manager::service::{Issuer, OptionalResources, Service};
use crate::{IngestionResources, Outcome, RankedAccounts, ResourceProvider};

/// Asks the Data Management endpoint what it issues, and keeps the answer while it is good.
///
/// Nothing runs in the background. A caller that uses resources which are due for a refresh goes on with those that are
/// there, and drives the refresh meanwhile ([`drive_refresh`](kusto_ingest_core::drive_refresh)), once for all callers.
/// Resources are due after an hour, or 5 minutes before the first SAS expires. A refresh that fails is not noticed by
/// callers while some queue and some container have a valid SAS; resources whose SAS has expired are not given.
///
/// An answer that lacks a kind is kept for 10 s, and completed from the one before.
#[derive(Clone)]
pub struct ResourceManager(Arc<Inner>);

struct Inner {
    service: Service,
    random: Arc<dyn Fn() -> u64 + Send + Sync>,
    resources: Cache<Arc<IngestionResources>>,
    token: Cache<IdentityToken>,
    ranks: Mutex<RankedAccounts>,
}

impl ResourceManager {
    /// A manager that asks `endpoint`, which must be the Data Management (ingestion) endpoint.
    #[must_use]
    pub fn new(endpoint: Arc<dyn ManagementEndpoint>, clock: Arc<dyn Clock>) -> Self {
        let service = Service::new(Issuer::DataManagement, endpoint, clock);
        Self::assembled(service, Arc::new(random))
    }

    /// A manager of what an engine issues by [`.create tempstorage`](IngestionResources::TEMP_STORAGE_COMMAND): containers
    /// to upload into before a direct ingestion, where there is no Data Management endpoint, or it is not to be asked.
    /// It issues neither queues nor status tables, and knows no identity token.
    #[must_use]
    pub fn of_engine(endpoint: Arc<dyn ManagementEndpoint>, clock: Arc<dyn Clock>) -> Self {
        Self::assembled(Service::new(Issuer::Engine, endpoint, clock), Arc::new(random))
    }

    /// Another retry policy for commands. The default tries for up to 30 s; the [limit of
    /// time](RetryPolicy::max_elapsed) of a policy holds for a command with all attempts and waits.
    #[must_use]
    pub fn with_retry(self, retry: Arc<dyn RetryPolicy>) -> Self {
        self.asking(|service| Service { retry, ..service })
    }

    /// Other limits of one attempt at a command: of the whole call, 12 s by default.
    #[must_use]
    pub fn with_limits(self, limits: CallLimits) -> Self {
        self.asking(|service| Service { limits, ..service })
    }

    /// Fetches resources and the identity token again after this time, in place of an hour. What expires sooner is fetched
    /// sooner. Each fetch is a command to the endpoint, so a minute is short.
    #[must_use]
    pub fn with_refresh_interval(self, interval: Duration) -> Self {
        self.asking(|service| Service {
            refresh_every: interval,
            ..service
        })
    }

    /// Also uses resources at plain http addresses. Only for a service that was itself reached over plain http, such as
    /// an emulator: a service that was reached over https has no reason to issue them, but somebody who tampers with
    /// its answer has.
    #[must_use]
    pub fn with_plain_http(self) -> Self {
        self.asking(|service| Service {
            plain_http: OptionalResources::Accepted,
            ..service
        })
    }

    /// Also uses folders that are issued in place of containers. Only for a self-hosted service, and with a
    /// [`BlobStore`](kusto_storage::BlobStore) that writes files: the service then chooses where on this machine, or on
    /// its network, they are written.
    #[must_use]
    pub fn with_folders(self) -> Self {
        self.asking(|service| Service {
            folders: OptionalResources::Accepted,
            ..service
        })
    }

    /// Another source of random numbers, so that a test knows the order.
    #[must_use]
    pub fn with_random(self, random: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self::assembled(self.0.service.clone(), Arc::new(random))
    }

    fn asking(self, change: impl FnOnce(Service) -> Service) -> Self {
        Self::assembled(change(self.0.service.clone()), self.0.random.clone())
    }

    fn assembled(service: Service, random: Arc<dyn Fn() -> u64 + Send + Sync>) -> Self {
        Self(Arc::new(Inner {
            resources: Cache::new(service.clock.clone()),
            token: Cache::new(service.clock.clone()),
            service,
            random,
            ranks: Mutex::new(RankedAccounts::new()),
        }))
    }

    fn fetch_resources(&self) -> BoxFuture<'static, Result<Fetched<Arc<IngestionResources>>>> {
        let before = self.0.resources.peek();
        let service = self.0.service.clone();
        service.fetch_resources(before, (self.0.random)()).boxed()
    }

    fn fetch_token(&self) -> BoxFuture<'static, Result<Fetched<IdentityToken>>> {
        self.0.service.clone().fetch_token((self.0.random)()).boxed()
    }

    /// The valid resources, the healthiest account first.
    fn ranked(&self, issued: &IngestionResources) -> Arc<IngestionResources> {
        let clock = &self.0.service.clock;
        let served = issued.served_at(clock.now());
        Arc::new(self.ranks().ranked(&served, clock.monotonic(), (self.0.random)()))
    }

    fn ranks(&self) -> MutexGuard<'_, RankedAccounts> {
        self.0.ranks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl ResourceProvider for ResourceManager {
    async fn resources(&self) -> Result<Arc<IngestionResources>> {
        let issued = self.0.resources.get(|| self.fetch_resources()).await?;
        Ok(self.ranked(&issued))
    }

    fn peek(&self) -> Option<Arc<IngestionResources>> {
        self.0.resources.peek()
    }

    async fn identity_token(&self) -> Result<IdentityToken> {
        self.0.token.get(|| self.fetch_token()).await
    }

    fn refresh(&self) -> Refresh {
        let resources = self.0.resources.refresh(|| self.fetch_resources());
        resources.and(self.0.token.refresh(|| self.fetch_token()))
    }

    async fn renew(&self) -> Result<Arc<IngestionResources>> {
        let issued = self.0.resources.renew(|| self.fetch_resources()).await?;
        Ok(self.ranked(&issued))
    }

    fn report(&self, resource: &ResourceUri, outcome: Outcome) {
        let now = self.0.service.clock.monotonic();
        self.ranks().log(resource.account(), outcome, now);
    }
}

/// Random ids are random numbers, too.
pub(crate) fn random() -> u64 {
    Uuid::new_v4().as_u64_pair().1
}

impl fmt::Debug for ResourceManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceManager")
            .field("endpoint", &self.0.service.endpoint)
            .finish_non_exhaustive()
    }
}
