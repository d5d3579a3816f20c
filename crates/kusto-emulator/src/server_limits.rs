//! Limits of the emulator's server.

use std::time::Duration;

/// Limits of the emulator's server. A request beyond a limit is refused with a status and a code. The limits of sources
/// and rows are [`Limits`](kusto_fake::Limits).
///
/// ```
/// use std::time::Duration;
///
/// use kusto_emulator::ServerLimits;
///
/// let limits = ServerLimits::default()
///     .with_max_connections(64)
///     .with_max_blob_bytes(256 << 20)
///     .with_body_timeout(Duration::from_secs(5));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerLimits {
    /// The most connections at a time; by default 2,000. One more gets 503 `TooManyConnections` and is closed.
    pub max_connections: usize,
    /// The most headers of a request; by default 100. More get 431.
    pub max_headers: usize,
    /// The most bytes of a request's headers, at least 8 KiB; by default 64 KiB. More get 431.
    pub max_header_bytes: usize,
    /// The most bytes of any body; by default 256 MiB. Below it, each kind of request has the limit of the service.
    /// More gets 413.
    pub max_body_bytes: u64,
    /// The time limit for the headers of a request; by default 60 s. A first request beyond it gets 408
    /// `RequestTimeout`; an idle connection is closed.
    pub header_timeout: Duration,
    /// The longest pause within a body; by default 60 s. A longer one gets 408 `RequestTimeout`.
    pub body_timeout: Duration,
    /// The most bytes of all blobs and staged blocks; by default 4 GiB. More gets 413 `InsufficientStorage`.
    pub max_blob_bytes: u64,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            max_connections: 2_000,
            max_headers: 100,
            max_header_bytes: 64 << 10,
            max_body_bytes: 256 << 20,
            header_timeout: Duration::from_secs(60),
            body_timeout: Duration::from_secs(60),
            max_blob_bytes: 4 << 30,
        }
    }
}

impl ServerLimits {
    /// Sets the most connections at a time.
    #[must_use]
    pub fn with_max_connections(self, connections: usize) -> Self {
        Self {
            max_connections: connections,
            ..self
        }
    }

    /// Sets the most headers of a request, and the most bytes of them.
    #[must_use]
    pub fn with_max_headers(self, headers: usize, bytes: usize) -> Self {
        Self {
            max_headers: headers,
            max_header_bytes: bytes,
            ..self
        }
    }

    /// Sets the most bytes of any body.
    #[must_use]
    pub fn with_max_body_bytes(self, bytes: u64) -> Self {
        Self {
            max_body_bytes: bytes,
            ..self
        }
    }

    /// Sets the time limit for headers.
    #[must_use]
    pub fn with_header_timeout(self, limit: Duration) -> Self {
        Self {
            header_timeout: limit,
            ..self
        }
    }

    /// Sets the longest pause within a body.
    #[must_use]
    pub fn with_body_timeout(self, limit: Duration) -> Self {
        Self {
            body_timeout: limit,
            ..self
        }
    }

    /// Sets the most bytes of blobs and staged blocks.
    #[must_use]
    pub fn with_max_blob_bytes(self, bytes: u64) -> Self {
        Self {
            max_blob_bytes: bytes,
            ..self
        }
    }
}
