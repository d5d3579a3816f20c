//! The question for the configuration: how it is tried again, and what is made of the answer.

use std::sync::Arc;
use std::time::Duration;

use kusto_endpoint::{IngestionConfiguration, QueuedEndpoint, UploadMethod};
use kusto_ingest_core::{Clock, Deadline, Error, ErrorKind, Fetched, Result, Retry, RetryPolicy};
use kusto_storage::{ResourceKind, ResourceUri};

use crate::IngestionResources;
use crate::manager::CommandRetry;

/// How long an answer serves at most before it is asked for again.
const REFRESH_EVERY: Duration = Duration::from_secs(60 * 60);

/// How long before its expiry a SAS is replaced.
const BEFORE_EXPIRY: Duration = Duration::from_secs(5 * 60);

/// After how long a service is asked again that did not offer the routes.
const ASKED_AGAIN: Duration = Duration::from_secs(10 * 60);

/// What it takes to ask; cheap to clone into a fetch.
#[derive(Clone)]
pub(super) struct Fetching {
    pub(super) endpoint: Arc<dyn QueuedEndpoint>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) retry: Arc<dyn RetryPolicy>,
    pub(super) method: Option<UploadMethod>,
    pub(super) plain_http: PlainHttp,
}

/// Whether containers at plain http addresses are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PlainHttp {
    Refused,
    Accepted,
}

/// What a service offers; that it has no such routes is worth to be remembered, too.
#[derive(Clone)]
pub(super) enum Offer {
    Made(Arc<IngestionConfiguration>, Arc<IngestionResources>),
    None(Error),
}

impl Offer {
    pub(super) fn configuration(&self) -> Result<Arc<IngestionConfiguration>> {
        match self {
            Self::Made(configuration, _) => Ok(configuration.clone()),
            Self::None(error) => Err(error.clone()),
        }
    }

    pub(super) fn containers(&self) -> Result<Arc<IngestionResources>> {
        match self {
            Self::Made(_, containers) => Ok(containers.clone()),
            Self::None(error) => Err(error.clone()),
        }
    }
}

impl Fetching {
    pub(super) fn new(endpoint: Arc<dyn QueuedEndpoint>, clock: Arc<dyn Clock>) -> Self {
        Self {
            endpoint,
            clock,
            retry: Arc::new(CommandRetry::default()),
            method: None,
            plain_http: PlainHttp::Refused,
        }
    }

    pub(super) async fn fetch(self, random: u64) -> Result<Fetched<Offer>> {
        let limit = self.retry.max_elapsed();
        let deadline = limit.map(|limit| Deadline::after(&*self.clock, limit));
        let asking = Retry::new(&*self.retry, &*self.clock, random).with_deadline(deadline);
        let asking = asking.run(|_| self.endpoint.configuration());
        let asked = match deadline {
            None => asking.await,
            Some(end) => {
                end.run(&*self.clock, "ask for the ingestion configuration", asking)
                    .await
            }
        };
        match asked {
            Ok(configuration) => Ok(self.offered(configuration)),
            Err(error) if error.kind() == ErrorKind::Unsupported => {
                Ok(Fetched::new(Offer::None(error), ASKED_AGAIN))
            }
            Err(error) => Err(error),
        }
    }

    fn offered(&self, configuration: IngestionConfiguration) -> Fetched<Offer> {
        let now = self.clock.now();
        let containers = self.containers(&configuration);
        let valid_until = containers.last_expiry_of(&[ResourceKind::Container]);
        let asked_for = configuration.refresh_interval.unwrap_or(REFRESH_EVERY);
        let first_expiry = containers.valid_at(now).first_expiry();
        let good_for = first_expiry.map_or(REFRESH_EVERY, |expiry| {
            expiry.since(now).saturating_sub(BEFORE_EXPIRY)
        });
        let refresh_after = good_for.min(asked_for).min(REFRESH_EVERY);
        let offer = Offer::Made(Arc::new(configuration), Arc::new(containers));
        Fetched::new(offer, refresh_after).with_valid_until(valid_until)
    }

    /// The containers or folders to upload into: the one kind that there is, else the one that was chosen, else the one that
    /// the service prefers, else containers.
    fn containers(&self, configuration: &IngestionConfiguration) -> IngestionResources {
        let storage = read(configuration.expose_containers());
        let lake = read(configuration.expose_lake_folders());
        let preferred = self.method.or(configuration.preferred_upload);
        let chosen = match (storage.is_empty(), lake.is_empty(), preferred) {
            (true, false, _) | (false, false, Some(UploadMethod::Lake)) => lake,
            _ => storage,
        };
        let issued = IngestionResources::empty().with_containers(chosen);
        match self.plain_http {
            PlainHttp::Accepted => issued,
            PlainHttp::Refused => issued.encrypted(),
        }
        .without_folders()
    }
}

/// The addresses that can be read; the others are left out.
fn read<'a>(addresses: impl Iterator<Item = &'a str>) -> Vec<ResourceUri> {
    let readable = addresses.filter_map(|address| match ResourceUri::parse(address) {
        Ok(uri) => Some(uri),
        Err(error) => {
            tracing::warn!(error = %error.chain(), "a container that was issued is left out");
            None
        }
    });
    readable.collect()
}
