//! Asks each cluster how one signs in to it, once.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::http::headers::ACCEPT;
use azure_core::http::{Method, Request, Transport};
use futures::future::{BoxFuture, FutureExt};
use kusto_connection::is_loopback;
use kusto_ingest_core::{Clock, Error, ErrorKind, Fetched, Result};
use url::{Origin, Url};

use super::{CloudSettings, CloudSource};
use crate::attempts::Attempts;
use crate::http::{Answer, Http};
use crate::keyed_cache::KeyedCache;
use crate::{SignInLimits, failure};

const PATH: &str = "/v1/rest/auth/metadata";
const ASK: &str = "ask the cluster how to sign in";

/// Asks each cluster how one signs in to it, once.
///
/// What a cluster answered is kept for as long as this lives, by scheme, host and port; failures are not kept. 404
/// means that the defaults hold. Every other answer that cannot be read is an error, and never the defaults: a secret
/// must not be sent to the wrong cloud because a cluster failed for a moment. Only a loopback address that answers
/// nothing useful, as emulators do, is given the defaults.
///
/// A cluster that answers with a transient failure is asked again for 30 seconds, one that does not answer three times
/// at most, in attempts of 12 seconds. No redirect is followed. Clones share the answers.
#[derive(Clone)]
pub struct MetadataCloud {
    client: MetadataClient,
    settings: KeyedCache<Origin, CloudSettings>,
}

/// What it takes to ask.
#[derive(Clone)]
struct MetadataClient {
    transport: Transport,
    clock: Arc<dyn Clock>,
    limits: SignInLimits,
    otherwise: CloudSettings,
}

impl MetadataCloud {
    /// Asks over `transport`.
    #[must_use]
    pub fn new(transport: Transport, clock: Arc<dyn Clock>) -> Self {
        Self::with(transport, clock, CloudSettings::public())
    }

    /// As [`new`](Self::new), with other defaults than the public cloud's for clusters that tell nothing.
    #[must_use]
    pub fn with(transport: Transport, clock: Arc<dyn Clock>, otherwise: CloudSettings) -> Self {
        Self {
            settings: KeyedCache::new(clock.clone()),
            client: MetadataClient {
                transport,
                clock,
                limits: SignInLimits::default(),
                otherwise,
            },
        }
    }

    /// Other limits than the defaults: of an attempt, and of all that is done for one cluster.
    #[must_use]
    pub fn with_limits(mut self, limits: SignInLimits) -> Self {
        self.client.limits = limits;
        self
    }

    /// Knows the settings of the cluster at `endpoint` from now on, without asking it.
    pub fn insert(&self, endpoint: &Url, settings: CloudSettings) {
        self.invalidate(endpoint);
        let cache = self.settings.of(&endpoint.origin());
        // There is nothing to wait for.
        let _landed = cache
            .get(|| async { Ok(for_ever(settings)) }.boxed())
            .now_or_never();
    }

    /// Asks the cluster at `endpoint` again when it is needed.
    pub fn invalidate(&self, endpoint: &Url) {
        self.settings.remove(&endpoint.origin());
    }
}

#[async_trait]
impl CloudSource for MetadataCloud {
    async fn settings(&self, endpoint: &Url) -> Result<CloudSettings> {
        let cache = self.settings.of(&endpoint.origin());
        match cache.get(|| self.client.clone().fetch(endpoint.clone())).await {
            Err(_) if is_loopback(endpoint) => Ok(self.client.otherwise.clone()),
            told => told,
        }
    }
}

impl MetadataClient {
    fn fetch(self, endpoint: Url) -> BoxFuture<'static, Result<Fetched<CloudSettings>>> {
        async move {
            let told = self.ask(&endpoint).await;
            let told = told.map_err(|error| error.with("cluster", endpoint.origin().ascii_serialization()));
            told.map(for_ever)
        }
        .boxed()
    }

    async fn ask(&self, endpoint: &Url) -> Result<CloudSettings> {
        let limits = self.limits;
        let http = Http::new(self.transport.clone(), limits.attempt);
        let attempts = match is_loopback(endpoint) {
            true => Attempts::one(self.clock.clone(), limits.attempt),
            false => Attempts::new(self.clock.clone(), limits.attempt, limits.metadata),
        };
        attempts
            .run(ASK, || async {
                let answer = http.send(request(endpoint), ASK, &[]).await?;
                self.read(&answer)
            })
            .await
    }

    fn read(&self, answer: &Answer) -> Result<CloudSettings> {
        let refuse = |kind| Error::new(kind, ASK).with_http_status(answer.status);
        match answer.status {
            200..=299 => CloudSettings::parse(&answer.body, &self.otherwise),
            404 => Ok(self.otherwise.clone()),
            300..=399 => Err(refuse(ErrorKind::Protocol)
                .because("it answers with a redirect, and redirects are not followed")),
            408 | 429 | 500..=599 => Err(failure::of_status(answer.status, Some(&answer.headers), ASK)),
            _ => Err(refuse(ErrorKind::Rejected)),
        }
    }
}

fn request(endpoint: &Url) -> Request {
    let mut url = endpoint.clone();
    url.set_path(PATH);
    url.set_query(None);
    url.set_fragment(None);
    let mut request = Request::new(url, Method::Get);
    request.insert_header(ACCEPT, "application/json");
    request
}

fn for_ever(settings: CloudSettings) -> Fetched<CloudSettings> {
    Fetched::new(settings, Duration::MAX)
}

impl fmt::Debug for MetadataCloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MetadataCloud")
            .field("otherwise", &self.client.otherwise)
            .finish_non_exhaustive()
    }
}
