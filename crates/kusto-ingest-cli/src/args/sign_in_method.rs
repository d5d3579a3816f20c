//! The methods of signing in that `--auth` knows.

use std::fmt;
use std::str::FromStr;

use kusto_ingest::auth::AuthMethod;

/// A method of signing in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignInMethod {
    AzureCli,
    ManagedIdentity,
    ClientSecret,
    ClientCertificate,
    DeviceCode,
    Token,
    WorkloadIdentity,
    DeveloperTools,
    Pipelines,
    None,
}

/// All of them, as they are written.
const METHODS: [(&str, SignInMethod); 10] = [
    ("az-cli", SignInMethod::AzureCli),
    ("managed-identity", SignInMethod::ManagedIdentity),
    ("client-secret", SignInMethod::ClientSecret),
    ("client-certificate", SignInMethod::ClientCertificate),
    ("device-code", SignInMethod::DeviceCode),
    ("token", SignInMethod::Token),
    ("workload-identity", SignInMethod::WorkloadIdentity),
    ("developer-tools", SignInMethod::DeveloperTools),
    ("pipelines", SignInMethod::Pipelines),
    ("none", SignInMethod::None),
];

impl SignInMethod {
    /// As it is written.
    pub(crate) fn name(self) -> &'static str {
        METHODS
            .iter()
            .find_map(|(name, way)| (*way == self).then_some(*name))
            .unwrap_or_default()
    }

    /// Whether a connection string says the same.
    pub(crate) fn is(self, method: &AuthMethod) -> bool {
        matches!(
            (self, method),
            (Self::ClientSecret, AuthMethod::ClientSecret { .. })
                | (Self::ClientCertificate, AuthMethod::ClientCertificate { .. })
                | (
                    Self::Token,
                    AuthMethod::UserToken(_) | AuthMethod::ApplicationToken(_)
                )
                | (Self::DeviceCode, AuthMethod::UserPrompt { .. })
                | (Self::None, AuthMethod::Anonymous)
        )
    }
}

impl FromStr for SignInMethod {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "interactive" {
            return Err("no browser window is opened; device-code asks a user, in any browser".to_owned());
        }
        METHODS
            .iter()
            .find_map(|(name, way)| (*name == text).then_some(*way))
            .ok_or_else(|| {
                format!(
                    "the ways to sign in are {}",
                    METHODS.map(|(name, _)| name).join(", ")
                )
            })
    }
}

impl fmt::Display for SignInMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
