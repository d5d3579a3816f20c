//! Which Kusto is meant, and which table in it.

use kusto_ingest::connection::ConnectionString;
use kusto_ingest::properties::{DatabaseName, TableName};
use kusto_ingest::{Error, ErrorKind};

use super::Variables;
use crate::report::CommandError;

/// The variable that names the cluster where the arguments do not.
const KUSTO_CLUSTER: &str = "KUSTO_CLUSTER";

/// The variable that names the database where neither the arguments nor the connection string do.
const KUSTO_DATABASE: &str = "KUSTO_DATABASE";

/// The variable that names the table where the arguments do not.
const KUSTO_TABLE: &str = "KUSTO_TABLE";

/// Which Kusto is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// One that lives as long as the command.
    Embedded,
    /// That of an address.
    Cluster(Address),
}

/// Where the sources go.
#[derive(Clone, Debug)]
pub(crate) struct Destination {
    pub(crate) database: DatabaseName,
    pub(crate) table: TableName,
}

/// An address or a connection string, which may hold secrets.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) text: String,
    /// Whether it was given as an argument, which others on this machine can see.
    pub(crate) is_argument: bool,
}

impl Address {
    /// What it says.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn connection(&self) -> Result<ConnectionString, CommandError> {
        ConnectionString::parse(&self.text).map_err(|error| {
            let error = Error::new(ErrorKind::InvalidInput, "read the connection string").caused_by(error);
            CommandError::unusable(&error)
        })
    }
}

impl Target {
    /// Where a cluster is meant, its address.
    pub(crate) fn address(&self) -> Option<&Address> {
        match self {
            Self::Cluster(address) => Some(address),
            Self::Embedded => None,
        }
    }

    /// What the arguments say, else the environment.
    ///
    /// # Errors
    /// Nothing says it.
    pub(crate) fn new(
        embedded: bool,
        given: Option<String>,
        variables: Variables<'_>,
    ) -> Result<Self, CommandError> {
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
pub(crate) fn cluster(given: Option<String>, variables: Variables<'_>) -> Result<Address, CommandError> {
    let is_argument = given.is_some();
    given
        .or_else(|| variables(KUSTO_CLUSTER))
        .map(|text| Address { text, is_argument })
        .ok_or_else(|| {
            CommandError::usage(format!(
                "no cluster is named: give --cluster, or set {KUSTO_CLUSTER}"
            ))
        })
}

/// The database, as the argument, the connection string or the environment names it.
///
/// # Errors
/// None of them names any, or not one that can be.
pub(crate) fn database(
    given: Option<&str>,
    address: Option<&Address>,
    variables: Variables<'_>,
) -> Result<DatabaseName, CommandError> {
    let named = match (given, address) {
        (Some(given), _) => Some(given.to_owned()),
        (None, Some(address)) => address.connection()?.initial_catalog().map(str::to_owned),
        (None, None) => None,
    };
    let named = named.or_else(|| variables(KUSTO_DATABASE)).ok_or_else(|| {
        CommandError::usage(format!(
            "no database is named: give --database, name it in the connection string, or set {KUSTO_DATABASE}"
        ))
    })?;
    DatabaseName::parse(named).map_err(|error| CommandError::unusable(&error))
}

/// The table, as the argument or the environment names it.
///
/// # Errors
/// Neither names any, or not one that can be.
pub(crate) fn table(given: Option<&str>, variables: Variables<'_>) -> Result<TableName, CommandError> {
    let named = given.map(str::to_owned).or_else(|| variables(KUSTO_TABLE));
    let named = named.ok_or_else(|| {
        CommandError::usage(format!("no table is named: give --table, or set {KUSTO_TABLE}"))
    })?;
    TableName::parse(named).map_err(|error| CommandError::unusable(&error))
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

    #[test]
    fn the_database_is_named_by_argument_connection_string_or_environment_in_this_order() {
        let at = |text: &str| Address {
            text: text.to_owned(),
            is_argument: true,
        };
        for (given, address, environment, expect) in [
            (Some("g"), Some("http://127.0.0.1/c"), Some("e"), Some("g")),
            (None, Some("http://127.0.0.1/c"), Some("e"), Some("c")),
            (
                None,
                Some("http://127.0.0.1;Initial Catalog=c"),
                Some("e"),
                Some("c"),
            ),
            (None, Some("http://127.0.0.1"), Some("e"), Some("e")),
            (None, None, Some("e"), Some("e")),
            (None, Some("http://127.0.0.1"), None, None),
            (Some(" "), None, Some("e"), None),
        ] {
            let variables = |name: &str| environment.filter(|_| name == KUSTO_DATABASE).map(str::to_owned);
            let named = database(given, address.map(at).as_ref(), &variables).ok();
            assert_eq!(
                named.as_ref().map(DatabaseName::as_str),
                expect,
                "{given:?} {address:?}"
            );
        }
        let variables = |name: &str| (name == KUSTO_TABLE).then(|| "e".to_owned());
        for (given, expect) in [(Some("g"), "g"), (None, "e")] {
            assert_eq!(
                table(given, &variables).ok().map(String::from).as_deref(),
                Some(expect)
            );
        }
        assert!(table(None, &|_| None).is_err());
    }
}
