//! The options of a transport.

use std::fmt;
use std::time::Duration;

use rustls::ClientConfig;

use crate::proxy::Proxy;

/// The options of a [`HyperTransport`](crate::HyperTransport). The defaults suit Kusto and Azure Storage.
///
/// The limits hold for calls that bring none of their own as [`CallLimits`](kusto_ingest_core::CallLimits).
#[derive(Clone)]
#[must_use]
pub struct TransportOptions {
    pub(crate) connect: Duration,
    pub(crate) idle: Duration,
    pub(crate) overall: Duration,
    pub(crate) upload_rate: u64,
    pub(crate) response: u64,
    pub(crate) calls_per_host: usize,
    pub(crate) idle_per_host: usize,
    pub(crate) pool_idle: Duration,
    pub(crate) proxy: Proxy,
    pub(crate) roots: Option<Vec<u8>>,
    pub(crate) tls: Option<ClientConfig>,
}

impl TransportOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self {
            connect: Duration::from_secs(15),
            idle: Duration::from_secs(60),
            overall: Duration::from_secs(10 * 60),
            upload_rate: 32 * 1024,
            response: 16 * 1024 * 1024,
            calls_per_host: 64,
            idle_per_host: 64,
            pool_idle: Duration::from_secs(55),
            proxy: Proxy::FromEnvironment,
            roots: None,
            tls: None,
        }
    }

    /// How long a connection may take to be made: TCP, proxy and TLS together. Default: 15 seconds.
    pub fn with_connect_timeout(self, limit: Duration) -> Self {
        Self {
            connect: limit,
            ..self
        }
    }

    /// How long nothing may move on the connection of a call, neither out nor in. Default: 60 seconds.
    ///
    /// A slow upload that moves is never ended by it. A server that works longer than this before it answers is: calls
    /// that wait for long commands bring their own limit.
    pub fn with_idle_timeout(self, limit: Duration) -> Self {
        Self { idle: limit, ..self }
    }

    /// How long a call may take, from its start to the last byte of its answer. Default: 10 minutes.
    pub fn with_overall_timeout(self, limit: Duration) -> Self {
        Self {
            overall: limit,
            ..self
        }
    }

    /// How fast an upload is at least, in bytes per second. Default: 32 KiB.
    ///
    /// What was handed to the socket may be in buffers on this side for a while, and its peer cannot answer before it
    /// has it. So until an answer begins, the idle limit is longer: by the time that the body takes at this rate, or
    /// 4 MiB of it.
    pub fn with_min_upload_rate(self, bytes_per_second: u64) -> Self {
        Self {
            upload_rate: bytes_per_second.max(1),
            ..self
        }
    }

    /// How many bytes the body of an answer may have. Default: 16 MiB.
    ///
    /// A longer one is an error that names the limit. Of an answer that is no success, 64 KiB are handed on at most, and
    /// the rest is left unread.
    pub fn with_response_limit(self, bytes: u64) -> Self {
        Self {
            response: bytes,
            ..self
        }
    }

    /// How many calls may use one host at a time; the others wait, within their overall limit. Default: 64.
    ///
    /// A call uses its host until its answer is read or dropped. A connection is made only where none of the call's runtime
    /// waits for a call, so there are no more of them than there were calls at a time. Where several runtimes share the
    /// transport, those that wait for calls of another one go before there are more than so many.
    pub fn with_max_calls_per_host(self, calls: usize) -> Self {
        Self {
            calls_per_host: calls,
            ..self
        }
    }

    /// How many unused connections to one host are kept. Default: 64.
    pub fn with_max_idle_per_host(self, connections: usize) -> Self {
        Self {
            idle_per_host: connections,
            ..self
        }
    }

    /// How long an unused connection is kept. Default: 55 seconds, which is shorter than what servers wait.
    pub fn with_pool_idle_timeout(self, limit: Duration) -> Self {
        Self {
            pool_idle: limit,
            ..self
        }
    }

    /// Which proxy to go through. Default: that of the environment.
    pub fn with_proxy(self, proxy: Proxy) -> Self {
        Self { proxy, ..self }
    }

    /// Also trusts these certificates (PEM, one or more), beside the roots of the machine. A transport is refused for a
    /// text that holds none.
    #[doc(alias = "ca")]
    pub fn with_extra_roots(self, pem: impl Into<Vec<u8>>) -> Self {
        Self {
            roots: Some(pem.into()),
            ..self
        }
    }

    /// Uses this TLS configuration, and neither the roots of the machine nor the extra ones.
    ///
    /// Build it with [`crypto_provider`](crate::crypto_provider). Only HTTP/1.1 is spoken, so its ALPN list is
    /// emptied.
    #[doc(alias = "mtls")]
    pub fn with_client_config(self, config: ClientConfig) -> Self {
        Self {
            tls: Some(config),
            ..self
        }
    }
}

impl Default for TransportOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for TransportOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportOptions")
            .field("connect", &self.connect)
            .field("idle", &self.idle)
            .field("overall", &self.overall)
            .field("upload_rate", &self.upload_rate)
            .field("response", &self.response)
            .field("calls_per_host", &self.calls_per_host)
            .field("idle_per_host", &self.idle_per_host)
            .field("pool_idle", &self.pool_idle)
            .field("proxy", &self.proxy)
            .field("own_tls", &self.tls.is_some())
            .finish_non_exhaustive()
    }
}
