//! Asks the Data Management endpoint what it lends, and keeps the answer while it is good.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures::future::{BoxFuture, FutureExt};
use kusto_endpoint::{Dataset, ManagementEndpoint, RequestProperties};
use kusto_ingest_core::{
    Cache, Clock, DatabaseName, Error, ErrorKind, ExponentialRetry, Fetched, Refresh, Result, Retry,
    RetryPolicy,
};
use kusto_ingest_message::IdentityToken;
use kusto_storage::ResourceUri;
use uuid::Uuid;

use crate::{IngestionResources, Outcome, RankedAccounts, ResourceProvider};

/// How long resources and the token serve before they are fetched again.
const REFRESH_EVERY: Duration = Duration::from_secs(60 * 60);

/// How long before its expiry a signature is replaced.
const BEFORE_EXPIRY: Duration = Duration::from_secs(5 * 60);

/// Asks the Data Management endpoint what it lends, and keeps the answer while it is good.
///
/// Nothing runs in the background: whoever needs resources that are due for a refresh fetches them, once for all
/// who wait, and while older ones are still valid the others go on with those. A refresh that fails is not noticed
/// by callers until the last signature has expired.
#[derive(Clone)]
pub struct ResourceManager(Arc<Inner>);

struct Inner {
    service: Service,
    chance: Box<dyn Fn() -> u64 + Send + Sync>,
    resources: Cache<Arc<IngestionResources>>,
    token: Cache<IdentityToken>,
    ranks: Mutex<RankedAccounts>,
}

/// What it takes to ask the service; cheap to clone into a fetch.
#[derive(Clone)]
struct Service {
    lender: Lender,
    endpoint: Arc<dyn ManagementEndpoint>,
    clock: Arc<dyn Clock>,
    retry: Arc<dyn RetryPolicy>,
    plain_http: Lent,
    folders: Lent,
}

/// Who lends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lender {
    /// Containers, queues and tables, and who we are.
    DataManagement,
    /// Containers alone.
    Engine,
}

/// Whether resources of a kind that is not for everybody are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lent {
    Refused,
    Accepted,
}

impl ResourceManager {
    /// A manager that asks `endpoint`, which must be the Data Management (ingestion) endpoint.
    #[must_use]
    pub fn new(endpoint: Arc<dyn ManagementEndpoint>, clock: Arc<dyn Clock>) -> Self {
        Self::asking(Lender::DataManagement, endpoint, clock)
    }

    /// A manager of what an engine lends by [`.create tempstorage`](IngestionResources::TEMP_STORAGE_COMMAND): containers
    /// to upload into before a direct ingestion, where there is no Data Management endpoint, or it is not to be asked.
    /// It lends neither queues nor status tables, and knows no identity token.
    #[must_use]
    pub fn of_engine(endpoint: Arc<dyn ManagementEndpoint>, clock: Arc<dyn Clock>) -> Self {
        Self::asking(Lender::Engine, endpoint, clock)
    }

    fn asking(lender: Lender, endpoint: Arc<dyn ManagementEndpoint>, clock: Arc<dyn Clock>) -> Self {
        Self::assembled(
            Service {
                lender,
                endpoint,
                clock,
                retry: Arc::new(ExponentialRetry::new(4)),
                plain_http: Lent::Refused,
                folders: Lent::Refused,
            },
            Box::new(random),
        )
    }

    /// Another policy for asking again; the default makes four attempts.
    #[must_use]
    pub fn with_retry(self, retry: Arc<dyn RetryPolicy>) -> Self {
        Self::assembled(
            Service {
                retry,
                ..self.0.service.clone()
            },
            Box::new(random),
        )
    }

    /// Also uses what is lent over plain http. Only for a service that was itself reached over plain http, such as
    /// an emulator: one that was reached over https has no reason to lend it, and whoever changed its answer has.
    #[must_use]
    pub fn accepting_plain_http(self) -> Self {
        let service = Service {
            plain_http: Lent::Accepted,
            ..self.0.service.clone()
        };
        Self::assembled(service, Box::new(random))
    }

    /// Also uses folders that are lent in place of containers. Only for a service of one's own, and with a
    /// [`BlobStore`](kusto_storage::BlobStore) that writes files: the service then chooses where on this machine, or on
    /// its network, they are written.
    #[must_use]
    pub fn accepting_folders(self) -> Self {
        let service = Service {
            folders: Lent::Accepted,
            ..self.0.service.clone()
        };
        Self::assembled(service, Box::new(random))
    }

    /// Another source of chance, so that a test knows the order.
    #[must_use]
    pub fn with_chance(self, chance: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self::assembled(self.0.service.clone(), Box::new(chance))
    }

    fn assembled(service: Service, chance: Box<dyn Fn() -> u64 + Send + Sync>) -> Self {
        Self(Arc::new(Inner {
            resources: Cache::new(service.clock.clone()),
            token: Cache::new(service.clock.clone()),
            service,
            chance,
            ranks: Mutex::new(RankedAccounts::new()),
        }))
    }

    async fn cached_resources(&self) -> Result<Arc<IngestionResources>> {
        self.0.resources.get(|| self.fetch_resources()).await
    }

