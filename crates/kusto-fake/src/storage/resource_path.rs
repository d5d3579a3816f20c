//! Where a container, queue or table is.

use std::fmt;

use kusto_storage::ResourceUri;

/// Where a container, queue or table is: its account, and its name there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct ResourcePath {
    /// The storage account.
    pub account: String,
    /// The name in the account.
    pub name: String,
}

impl ResourcePath {
    /// A place of its two parts.
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
