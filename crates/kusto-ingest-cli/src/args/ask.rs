//! The arguments that every command shares which only asks a cluster.

use std::time::Duration;

use clap::Args;

use super::{Address, NetworkArgs, SignInArgs, Variables, cluster, duration};
use crate::report::CommandError;

/// Which cluster is asked, and in whose name.
#[derive(Args, Clone)]
pub(crate) struct AskArgs {
    /// The cluster's address or connection string; KUSTO_CLUSTER where it is not given.
    #[arg(long, value_name = "URL")]
    pub(crate) cluster: Option<String>,

    /// How long the service is asked again while it fails in passing; half a minute without this, of `doctor` 2s.
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub(crate) retry_for: Option<Duration>,

    #[command(flatten)]
    pub(crate) sign_in: SignInArgs,

    #[command(flatten)]
    pub(crate) network: NetworkArgs,
}

impl AskArgs {
    /// The address of the cluster.
    ///
    /// # Errors
    /// Nothing names it.
    pub(crate) fn address(&self, variables: Variables<'_>) -> Result<Address, CommandError> {
        cluster(self.cluster.clone(), variables)
    }
}

/// The cluster may hold secrets.
impl std::fmt::Debug for AskArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AskArgs").finish_non_exhaustive()
    }
}
