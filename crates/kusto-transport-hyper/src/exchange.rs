//! One exchange with a host: what the call, its body and its connection know together.

use std::sync::Arc;

use http::{Extensions, Method, Request};
use hyper_util::client::legacy::connect::{CaptureConnection, capture_connection};
use kusto_ingest_core::Idempotency;
use tokio::time::Instant;

use crate::failure::{Cause, Failure, Sent};
use crate::meter::Meter;
use crate::upload::{Upload, UploadState};
use crate::watchdog::now;

/// A running exchange. Dropping it after an early answer ends its connection, on which half a request lies. Where no
/// answer came, hyper ends it.
pub(crate) struct Exchange {
    host: String,
    idempotency: Idempotency,
    started: Instant,
    connection: CaptureConnection,
    upload: Arc<UploadState>,
    status: Option<u16>,
}

impl Exchange {
    /// Begins with a request that is about to be sent.
    pub(crate) fn new(host: &str, request: &mut Request<Upload>) -> Self {
        Self {
            host: host.to_owned(),
            idempotency: match *request.method() {
                Method::GET | Method::HEAD => Idempotency::Idempotent,
                _ => Idempotency::NonIdempotent,
            },
            started: now(),
            connection: capture_connection(request),
            upload: request.body().state(),
            status: None,
        }
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

    /// The error that this exchange ends with.
    pub(crate) fn fail(&self, cause: Cause) -> azure_core::Error {
        let cause = self.upload.take_failure().map_or(cause, Cause::Source);
        let Self {
            host,
            idempotency,
            status,
            ..
        } = self;
        Failure {
            host,
            idempotency: *idempotency,
            sent: self.sent(),
            status: *status,
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
        let mut extras = Extensions::new();
        self.connection
            .connection_metadata()
            .as_ref()?
            .get_extras(&mut extras);
        extras.remove::<Arc<Meter>>()
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
