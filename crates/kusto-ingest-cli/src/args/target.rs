//! Which Kusto is meant.

use crate::args::Variables;
use crate::exit::Stop;

/// The variable that names the cluster where the arguments do not.
const KUSTO_CLUSTER: &str = "KUSTO_CLUSTER";

/// Which Kusto is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// One that lives as long as the command.
    Embedded,
    /// That of an address.
    Cluster(Address),
}

/// An address or a connection string, which may hold secrets.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) text: String,
    /// Whether it was given as an argument, which others on this machine can see.
    pub(crate) is_argument: bool,
}

impl Target {
    /// What the arguments say, else the environment.
    ///
    /// # Errors
    /// Nothing says it.
    pub(crate) fn new(embedded: bool, given: Option<String>, variables: Variables<'_>) -> Result<Self, Stop> {
        match embedded {
            true => Ok(Self::Embedded),
            false => cluster(given, variables).map(Self::Cluster),
        }
    }
}

/// The cluster that is asked, as the argument or the environment names it.
///
/// # Errors
/// Neither names any.
pub(crate) fn cluster(given: Option<String>, variables: Variables<'_>) -> Result<Address, Stop> {
    let is_argument = given.is_some();
    given
        .or_else(|| variables(KUSTO_CLUSTER))
        .map(|text| Address { text, is_argument })
        .ok_or_else(|| {
            Stop::usage(format!(
                "no cluster is named: give --cluster, or set {KUSTO_CLUSTER}"
            ))
        })
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Address(****)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_go_before_the_environment() {
        let cluster = |name: &str, is_argument| {
            Target::Cluster(Address {
                text: name.to_owned(),
                is_argument,
            })
        };
        for (embedded, given, environment, expect) in [
            (true, None, Some("e"), Some(Target::Embedded)),
            (false, Some("g"), Some("e"), Some(cluster("g", true))),
            (false, None, Some("e"), Some(cluster("e", false))),
            (false, None, None, None),
        ] {
            let variables = |name: &str| environment.filter(|_| name == KUSTO_CLUSTER).map(str::to_owned);
            let target = Target::new(embedded, given.map(str::to_owned), &variables);
            assert_eq!(target.ok(), expect, "{embedded} {given:?} {environment:?}");
        }
    }
}
