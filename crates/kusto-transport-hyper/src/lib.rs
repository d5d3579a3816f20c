#![doc = include_str!("../README.md")]

// What one sets, and what one gets.
mod failure;
mod options;
mod proxy;
mod transport;

// One exchange, from head to last byte.
mod download;
mod exchange;
mod message;
mod upload;

// What measures it.
mod meter;
mod places;
mod watchdog;

// How a connection comes about.
mod dial;
mod tls;
mod wire;

pub use failure::{Limit, fully_sent, limit_fired};
pub use options::TransportOptions;
pub use proxy::{Proxy, ProxyUrl};
pub use tls::crypto_provider;
pub use transport::HyperTransport;

/// The TLS library of this transport, for those who bring their own [`ClientConfig`](rustls::ClientConfig).
pub use rustls;