    fn fetch_resources(&self) -> BoxFuture<'static, Result<Fetched<Arc<IngestionResources>>>> {
        self.0.service.clone().fetch_resources((self.0.chance)()).boxed()
    }

    fn fetch_token(&self) -> BoxFuture<'static, Result<Fetched<IdentityToken>>> {
        self.0.service.clone().fetch_token((self.0.chance)()).boxed()
    }

    /// The valid ones of what was issued, the healthiest account first.
    fn ranked(&self, lent: &Arc<IngestionResources>) -> Arc<IngestionResources> {
        let now = self.0.service.clock.now();
        let valid = lent.valid_at(now);
        let lent = if valid.is_empty() { lent.as_ref() } else { &valid };
        let chance = (self.0.chance)();
        let mut ranks = self.ranks();
        ranks.keep(lent.ranked_accounts(), now);
        let mut order = |list: &[ResourceUri]| ranks.ordered(list, now, chance);
        Arc::new(lent.reordered(&mut order))
    }

    fn ranks(&self) -> MutexGuard<'_, RankedAccounts> {
        self.0.ranks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl ResourceProvider for ResourceManager {
    async fn resources(&self) -> Result<Arc<IngestionResources>> {
        Ok(self.ranked(&self.cached_resources().await?))
    }

    async fn identity_token(&self) -> Result<IdentityToken> {
        self.0.token.get(|| self.fetch_token()).await
    }

    fn refresh(&self) -> Refresh {
        let resources = self.0.resources.refresh(|| self.fetch_resources());
        resources.and(self.0.token.refresh(|| self.fetch_token()))
    }

    async fn renew(&self) -> Result<Arc<IngestionResources>> {
        let renewed = self.0.resources.renew(|| self.fetch_resources()).await?;
        Ok(self.ranked(&renewed))
    }

    fn report(&self, resource: &ResourceUri, outcome: Outcome) {
        let now = self.0.service.clock.now();
        self.ranks()
            .log(resource.account(), outcome == Outcome::Success, now);
    }
}

impl Service {
    async fn fetch_resources(self, chance: u64) -> Result<Fetched<Arc<IngestionResources>>> {
        let mut lent = match self.lender {
            Lender::DataManagement => {
                let answer = self.ask(IngestionResources::COMMAND, chance).await?;
                IngestionResources::from_dataset(&answer)?
            }
            Lender::Engine => {
                let answer = self.ask(IngestionResources::TEMP_STORAGE_COMMAND, chance).await?;
                IngestionResources::from_temp_storage(&answer)?
            }
        };
        if self.plain_http == Lent::Refused {
            lent = lent.encrypted();
        }
        if self.folders == Lent::Refused {
            lent = lent.without_folders();
        }
        let now = self.clock.now();
        let expiry = lent.first_expiry();
        let good_for = expiry.map_or(REFRESH_EVERY, |expiry| {
            expiry.since(now).saturating_sub(BEFORE_EXPIRY)
        });
        let fetched = Fetched::new(Arc::new(lent), good_for.min(REFRESH_EVERY));
        Ok(fetched.with_valid_until(expiry))
    }

    async fn fetch_token(self, chance: u64) -> Result<Fetched<IdentityToken>> {
        if self.lender == Lender::Engine {
            return Err(Error::new(ErrorKind::Unsupported, "ask for the identity token")
                .because("an engine gives none; ask the Data Management endpoint"));
        }
        let answer = self.ask(IDENTITY_COMMAND, chance).await?;
        Ok(Fetched::new(token_of(&answer)?, REFRESH_EVERY))
    }

    /// One command, asked again as the policy has it: they read, or make a container that nobody misses.
    async fn ask(&self, command: &'static str, chance: u64) -> Result<Dataset> {
        let database = &DatabaseName::net_default();
        let ask = || async {
            self.endpoint
                .execute(database, command, &RequestProperties::new())
                .await
        };
        let answer = Retry::new(&*self.retry, &*self.clock, chance)
            .run(|_| ask())
            .await;
        answer.map_err(|error| refused(self.lender, command, error))
    }
}

/// The command that asks for the identity token, of the Data Management endpoint.
const IDENTITY_COMMAND: &str = ".get kusto identity token";

fn token_of(answer: &Dataset) -> Result<IdentityToken> {
    let refuse = |why: &'static str| Error::new(ErrorKind::Protocol, "read the identity token").because(why);
    let table = answer
        .primary()
        .ok_or_else(|| refuse("the answer has no table"))?;
    let place = table.column("AuthorizationContext").unwrap_or(0);
    match table.rows.as_slice() {
        [row] => IdentityToken::parse(
            row.get(place)
                .and_then(|value| value.as_str())
                .unwrap_or_default(),
        ),
        _ => Err(refuse("the answer has not exactly one row")),
    }
}

/// What the service said, under the heading of what was asked.
fn refused(asked: Lender, command: &'static str, cause: Error) -> Error {
    let operation = match asked {
        Lender::DataManagement => "ask the Data Management endpoint",
        Lender::Engine => "ask the engine for temporary storage",
    };
    cause.during(operation).with("command", command)
}

fn random() -> u64 {
    Uuid::new_v4().as_u64_pair().1
}

impl fmt::Debug for ResourceManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceManager")
            .field("endpoint", &self.0.service.endpoint)
            .finish_non_exhaustive()
    }
}
