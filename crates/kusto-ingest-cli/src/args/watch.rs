//! The arguments of `kusto-ingest watch`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::{Address, LimitArgs, NetworkArgs, OwnFiles, SignInArgs, Variables, cluster, duration};
use crate::report::{CommandError, Output};

const EXIT_CODES: &str = "\
Exit codes:
  0    it was told to end, by SIGINT or SIGTERM
  1    a bug, or the journal cannot be written
  2    usage or configuration, a folder or a journal that cannot be used
  141  standard output was closed

The guide, in the sources of kusto-ingest: docs/guide/watching.md";

/// The arguments of `kusto-ingest watch`.
#[derive(Args, Clone)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct WatchArgs {
    /// The folder that is watched, with all below it; hidden files, links, and names such as `….tmp` are left alone.
    #[arg(value_name = "FOLDER")]
    pub(crate) folder: PathBuf,

    /// A TOML file that says which files go into which tables. SIGHUP has it read anew.
    #[arg(long, value_name = "FILE")]
    pub(crate) targets: PathBuf,

    /// Write down what becomes of each file here. By it a watch that was ended anywhere goes on.
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: PathBuf,

    /// What to do with a file once it is queued.
    #[arg(long, value_enum, value_name = "WHAT", default_value_t)]
    pub(crate) done: Done,

    /// With --done move: the folder that files are moved to; without this, `done` in the folder that is watched.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) done_folder: Option<PathBuf>,

    /// Where files go that fail for good, each beside a file of the reason; without this, `failed` in the folder that is
    /// watched.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) failed_folder: Option<PathBuf>,

    /// For how long the size and the time of a file must not change until it is taken.
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = duration::parse)]
    pub(crate) stable_for: Duration,

    /// How often the folder is looked at, at most.
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = duration::parse)]
    pub(crate) look_every: Duration,

    /// How many files are sent at a time, at most; while the service does not take them, one.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) parallel: u16,

    /// Serve numbers in the text format of Prometheus at this address: a port of the loopback interface, or HOST:PORT.
    #[arg(long, value_name = "ADDRESS", value_parser = metrics)]
    pub(crate) metrics: Option<SocketAddr>,

    /// The cluster's address or connection string; KUSTO_CLUSTER where it is not given.
    #[arg(long, value_name = "URL")]
    pub(crate) cluster: Option<String>,

    /// How results are printed: as text, only what went wrong; else each file that was queued.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: Output,

    #[command(flatten)]
    pub(crate) limits: LimitArgs,

    #[command(flatten)]
    pub(crate) sign_in: SignInArgs,

    #[command(flatten)]
    pub(crate) network: NetworkArgs,

    /// What the command itself writes or reads, which is left alone.
    #[arg(skip)]
    pub(crate) own_files: OwnFiles,
}

impl WatchArgs {
    /// The address of the cluster.
    ///
    /// # Errors
    /// Nothing names it.
    pub(crate) fn address(&self, variables: Variables<'_>) -> Result<Address, CommandError> {
        cluster(self.cluster.clone(), variables)
    }

    /// Where files go that fail for good.
    pub(crate) fn failed_folder(&self) -> PathBuf {
        self.failed_folder
            .clone()
            .unwrap_or_else(|| self.folder.join("failed"))
    }

    /// Where files go that are done, if they are moved.
    pub(crate) fn done_folder(&self) -> PathBuf {
        self.done_folder
            .clone()
            .unwrap_or_else(|| self.folder.join("done"))
    }
}

/// The cluster may hold secrets.
impl std::fmt::Debug for WatchArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WatchArgs").finish_non_exhaustive()
    }
}

/// What is done with a file once it is queued.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Done {
    /// It stays.
    #[default]
    Keep,
    /// It is moved into another folder.
    Move,
    /// It is deleted.
    Delete,
}

fn metrics(text: &str) -> Result<SocketAddr, &'static str> {
    if let Ok(port) = text.parse() {
        return Ok(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
    }
    text.parse()
        .map_err(|_| "it is neither a port nor HOST:PORT with the number of a host, such as 0.0.0.0:9464")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_alone_is_one_of_the_loopback_interface() {
        assert_eq!(
            metrics("9464").map(|at| at.to_string()).as_deref(),
            Ok("127.0.0.1:9464")
        );
        assert_eq!(
            metrics("0.0.0.0:9464").map(|at| at.to_string()).as_deref(),
            Ok("0.0.0.0:9464")
        );
        assert!(metrics("localhost").is_err() && metrics("70000").is_err());
    }
}
