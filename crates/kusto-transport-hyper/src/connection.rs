//! One connection to a host, as the calls that use it one after the other see it.

use std::sync::Arc;

use http::{Request, Response, Uri};
use hyper::body::Incoming;
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::client::legacy::connect::Connection as _;
use hyper_util::rt::TokioIo;
use tokio::runtime::Handle;

use crate::io_stream::MaybeTls;
use crate::meter::{Meter, Metered};
use crate::upload::Upload;

/// A connection that takes one request at a time. It ends when this is dropped.
pub(crate) struct Connection {
    sender: SendRequest<Upload>,
    meter: Arc<Meter>,
    is_proxied: bool,
    runtime: Handle,
}

impl Connection {
    /// Speaks HTTP on what was connected. hyper's part of it lives on a task of its own, of this runtime.
    pub(crate) async fn over(stream: MaybeTls) -> hyper::Result<Self> {
        let is_proxied = stream.connected().is_proxied();
        let metered = Metered::new(TokioIo::new(stream));
        let meter = metered.meter();
        let (sender, driver) = handshake(TokioIo::new(metered)).await?;
        let runtime = Handle::current();
        // How it ends is told to the call that uses it.
        drop(runtime.spawn(driver));
        Ok(Self {
            sender,
            meter,
            is_proxied,
            runtime,
        })
    }

    pub(crate) fn meter(&self) -> &Arc<Meter> {
        &self.meter
    }

    /// The runtime that it lives on.
    pub(crate) fn runtime(&self) -> &Handle {
        &self.runtime
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    /// Waits until the call before is over also for hyper. Whether the connection can be used again.
    pub(crate) async fn is_ready(&mut self) -> bool {
        self.sender.ready().await.is_ok()
    }

    /// Sends a request. One of which nothing was sent comes back with the error.
    pub(crate) async fn send(
        &mut self,
        mut request: Request<Upload>,
        origin: &Uri,
    ) -> Result<Response<Incoming>, TrySendError<Request<Upload>>> {
        // A proxy has to be told the host.
        if self.is_proxied && request.uri().scheme().is_none() {
            let mut parts = origin.clone().into_parts();
            parts.path_and_query = request.uri().path_and_query().cloned();
            if let Ok(absolute) = Uri::from_parts(parts) {
                *request.uri_mut() = absolute;
            }
        }
        self.sender.try_send_request(request).await
    }
}
