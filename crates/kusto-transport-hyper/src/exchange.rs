//! One exchange with a host: what the call, its body and its connection know together.

use std::sync::{Arc, Mutex, PoisonError};

use http::{Method, Request, Response};
use hyper::body::Incoming;
use kusto_ingest_core::{Idempotency, RequestStage};
use tokio::time::Instant;

use crate::connection::Connection;
use crate::connector::Connector;
use crate::failure::{Cause, Failure, Sent};
use crate::hosts::Host;
use crate::idle::current_runtime;
use crate::meter::Meter;
use crate::upload::{Upload, UploadState};
use crate::watchdog::now;

/// A running exchange. Dropping it after an early answer ends its connection, on which half a request lies.
pub(crate) struct Exchange {
    host: Arc<Host>,
    idempotency: Idempotency,
    started: Instant,
    /// Of the connection that is used, once there is one.
    meter: Mutex<Option<Arc<Meter>>>,
    upload: Arc<UploadState>,
    status: Option<u16>,
}

impl Exchange {
    /// Begins with a request that is about to be sent.
    pub(crate) fn new(host: Arc<Host>, request: &Request<Upload>) -> Self {
        Self {
            host,
            idempotency: match *request.method() {
                Method::GET | Method::HEAD => Idempotency::Idempotent,
                _ => Idempotency::NonIdempotent,
            },
            started: now(),
            meter: Mutex::default(),
            upload: request.body().state(),
            status: None,
        }
    }

    /// Sends the request, on a connection that waits for one or on a new one. Where one that waited turns out to be
    /// closed before anything was sent on it, another one is taken.
    pub(crate) async fn send(
        &self,
        mut request: Request<Upload>,
        connector: &Connector,
        stage: &RequestStage,
    ) -> Result<(Response<Incoming>, Connection), Cause> {
        loop {
            let (mut connection, is_reused) = match self.ready_connection().await {
                Some(connection) => (connection, true),
                None => (self.new_connection(connector).await?, false),
            };
            self.uses(Some(&connection));
            stage.sends();
            match connection.send(request, self.host.origin()).await {
                Ok(answer) => return Ok((answer, connection)),
                Err(mut error) => match error.take_message() {
                    Some(unsent) if is_reused => {
                        stage.prepares();
                        request = unsent;
                    }
                    _ => return Err(Cause::Request(error.into_error())),
                },
            }
        }
    }

    /// One that waited. The limit on idleness holds already while hyper's part of it is still busy.
    async fn ready_connection(&self) -> Option<Connection> {
        let runtime = current_runtime()?;
        loop {
            let mut connection = self.host.idle().take(runtime)?;
            self.uses(Some(&connection));
            if connection.is_ready().await {
                return Some(connection);
            }
            self.uses(None);
        }
    }

    fn uses(&self, connection: Option<&Connection>) {
        let meter = connection.map(|connection| Arc::clone(connection.meter()));
        *self.meter.lock().unwrap_or_else(PoisonError::into_inner) = meter;
    }

    /// A new one. Making it takes a large state, which few calls need.
    async fn new_connection(&self, connector: &Connector) -> Result<Connection, Cause> {
        self.host.make_room();
        let connecting = Box::pin(connector.connect(self.host.origin()));
        connecting.await.map_err(Cause::Connect)
    }

    /// When bytes moved last on the connection; none while there is no connection.
    pub(crate) fn moved(&self) -> Option<Instant> {
        self.meter().map(|meter| meter.moved())
    }

    /// The head of the answer is there. Of a body that is still going out no more does.
    pub(crate) fn answered(&mut self, status: u16) {
        self.status = Some(status);
        self.upload.cut();
    }

    /// The error of a success that came before all of the request was with the socket: whoever answered cannot have read
    /// it. Half a request lies on the connection, which ends. None where all was.
    pub(crate) fn success_too_early(&self) -> Option<azure_core::Error> {
        if self.sent() == Sent::All {
            return None;
        }
        if let Some(meter) = self.meter() {
            meter.end();
        }
        Some(self.fail(Cause::Early))
    }

    /// All of the answer is read: the connection waits for the next call, unless a part of the request lies on it.
    pub(crate) fn finish(&self, connection: Connection) {
        if self.upload.is_whole() && connection.meter().is_flushed() {
            self.host.idle().keep(connection);
        }
    }

    /// The error that this exchange ends with.
    pub(crate) fn fail(&self, cause: Cause) -> azure_core::Error {
        let cause = self.upload.take_failure().map_or(cause, Cause::Source);
        Failure {
            host: self.host.name(),
            idempotency: self.idempotency,
            sent: self.sent(),
            status: self.status,
            cause,
        }
        .into_error()
    }

    fn sent(&self) -> Sent {
        match self.meter() {
            Some(meter) if meter.wrote_since(self.started) => {
                if self.upload.is_whole() && meter.is_flushed() {
                    Sent::All
                } else {
                    Sent::Part
                }
            }
            _ => Sent::Nothing,
        }
    }

    fn meter(&self) -> Option<Arc<Meter>> {
        self.meter.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if self.upload.is_cut()
            && let Some(meter) = self.meter()
        {
            meter.end();
        }
    }
}
