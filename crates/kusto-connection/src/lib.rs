#![doc = include_str!("../README.md")]

mod connection;
mod parse;
mod render;

mod keyword;
mod secret;

mod data_source;
mod endpoint;
mod host;
mod web_page;

mod auth;
mod builder;
mod resolve;

mod trust;
mod well_known;

mod error;

pub use auth::{AuthMethod, Certificate, CertificateSource, ManagedIdentity};
pub use connection::{ConnectionString, DEFAULT_CATALOG};
pub use endpoint::{EngineEndpoint, IngestionEndpoint};
pub use error::{Error, ErrorKind, Result};
pub use host::{allows_credentials, is_ingestion_host, is_loopback};
pub use keyword::Keyword;
pub use parse::MAX_LENGTH;
pub use secret::Secret;
pub use trust::{MatchRule, Trust, TrustedEndpoints};
pub use well_known::LoginEndpoint;
