//! The arguments that say how the cluster is reached, and which hosts are trusted.

use std::fmt;
use std::path::PathBuf;

use clap::Args;

const HEADING: &str = "Network";

/// How the cluster is reached, and which hosts are trusted.
#[derive(Args, Clone, Default)]
#[group(id = "network", multiple = true)]
pub(crate) struct NetworkArgs {
    /// The proxy, as http://HOST:PORT, or `none`. Without this, HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY say it.
    #[arg(long, value_name = "URL", help_heading = HEADING)]
    pub(crate) proxy: Option<String>,

    /// Hosts that are reached without --proxy, by commas: names (with all below them), addresses and networks.
    #[arg(long, value_name = "HOSTS", requires = "proxy", help_heading = HEADING)]
    pub(crate) no_proxy: Option<String>,

    /// Certificates (PEM) of authorities that are trusted besides those of this machine.
    #[arg(long, value_name = "PATH", help_heading = HEADING)]
    pub(crate) ca_file: Option<PathBuf>,

    /// A host other than Microsoft's to which tokens may be sent: either endpoint of a cluster, or `.DOMAIN` for all
    /// hosts below a domain; may be given again.
    #[arg(long = "trusted-host", value_name = "HOST", help_heading = HEADING)]
    pub(crate) trusted_hosts: Vec<String>,
}

/// The proxy's address may hold a password.
impl fmt::Debug for NetworkArgs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NetworkArgs").finish_non_exhaustive()
    }
}
