//! Signing in: what a connection string can say, and what code adds.
//!
//! ```
//! use kusto_ingest::KustoBuilder;
//! use kusto_ingest::auth::ManagedIdentity;
//! use kusto_ingest::connection::ConnectionString;
//!
//! let connection = ConnectionString::for_cluster("https://help.kusto.windows.net")?
//!     .with_managed_identity(ManagedIdentity::System);
//! let kusto = KustoBuilder::new(connection).connect()?; // nothing is sent yet
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! More is in the guide: `docs/guide/sign-in.md`.

#[doc(inline)]
pub use kusto_auth::{
    BearerToken, CloudSettings, CloudSource, Credentials, DeviceCodePrompt, Executor, FixedCloud,
    KustoCredential, MetadataCloud, SignIn, SignInLimits, TokenRequest,
};
#[doc(inline)]
pub use kusto_connection::{
    AuthMethod, Certificate, CertificateSource, LoginEndpoint, ManagedIdentity, MatchRule, Secret, Trust,
    TrustedEndpoints,
};
