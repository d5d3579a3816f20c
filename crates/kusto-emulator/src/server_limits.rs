//! How much of the network's side the emulator takes before it refuses more.

use std::time::Duration;

/// How much an emulator's server takes. What is beyond a limit is refused with a status and a code, and leaves the
/// others alone. What sources and rows may be is said by [`Limits`](kusto_fake::Limits).
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
    /// The most connections at a time; 2,000. One more is answered 503 `TooManyConnections`, and closed.
    pub max_connections: usize,
    /// The most headers of a request; 100. More are answered 431.
    pub max_headers: usize,
    /// The most bytes of a request's head, at least 8 KiB; 64 KiB. More are answered 431.
    pub max_header_bytes: usize,
    /// The most bytes of any body; 256 MiB. Below it, each kind of request has the limit that the service has. More is
    /// answered 413.
    pub max_body_bytes: u64,
    /// How long a head may take; 60 s. A first head that takes longer is answered 408 `RequestTimeout`; a connection on
    /// which nothing more is asked for so long is closed.
    pub header_timeout: Duration,
    /// How long a body may come to a standstill; 60 s. One that stands longer is answered 408 `RequestTimeout`.
    pub body_timeout: Duration,
    /// The most bytes of all blobs and staged blocks; 4 GiB. More is answered 413 `InsufficientStorage`.
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
    /// Takes so many connections at a time.
    #[must_use]
    pub fn with_max_connections(self, connections: usize) -> Self {
        Self {
            max_connections: connections,
            ..self
        }
    }

    /// Takes so many headers of a request, and so many bytes of its head.
    #[must_use]
    pub fn with_max_headers(self, headers: usize, bytes: usize) -> Self {
        Self {
            max_headers: headers,
            max_header_bytes: bytes,
            ..self
        }
    }

    /// Takes so many bytes of any body.
    #[must_use]
    pub fn with_max_body_bytes(self, bytes: u64) -> Self {
        Self {
            max_body_bytes: bytes,
            ..self
        }
    }

    /// Waits so long for a head.
    #[must_use]
    pub fn with_header_timeout(self, limit: Duration) -> Self {
        Self {
            header_timeout: limit,
            ..self
        }
    }

    /// Waits so long for more of a body.
    #[must_use]
    pub fn with_body_timeout(self, limit: Duration) -> Self {
        Self {
            body_timeout: limit,
            ..self
        }
    }

    /// Holds so many bytes of blobs and staged blocks.
    #[must_use]
    pub fn with_max_blob_bytes(self, bytes: u64) -> Self {
        Self {
            max_blob_bytes: bytes,
            ..self
        }
    }
}
