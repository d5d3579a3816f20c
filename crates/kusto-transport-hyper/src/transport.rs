//! The transport, in the two shapes that `azure_core` knows.

use std::fmt;
use std::pin::pin;
use std::sync::Arc;

use async_trait::async_trait;
use azure_core::error::ErrorKind as AzureKind;
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{AsyncRawResponse, Context, HttpClient, Request, Transport};
use kusto_ingest_core::{CallLimits, Error, ErrorKind, Idempotency, RequestStage, Result};
use tokio::runtime::Handle;

use crate::connector::Connector;
use crate::download::{Download, Length};
use crate::exchange::Exchange;
use crate::failure::{Cause, Failure, FiredLimit, Sent};
use crate::hosts::Hosts;
use crate::message;
use crate::options::TransportOptions;
use crate::proxy::Routes;
use crate::tls::Trust;
use crate::watchdog::Watchdog;

/// One pooled HTTP client for every leg. Clones share the pool.
///
/// It follows no redirects, decompresses nothing, keeps no cookies and repeats nothing that may have been sent.
/// Its connections live on tasks of the tokio runtime that made them, and serve calls of that runtime only.
///
/// # Cancel safety
///
/// Dropping a call ends it. Its connection is closed if anything of the request was sent, and is reused if not.
#[derive(Clone)]
pub struct HyperTransport(Arc<Shared>);

struct Shared {
    connector: Connector,
    hosts: Hosts,
    options: TransportOptions,
}

impl HyperTransport {
    /// A transport with these options. No connection is made and no file is read before the first call.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](kusto_ingest_core::ErrorKind::InvalidInput) if the extra roots are not PEM, or hold no
    /// certificate.
    pub fn new(options: TransportOptions) -> Result<Self> {
        let trust = match options.tls.clone() {
            Some(config) => Trust::own(config),
            None => Trust::roots(options.roots.as_deref())?,
        };
        let routes = Arc::new(Routes::new(&options.proxy));
        Ok(Self(Arc::new(Shared {
            connector: Connector::new(Arc::clone(&routes), trust, options.connect),
            hosts: Hosts::new(routes, &options),
            options,
        })))
    }

    /// What goes into the `transport` of `azure_core`'s `ClientOptions`.
    ///
    /// It is the policy, not the client, so that a call's [`CallLimits`] reach it in the call's context. A client
    /// that is built without any transport panics, since `azure_core` is built without reqwest here.
    #[must_use]
    pub fn as_transport(&self) -> Transport {
        Transport::with_policy(Arc::new(self.clone()))
    }

    async fn call(
        &self,
        request: &Request,
        limits: CallLimits,
        stage: &RequestStage,
    ) -> azure_core::Result<AsyncRawResponse> {
        require_runtime()?;
        stage.prepares();
        let Shared {
            connector,
            hosts,
            options,
        } = &*self.0;
        let host = hosts.of(request.url())?;
        let outgoing = message::request(request, &host)?;

        let mut watchdog = Watchdog::new(
            limits.idle.unwrap_or(options.idle),
            limits.overall.unwrap_or(options.overall),
        );
        let place = match watchdog.guard(pin!(host.place()), || None).await {
            Ok(place) => place,
            Err(fired) => return Err(no_place(host.name(), fired)),
        };

        let mut exchange = Exchange::new(host, &outgoing);
        watchdog.sends(outgoing.body().drain(options.upload_rate));
        let answer = {
            let sending = pin!(exchange.send(outgoing, connector, stage));
            watchdog.guard(sending, || exchange.moved()).await
        };
        let (answer, connection) = match answer {
            Ok(Ok(answered)) => answered,
            Ok(Err(cause)) => return Err(exchange.fail(cause)),
            Err(fired) => return Err(exchange.fail(Cause::Limit(fired))),
        };

        let (head, body) = answer.into_parts();
        let status = head.status.as_u16();
        exchange.answered(status);
        watchdog.answered();
        if head.status.is_success()
            && let Some(error) = exchange.success_too_early()
        {
            return Err(error);
        }
        let length = Length::of(head.status, limits.response.unwrap_or(options.response));
        if let Some(fired) = length.exceeded_by(&body) {
            return Err(exchange.fail(Cause::Limit(fired)));
        }
        let body = Download::new(body, length, exchange, connection, watchdog, place);
        Ok(AsyncRawResponse::new(
            status.into(),
            message::answer_headers(&head.headers),
            Box::pin(body),
        ))
    }
}

/// Refuses to begin what would panic outside of a tokio runtime.
fn require_runtime() -> azure_core::Result<()> {
    match Handle::try_current() {
        Ok(_) => Ok(()),
        Err(_) => {
            let error = Error::new(ErrorKind::Unsupported, "send the request")
                .because("there is no tokio runtime here; call it from within one");
            Err(azure_core::Error::new(AzureKind::Other, error))
        }
    }
}

fn no_place(host: &str, fired: FiredLimit) -> azure_core::Error {
    Failure {
        host,
        idempotency: Idempotency::Idempotent,
        sent: Sent::Nothing,
        status: None,
        cause: Cause::Limit(fired),
    }
    .into_error()
}

#[async_trait]
impl HttpClient for HyperTransport {
    /// Sends under the limits of the transport: an `HttpClient` never sees the context of a call.
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        self.call(request, CallLimits::default(), &RequestStage::new())
            .await
    }
}

#[async_trait]
#[expect(
    elided_lifetimes_in_paths,
    reason = "with the lifetime written out, async_trait no longer matches the trait"
)]
impl Policy for HyperTransport {
    /// Sends under the [`CallLimits`] of the context, and says in its [`RequestStage`] how far it came. It is the last of its pipeline: what follows is not called.
    async fn send(&self, ctx: &Context, request: &mut Request, _: &[Arc<dyn Policy>]) -> PolicyResult {
        let limits = ctx.value::<CallLimits>().copied().unwrap_or_default();
        let stage = ctx.value::<RequestStage>().cloned().unwrap_or_default();
        self.call(request, limits, &stage).await
    }
}

impl fmt::Debug for HyperTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HyperTransport").field(&self.0.options).finish()
    }
}
