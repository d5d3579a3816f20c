//! How the storage is addressed that an emulator issues.

use kusto_fake::ResourceIssuer;
use kusto_storage::ResourceKind;

/// How the storage is addressed that an [`Emulator`](crate::Emulator) issues. Requests are answered under either form,
/// whatever is issued.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum StorageAddresses {
    /// With the account as the first part of the path: `https://localhost:8443/acct0/ingestdata-0`. No name but
    /// `localhost` must lead to this machine. The current clients of all languages work with it.
    #[default]
    Paths,
    /// Containers and queues so, tables with the account in the host: `https://acct0.table.localhost:8443/…`, for table
    /// libraries that take a host apart. TLS only.
    TablesByHost,
    /// All with the account in the host, as Azure has them. TLS only; Java's queues cannot be reached so.
    Hosts,
}

impl StorageAddresses {
    /// The kinds that have their account in the host.
    pub(crate) fn by_host(self) -> &'static [ResourceKind] {
        match self {
            Self::Paths => &[],
            Self::TablesByHost => &[ResourceKind::Table],
            Self::Hosts => &[ResourceKind::Container, ResourceKind::Queue, ResourceKind::Table],
        }
    }

    /// Issues addresses of this form, below this host and its port.
    pub(crate) fn set(self, issuer: ResourceIssuer, host: &str) -> ResourceIssuer {
        let kinds = self.by_host().iter();
        kinds.fold(issuer, |issuer, kind| issuer.with_account_in_host(*kind, host))
    }
}
