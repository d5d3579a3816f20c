//! The HTTP transport of every leg: limits, proxies and certificates.

#[doc(inline)]
pub use kusto_transport_hyper::{
    HyperTransport, Limit, Proxy, ProxyUrl, TransportOptions, crypto_provider, request_was_sent, rustls,
    timeout_of,
};
