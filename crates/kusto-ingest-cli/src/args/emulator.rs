//! The arguments of `kusto-ingest emulator`.

use clap::Args;

use super::TableSpec;
use super::emulator_limits::EmulatorLimitArgs;
use super::emulator_start::EmulatorStartArgs;
use super::emulator_tls::EmulatorTlsArgs;

const EXIT_CODES: &str = "\
Exit codes:
  0  it served until SIGINT, SIGTERM or SIGHUP
  1  a bug
  2  usage or configuration, such as a port that is taken

The guide, in the sources of kusto-ingest: docs/guide/emulator.md";

/// The arguments of `kusto-ingest emulator`.
#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct EmulatorArgs {
    /// The port on localhost; the system chooses one where it is not given.
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    pub(crate) port: u16,

    /// A database to create; may be given again. The default is NetDefaultDB.
    #[arg(long = "database", value_name = "DB")]
    pub(crate) databases: Vec<String>,

    /// A table to create, such as 'DB.T(a:string,b:long)'; may be given again. The database may be left out when
    /// there is one.
    #[arg(long = "table", value_name = "[DB.]T(a:string,b:long)")]
    pub(crate) tables: Vec<TableSpec>,

    /// Pause ingestion: messages stay in the queue, so that uploads can be measured alone.
    #[arg(long)]
    pub(crate) hold: bool,

    #[command(flatten)]
    pub(crate) start: EmulatorStartArgs,

    #[command(flatten)]
    pub(crate) tls: EmulatorTlsArgs,

    #[command(flatten)]
    pub(crate) limits: EmulatorLimitArgs,
}
