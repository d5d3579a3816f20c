//! Which hosts may be talked to: checked on the URL that will be sent to, before a byte leaves.

use std::fmt;
use std::sync::Arc;

use url::{Host, Url};

use crate::host::{check_name, is_loopback};
use crate::well_known::{cloud_of, is_below};
use crate::{Error, ErrorKind, LoginEndpoint, Result};

/// Which hosts may be talked to.
///
/// Unless told otherwise, these are this machine and the Kusto endpoints that Microsoft runs. The check is made
/// before anything is sent, whatever the sign-in method: a token that is given as text reaches a wrong host just as
/// a token that was fetched does.
///
/// ```
/// use kusto_connection::{MatchRule, TrustedEndpoints};
///
/// let trusted = TrustedEndpoints::new().with_rule(MatchRule::suffix(".kusto.contoso.com")?);
/// assert!(trusted.check(&"https://help.kusto.windows.net/".parse().unwrap()).is_ok());
/// assert!(trusted.check(&"https://weather.kusto.contoso.com/".parse().unwrap()).is_ok());
/// assert!(trusted.check(&"https://kusto.windows.net.example/".parse().unwrap()).is_err());
/// # Ok::<(), kusto_connection::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct TrustedEndpoints {
    rules: Vec<MatchRule>,
    policy: Policy,
}

/// Why a host is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trust {
    /// It is this machine.
    Loopback,
    /// A rule or a decision of the user's says so.
    Custom,
    /// It is one of Microsoft's, of the cloud with this login endpoint.
    Cloud(LoginEndpoint),
}

#[derive(Clone, Default)]
enum Policy {
    #[default]
    WellKnown,
    Override(Arc<dyn Fn(&Url) -> bool + Send + Sync>),
    AnyHost,
}

impl TrustedEndpoints {
    /// This machine, and the Kusto endpoints that Microsoft runs.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Also trusts the hosts of `rule`.
    #[must_use]
    pub fn with_rule(mut self, rule: MatchRule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Asks `decide` instead of the table of Microsoft's endpoints. This machine and the hosts of rules stay trusted.
    #[must_use]
    #[doc(alias = "setOverridePolicy")]
    pub fn with_override_policy(mut self, decide: impl Fn(&Url) -> bool + Send + Sync + 'static) -> Self {
        self.policy = Policy::Override(Arc::new(decide));
        self
    }

    /// Trusts every host. A mistyped or malicious connection string then sends tokens anywhere.
    #[must_use]
    pub fn with_any_host(mut self) -> Self {
        self.policy = Policy::AnyHost;
        self
    }

    /// Whether every host is trusted, which deserves a warning in a log.
    #[must_use]
    pub fn trusts_any_host(&self) -> bool {
        matches!(self.policy, Policy::AnyHost)
    }

    /// Tells why the host of `url` is trusted. Nothing is sent for that.
    ///
    /// Pass the `Url` that requests are built from: two URL parsers can disagree about the host of one text. Each of a
    /// cluster's two addresses is checked for itself.
    ///
    /// # Errors
    /// [`ErrorKind::UntrustedEndpoint`] if it is not trusted, or if the URL contains a user name.
    pub fn check(&self, url: &Url) -> Result<Trust> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Error::new(
                ErrorKind::UntrustedEndpoint,
                "the address contains a user name",
            ));
        }
        let Some(host) = url.host_str() else {
            return Err(Error::new(
                ErrorKind::UntrustedEndpoint,
                "the address has no host",
            ));
        };
        if is_loopback(url) {
            return Ok(Trust::Loopback);
        }
        if self.rules.iter().any(|rule| rule.matches(host)) {
            return Ok(Trust::Custom);
        }
        let trust = match &self.policy {
            Policy::AnyHost => Some(Trust::Custom),
            Policy::Override(decide) => decide(url).then_some(Trust::Custom),
            Policy::WellKnown => cloud_of(host).map(Trust::Cloud),
        };
        trust.ok_or_else(|| {
            let reason = format!("`{host}` is no known Kusto host; see https://aka.ms/kustotrustedendpoints");
            Error::new(ErrorKind::UntrustedEndpoint, reason)
        })
    }
}

impl Trust {
    /// Checks that a host of Microsoft's names the login endpoint of its own cloud.
    ///
    /// The second phase of the check, once the cluster has told its login endpoint. For other hosts there is nothing
    /// to compare with; whether their login endpoint may be used is told by [`LoginEndpoint::known`].
    ///
    /// # Errors
    /// [`ErrorKind::UntrustedEndpoint`] if the cluster tells anything else.
    pub fn confirm(self, login_endpoint: &str) -> Result<()> {
        match self {
            Self::Cloud(expected) if LoginEndpoint::known(login_endpoint) != Ok(expected) => {
                let reason = format!("the cluster does not sign in at {expected}, as its cloud does");
                Err(Error::new(ErrorKind::UntrustedEndpoint, reason))
            }
            _ => Ok(()),
        }
    }
}

/// A rule for hosts to trust besides Microsoft's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MatchRule(Pattern);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Pattern {
    Exact(String),
    Suffix(String),
}

impl MatchRule {
    /// This host, and nothing below it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidMatchRule`] if it is not the name or address of a host.
    pub fn exact(host: &str) -> Result<Self> {
        match Host::parse(host) {
            Ok(Host::Domain(name)) => Ok(Self(Pattern::Exact(checked(name)?))),
            Ok(address) => Ok(Self(Pattern::Exact(address.to_string()))),
            Err(_) => Err(invalid("it is not the name or address of a host")),
        }
    }

    /// Every host below a domain of at least two labels, written with a dot in front: `.contoso.com`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidMatchRule`] if it would trust far too much.
    pub fn suffix(domain: &str) -> Result<Self> {
        let Some(domain) = domain.strip_prefix('.') else {
            return Err(invalid("a suffix starts with a dot"));
        };
        match Host::parse(domain) {
            Ok(Host::Domain(name)) if name.trim_end_matches('.').contains('.') => {
                Ok(Self(Pattern::Suffix(format!(".{}", checked(name)?))))
            }
            _ => Err(invalid("a suffix is a domain of at least two labels")),
        }
    }

    fn matches(&self, host: &str) -> bool {
        match &self.0 {
            Pattern::Exact(exact) => host == exact,
            Pattern::Suffix(suffix) => is_below(host, suffix),
        }
    }
}

fn checked(name: String) -> Result<String> {
    match check_name(&name) {
        Ok(()) => Ok(name),
        Err(_) => Err(invalid("it is not the name of a host")),
    }
}

fn invalid(reason: &'static str) -> Error {
    Error::new(ErrorKind::InvalidMatchRule, reason)
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WellKnown => "WellKnown",
            Self::Override(_) => "Override",
            Self::AnyHost => "AnyHost",
        })
    }
}
