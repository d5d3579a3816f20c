//! The ways to sign in that `--auth` knows.

use std::fmt;
use std::str::FromStr;

use kusto_ingest::auth::AuthMethod;

/// A way to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
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
const WAYS: [(&str, Way); 10] = [
    ("az-cli", Way::AzureCli),
    ("managed-identity", Way::ManagedIdentity),
    ("client-secret", Way::ClientSecret),
    ("client-certificate", Way::ClientCertificate),
    ("device-code", Way::DeviceCode),
    ("token", Way::Token),
    ("workload-identity", Way::WorkloadIdentity),
    ("developer-tools", Way::DeveloperTools),
    ("pipelines", Way::Pipelines),
    ("none", Way::None),
];

impl Way {
    /// As it is written.
    pub(crate) fn name(self) -> &'static str {
        WAYS.iter()
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

impl FromStr for Way {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "interactive" {
            return Err("no browser window is opened; device-code asks a user, in any browser".to_owned());
        }
        WAYS.iter()
            .find_map(|(name, way)| (*name == text).then_some(*way))
            .ok_or_else(|| {
                format!(
                    "the ways to sign in are {}",
                    WAYS.map(|(name, _)| name).join(", ")
                )
            })
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
