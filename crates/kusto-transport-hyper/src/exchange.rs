//! One exchange with a host: what the call, its body and its connection know together.

use std::sync::Arc;

use http::{Extensions, Method, Request};
use hyper_util::client::legacy::connect::{CaptureConnection, capture_connection};
use tokio::time::Instant;

use crate::failure::{Cause, Failure, Sent};
use crate::meter::Meter;
use crate::upload::{Upload, UploadState};
use crate::watchdog::now;

/// A running exchange. Dropping it early ends its connection, if a part of the request was sent on it.
pub(crate) struct Exchange {
    host: String,
    is_read: bool,
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
            is_read: matches!(*request.method(), Method::GET | Method::HEAD),
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

    /// The head of the answer is there. A body that is still going out is held.
    pub(crate) fn answered(&mut self, status: u16) {
        self.status = Some(status);
        if !self.upload.is_handed() {
            self.upload.hold();
        }
    }

    /// The error that this exchange ends with.
    pub(crate) fn fail(&self, cause: Cause) -> azure_core::Error {
        let cause = self.upload.take_failure().map_or(cause, Cause::Source);
        let Self {
            host,
            is_read,
            status,
            ..
        } = self;
        Failure {
            host,
            is_read: *is_read,
            sent: self.sent(),
            status: *status,
            cause,
        }
        .into_error()
    }

    fn sent(&self) -> Sent {
        match self.meter() {
            Some(meter) if meter.wrote_since(self.started) => {
                if self.upload.is_handed() && meter.is_flushed() {
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
        // A connection on which half a request lies can never be used again, and its peer may never read. One on
        // which a whole request lies is ended by hyper, unless the answer has just come: then others use it.
        let is_half_done = if self.status.is_some() {
            !self.upload.is_handed()
        } else {
            self.sent() == Sent::Part
        };
        if is_half_done {
            self.upload.stop();
            if let Some(connected) = self.connection.connection_metadata().as_ref() {
                connected.poison();
            }
            if let Some(meter) = self.meter() {
                meter.abandon();
            }
        }
    }
}
