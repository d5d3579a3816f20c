//! Signing in: what a connection string can say, and what code adds.

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
