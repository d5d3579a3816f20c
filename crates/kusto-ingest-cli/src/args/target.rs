//! Which Kusto is meant.

use std::ffi::OsString;

use crate::exit::Stop;

/// The variable that names the cluster where the arguments do not.
pub(crate) const KUSTO_CLUSTER: &str = "KUSTO_CLUSTER";

/// Which Kusto is meant.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// One that lives as long as the command.
    Embedded,
    /// The cluster of an address or a connection string, which may hold secrets.
    Cluster(String),
}

impl Target {
    /// What the arguments say, else the environment.
    ///
    /// # Errors
    /// Nothing says it.
    pub(crate) fn new(
        embedded: bool,
        given: Option<String>,
        environment: Option<OsString>,
    ) -> Result<Self, Stop> {
        match embedded {
            true => Ok(Self::Embedded),
            false => cluster(given, environment).map(Self::Cluster),
        }
    }
}

/// The cluster that is asked, as the argument or the environment names it.
pub(crate) fn cluster(given: Option<String>, environment: Option<OsString>) -> Result<String, Stop> {
    let from_environment = || {
        let text = environment?.into_string().ok()?;
        Some(text).filter(|text| !text.trim().is_empty())
    };
    given.or_else(from_environment).ok_or_else(|| {
        Stop::usage(format!(
            "no cluster is named: give --cluster, or set {KUSTO_CLUSTER}"
        ))
    })
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Embedded => "Embedded",
            Self::Cluster(_) => "Cluster(****)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_go_before_the_environment() {
        let cluster = |name: &str| Target::Cluster(name.to_owned());
        for (embedded, given, environment, expect) in [
            (true, None, Some("e"), Some(Target::Embedded)),
            (false, Some("g"), Some("e"), Some(cluster("g"))),
            (false, None, Some("e"), Some(cluster("e"))),
            (false, None, Some(" "), None),
            (false, None, None, None),
        ] {
            let target = Target::new(
                embedded,
                given.map(str::to_owned),
                environment.map(OsString::from),
            );
            assert_eq!(target.ok(), expect, "{embedded} {given:?} {environment:?}");
        }
    }
}
