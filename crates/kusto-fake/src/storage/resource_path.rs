//! The path of a container, queue or table.

use std::fmt;

use kusto_storage::ResourceUri;

/// The path of a container, queue or table: account and name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct ResourcePath {
    /// The storage account.
    pub account: String,
    /// The name in the account.
    pub name: String,
}

impl ResourcePath {
    /// The path of these two parts.
    pub fn new(account: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            account: account.into(),
            name: name.into(),
        }
    }
}

impl From<&ResourceUri> for ResourcePath {
    fn from(address: &ResourceUri) -> Self {
        Self::new(address.account(), address.name())
    }
}

impl fmt::Display for ResourcePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account, self.name)
    }
}
