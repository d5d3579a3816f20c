#![doc = include_str!("../README.md")]

// What one sets, and what one gets.
mod failure;
mod options;
mod proxy;
mod transport;

// One exchange, from head to last byte.
mod address;
mod download;
mod exchange;
mod message;
mod upload;

// What measures it.
mod meter;
mod watchdog;

// How a connection comes about, and is used again.
mod connection;
mod connector;
mod hosts;
mod idle;
mod io_stream;
#[cfg(all(unix, not(target_vendor = "apple"), not(target_os = "android")))]
mod roots;
mod tls;

pub use failure::{Limit, request_was_sent, timeout_of};
pub use options::TransportOptions;
pub use proxy::{Proxy, ProxyUrl};
pub use tls::crypto_provider;
pub use transport::HyperTransport;

/// The TLS library of this transport, for those who bring their own [`ClientConfig`](rustls::ClientConfig).
pub use rustls;
