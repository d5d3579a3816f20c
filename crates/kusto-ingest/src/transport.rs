//! The HTTP transport of every leg: limits, proxies and certificates.
//!
//! ```
//! use kusto_ingest::Kusto;
//! use kusto_ingest::transport::{Proxy, ProxyUrl, TransportOptions};
//!
//! let proxy = Proxy::Url(ProxyUrl::parse("http://proxy.corp.example:3128")?);
//! let kusto = Kusto::builder("https://help.kusto.windows.net;AppClientId=a;AppKey=b;TenantId=contoso.com")?
//!     .with_transport(TransportOptions::new().with_proxy(proxy))
//!     .connect()?;
//! # Ok::<(), kusto_ingest::Error>(())
//! ```
//!
//! More is in the guide: `docs/guide/networks.md`.

#[doc(inline)]
pub use kusto_transport_hyper::{
    HyperTransport, Limit, Proxy, ProxyUrl, TransportOptions, crypto_provider, request_was_sent, rustls,
    timeout_of,
};
