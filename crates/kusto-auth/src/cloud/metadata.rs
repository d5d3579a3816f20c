//! Asks each cluster how one signs in to it, once.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use azure_core::http::headers::ACCEPT;
use azure_core::http::{Method, Request, Transport};
use futures::future::FutureExt;
use kusto_connection::is_loopback;
use kusto_ingest_core::{Clock, Error, ErrorKind, Result};
use url::{Origin, Url};

use super::{CloudSettings, CloudSource};
use crate::attempts::Attempts;
use crate::failure;
use crate::http::{Answer, Http};
use crate::single_flight::Flights;

const PATH: &str = "/v1/rest/auth/metadata";
const ASK: &str = "ask the cluster how to sign in";

/// Asks each cluster how one signs in to it, once.
///
/// What a cluster answered is kept for as long as this lives, by scheme, host and port; failures are not kept.
/// 404 means that the defaults hold. Every other answer that cannot be read is an error, and never the defaults:
/// a secret must not be sent to the wrong cloud because a cluster had a bad moment. Only a loopback address that
/// answers nothing useful, as emulators do, is given the defaults.
///
/// A call is limited to 10 seconds, is made up to three times, and follows no redirect. Clones share all of it.
#[derive(Clone)]
pub struct MetadataCloud(Arc<Inner>);

struct Inner {
    http: Http,
    attempts: Attempts,
    otherwise: CloudSettings,
    kept: Mutex<HashMap<Origin, CloudSettings>>,
    flights: Flights<Origin, CloudSettings>,
}

impl MetadataCloud {
    /// Asks over `transport`.
    #[must_use]
    pub fn new(transport: Transport, clock: Arc<dyn Clock>) -> Self {
        Self::with(transport, clock, CloudSettings::public())
    }

    /// The same, where other settings than the public cloud's hold for clusters that tell none.
    #[must_use]
    pub fn with(transport: Transport, clock: Arc<dyn Clock>, otherwise: CloudSettings) -> Self {
        Self(Arc::new(Inner {
            http: Http::new(transport, clock.clone()),
            attempts: Attempts::new(clock),
            otherwise,
            kept: Mutex::default(),
            flights: Flights::new(),
        }))
    }

    /// Knows the settings of the cluster at `endpoint` from now on, without asking it.
    pub fn insert(&self, endpoint: &Url, settings: CloudSettings) {
        self.0.kept().insert(endpoint.origin(), settings);
    }

    /// Asks the cluster at `endpoint` again when it is needed.
    pub fn invalidate(&self, endpoint: &Url) {
        self.0.kept().remove(&endpoint.origin());
    }
}

#[async_trait]
impl CloudSource for MetadataCloud {
    async fn settings(&self, endpoint: &Url) -> Result<CloudSettings> {
        let origin = endpoint.origin();
        if let Some(settings) = self.0.kept().get(&origin).cloned() {
            return Ok(settings);
        }
        let flight = self.0.flights.join(&origin, || {
            let (inner, endpoint) = (Arc::clone(&self.0), endpoint.clone());
            async move { inner.fetch(&endpoint).await }.boxed()
        });
        flight.await
    }
}

impl Inner {
    async fn fetch(&self, endpoint: &Url) -> Result<CloudSettings> {
        let origin = endpoint.origin();
        // A flight may have landed between the look into the memory and the start of this one.
        if let Some(settings) = self.kept().get(&origin).cloned() {
            return Ok(settings);
        }
        if is_loopback(endpoint) {
            return Ok(match self.ask(endpoint).await {
                Ok(settings) => {
                    self.kept().insert(origin, settings.clone());
                    settings
                }
                Err(_) => self.otherwise.clone(),
            });
        }
        let settings = self.attempts.run(|| self.ask(endpoint)).await;
        let settings = settings.map_err(|error| error.with("cluster", origin.ascii_serialization()))?;
        self.kept().insert(origin, settings.clone());
        Ok(settings)
    }

    async fn ask(&self, endpoint: &Url) -> Result<CloudSettings> {
        let mut url = endpoint.clone();
        url.set_path(PATH);
        url.set_query(None);
        url.set_fragment(None);
        let mut request = Request::new(url, Method::Get);
        request.insert_header(ACCEPT, "application/json");
        let answer = self.http.send(request, ASK, &[]).await?;
        self.read(&answer)
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

    fn kept(&self) -> MutexGuard<'_, HashMap<Origin, CloudSettings>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MetadataCloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MetadataCloud")
            .field("otherwise", &self.0.otherwise)
            .finish_non_exhaustive()
    }
}
