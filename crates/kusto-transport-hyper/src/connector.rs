//! From an address to a connection: through a proxy or not, with TLS or not, within one limit.

use std::error::Error as StdError;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::rt::TokioIo;
use kusto_ingest_core::{Error, ErrorKind};
use tower_service::Service;

use crate::connection::Connection;
use crate::failure::{BoxError, FiredLimit};
use crate::io_stream::{IoStream, MaybeTls};
use crate::proxy::{Route, Routes};
use crate::tls::Trust;

type Connecting<C> = Pin<Box<dyn Future<Output = Result<C, BoxError>> + Send>>;

/// TCP keep-alive: load balancers forget a silent connection after four minutes.
const KEEP_ALIVE: Duration = Duration::from_secs(60);

/// Makes connections.
pub(crate) struct Connector {
    routed: RoutedConnector,
    trust: Trust,
    limit: Duration,
}

impl Connector {
    pub(crate) fn new(routes: Arc<Routes>, trust: Trust, limit: Duration) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(KEEP_ALIVE));
        // Each address of a host gets its share, so that a dead one does not use up the time of the others.
        tcp.set_connect_timeout(Some(limit));
        Self {
            routed: RoutedConnector { tcp, routes },
            trust,
            limit,
        }
    }

    /// Connects to a host, within the limit.
    pub(crate) async fn connect(&self, origin: &Uri) -> Result<Connection, BoxError> {
        let connecting = tokio::time::timeout(self.limit, self.connect_without_limit(origin.clone()));
        let stream = connecting.await;
        let stream = stream.unwrap_or_else(|_| Err(out_of_time(self.limit).into()))?;
        Ok(Connection::over(stream).await?)
    }

    async fn connect_without_limit(&self, uri: Uri) -> Result<MaybeTls, BoxError> {
        let mut routed = self.routed.clone();
        if uri.scheme_str() == Some("https") {
            HttpsConnector::from((routed, self.trust.config().await?))
                .call(uri)
                .await
        } else {
            Ok(MaybeTls::Http(routed.call(uri).await?))
        }
    }
}

fn out_of_time(limit: Duration) -> Error {
    FiredLimit::Connect(limit).tell(Error::new(ErrorKind::Connection, "connect"))
}

/// Why a proxy made no tunnel. That it wants another sign-in does not change by waiting; its error has no other name
/// than its words.
fn refused(error: impl StdError + Send + Sync + 'static) -> BoxError {
    if error.to_string().contains("proxy authorization required") {
        let refused = Error::new(ErrorKind::Connection, "pass the proxy").with_permanence(true);
        return refused.with_http_status(407).caused_by(error).into();
    }
    error.into()
}

/// Reaches a host over TCP, or its proxy.
#[derive(Clone)]
struct RoutedConnector {
    tcp: HttpConnector,
    routes: Arc<Routes>,
}

impl Service<Uri> for RoutedConnector {
    type Response = TokioIo<IoStream>;
    type Error = BoxError;
    type Future = Connecting<Self::Response>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let Self { mut tcp, routes } = self.clone();
        Box::pin(async move {
            let stream = match routes.to(&uri)? {
                Route::Direct => IoStream::new(tcp.call(uri).await?),
                Route::Forward(proxy) => IoStream::new(tcp.call(proxy.uri().clone()).await?).through_proxy(),
                Route::Tunnel(proxy) => {
                    let tunnel = Tunnel::new(proxy.uri().clone(), tcp);
                    let mut tunnel = match proxy.basic_auth() {
                        Some(authorization) => tunnel.with_auth(authorization.clone()),
                        None => tunnel,
                    };
                    IoStream::new(tunnel.call(uri).await.map_err(refused)?)
                }
            };
            Ok(TokioIo::new(stream))
        })
    }
}
