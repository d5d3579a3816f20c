//! The commands to the service that issues resources: which, within which limits, and how the answers are read.

use std::sync::Arc;
use std::time::Duration;

use kusto_endpoint::{Dataset, ManagementEndpoint, RequestProperties};
use kusto_ingest_core::{
    CallLimits, Clock, DatabaseName, Deadline, Error, ErrorKind, Fetched, Result, Retry, RetryPolicy, span,
};
use kusto_ingest_message::IdentityToken;
use kusto_storage::ResourceKind;
use tracing::Instrument as _;

use super::CommandRetry;
use crate::IngestionResources;

/// How long resources and the token serve before they are fetched again, where nothing else is said.
const REFRESH_EVERY: Duration = Duration::from_secs(60 * 60);

/// How long before its expiry a SAS is replaced.
const BEFORE_EXPIRY: Duration = Duration::from_secs(5 * 60);

/// How long a partial answer is kept.
const KEPT_PARTIAL: Duration = Duration::from_secs(10);

/// How old the identity token may become while no other can be had. Kusto does not say how long it is good; a SAS lives
/// about as long.
const TOKEN_AGE: Duration = Duration::from_secs(12 * 60 * 60);

/// How long one attempt at a command may take.
const ATTEMPT: CallLimits = CallLimits::new().with_overall(Duration::from_secs(12));

/// The command that asks for the identity token, of the Data Management endpoint.
const IDENTITY_COMMAND: &str = ".get kusto identity token";

/// What it takes to ask the service; cheap to clone into a fetch.
#[derive(Clone)]
pub(super) struct Service {
    pub(super) issuer: Issuer,
    pub(super) endpoint: Arc<dyn ManagementEndpoint>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) retry: Arc<dyn RetryPolicy>,
    pub(super) limits: CallLimits,
    pub(super) refresh_every: Duration,
    pub(super) plain_http: OptionalResources,
    pub(super) folders: OptionalResources,
}

/// The service that issues resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Issuer {
    /// Containers, queues, tables and the identity token.
    DataManagement,
    /// Containers alone.
    Engine,
}

/// Whether resources of a kind that is not for everybody are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OptionalResources {
    Refused,
    Accepted,
}

impl Issuer {
    /// The kinds without which an answer is partial.
    fn issues(self) -> &'static [ResourceKind] {
        match self {
            Self::DataManagement => &[ResourceKind::Queue, ResourceKind::Container],
            Self::Engine => &[ResourceKind::Container],
        }
    }
}

impl Service {
    pub(super) fn new(issuer: Issuer, endpoint: Arc<dyn ManagementEndpoint>, clock: Arc<dyn Clock>) -> Self {
        Self {
            issuer,
            endpoint,
            clock,
            retry: Arc::new(CommandRetry::default()),
            limits: ATTEMPT,
            refresh_every: REFRESH_EVERY,
            plain_http: OptionalResources::Refused,
            folders: OptionalResources::Refused,
        }
    }

    /// Asks for resources. What an answer lacks is taken from what was issued before, as far as that is still valid; it is
    /// asked for again soon.
    pub(super) async fn fetch_resources(
        self,
        before: Option<Arc<IngestionResources>>,
        random: u64,
    ) -> Result<Fetched<Arc<IngestionResources>>> {
        let answered = self.answered_resources(random).await?;
        let is_partial = answered.lacks_any_of(self.issuer.issues());
        let now = self.clock.now();
        let mut issued = self.acceptable(answered);
        if let Some(before) = before {
            issued = issued.completed_from(&before.valid_at(now));
        }
        let valid_until = issued.last_expiry_of(self.issuer.issues());
        let first_expiry = issued.valid_at(now).first_expiry();
        let good_for = first_expiry.map_or(self.refresh_every, |expiry| {
            expiry.since(now).saturating_sub(BEFORE_EXPIRY)
        });
        let issued = Arc::new(issued);
        let fetched = match is_partial {
            true => Fetched::new(issued, KEPT_PARTIAL).with_partial(),
            false => Fetched::new(issued, good_for.min(self.refresh_every)),
        };
        Ok(fetched.with_valid_until(valid_until))
    }

    async fn answered_resources(&self, random: u64) -> Result<IngestionResources> {
        match self.issuer {
            Issuer::DataManagement => {
                let answer = self.ask(IngestionResources::COMMAND, random).await?;
                IngestionResources::from_dataset(&answer)
            }
            Issuer::Engine => {
                let answer = self.ask(IngestionResources::TEMP_STORAGE_COMMAND, random).await?;
                IngestionResources::from_temp_storage(&answer)
            }
        }
    }

    fn acceptable(&self, mut issued: IngestionResources) -> IngestionResources {
        if self.plain_http == OptionalResources::Refused {
            issued = issued.encrypted();
        }
        if self.folders == OptionalResources::Refused {
            issued = issued.without_folders();
        }
        issued
    }

    pub(super) async fn fetch_token(self, random: u64) -> Result<Fetched<IdentityToken>> {
        if self.issuer == Issuer::Engine {
            return Err(Error::new(ErrorKind::Unsupported, "ask for the identity token")
                .because("an engine gives none; ask the Data Management endpoint"));
        }
        let answer = self.ask(IDENTITY_COMMAND, random).await?;
        let valid_until = self.clock.now() + TOKEN_AGE;
        Ok(Fetched::new(token_of(&answer)?, self.refresh_every).with_valid_until(Some(valid_until)))
    }

    /// One command, tried again as the policy says: the commands read, or make a container that may go to waste.
    async fn ask(&self, command: &'static str, random: u64) -> Result<Dataset> {
        let database = &DatabaseName::net_default();
        let limit = self.retry.max_elapsed();
        let deadline = limit.map(|limit| Deadline::after(&*self.clock, limit));
        let ask = |attempt| {
            let ask = async move {
                let properties = self.properties(deadline);
                self.endpoint.execute(database, command, &properties).await
            };
            ask.instrument(span::command(command, database, attempt))
        };
        let answer = Retry::new(&*self.retry, &*self.clock, random)
            .with_deadline(deadline)
            .run(ask)
            .await;
        answer.map_err(|error| {
            let operation = match self.issuer {
                Issuer::DataManagement => "ask the Data Management endpoint",
                Issuer::Engine => "ask the engine for temporary storage",
            };
            error.during(operation).with("command", command)
        })
    }

    /// The limit of one attempt: its own, or what is left for all of them.
    fn properties(&self, deadline: Option<Deadline>) -> RequestProperties {
        let left = deadline.map(|deadline| deadline.remaining(&*self.clock));
        let limit = [self.limits.overall, left].into_iter().flatten().min();
        let properties = RequestProperties::new();
        match limit {
            Some(limit) => properties.with_client_timeout(limit),
            None => properties,
        }
    }
}

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
