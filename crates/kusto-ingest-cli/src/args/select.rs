//! The arguments that say which of what is found is ingested, and how containers are opened.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use kusto_ingest::external::uuid::Uuid;
use kusto_ingest::journal::Shard;

use super::{OwnFiles, SignInMethod, duration, long_run};

const HEADING: &str = "Selection";
const STORAGE: &str = "User storage";

/// Which of what is found is ingested.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct SelectArgs {
    /// A file with a source a line, or `-` for standard input; blank lines and lines that begin with # are left out. What is
    /// named twice is sent once.
    #[arg(long, value_name = "LIST", help_heading = HEADING)]
    pub(crate) from_file: Option<PathBuf>,

    /// Of containers, only blobs whose names begin with this, below the container or folder. The storage filters them.
    #[arg(long, value_name = "TEXT", help_heading = HEADING)]
    pub(crate) prefix: Option<String>,

    /// Of folders and containers, only names that match: `*.csv.gz` matches the last part of a name, `2026/**/*.csv`
    /// all of it below the folder; may be given again.
    #[arg(long = "pattern", value_name = "GLOB", help_heading = HEADING)]
    pub(crate) patterns: Vec<String>,

    /// Of folders and containers, leave out names that match; may be given again.
    #[arg(long = "exclude", value_name = "GLOB", help_heading = HEADING)]
    pub(crate) excludes: Vec<String>,

    /// The most sources that are taken, the first ones; 0 takes none.
    #[arg(long, value_name = "N", help_heading = HEADING)]
    pub(crate) limit: Option<u64>,

    /// Take one of N parts of the sources, the one of number I from 0: `0/4`. Which part a source belongs to is told by its
    /// path alone. `/4` takes the number from JOB_COMPLETION_INDEX.
    #[arg(long, value_name = "I/N", help_heading = HEADING, value_parser = long_run::shard)]
    pub(crate) shard: Option<Shard>,

    /// The most blobs that are listed in a second.
    #[arg(long, value_name = "N", help_heading = HEADING, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) list_rate: Option<u32>,

    /// How long the listing of a container is retried after transient failures; by default one minute.
    #[arg(long, value_name = "TIME", help_heading = HEADING, value_parser = duration::parse)]
    pub(crate) list_retry_for: Option<Duration>,

    /// Exit with code 0 instead of 7 if nothing matches.
    #[arg(long, help_heading = HEADING)]
    pub(crate) allow_empty: bool,

    /// Whether patterns are read as LightIngest reads them.
    #[arg(long, hide = true)]
    pub(crate) legacy_patterns: bool,

    #[command(flatten)]
    pub(crate) storage: StorageArgs,

    /// What the command itself writes or reads, which is no source.
    #[arg(skip)]
    pub(crate) own_files: OwnFiles,
}

/// How containers are opened, for this command and for Kusto.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct StorageArgs {
    /// How to sign in for listing containers whose address has neither SAS nor key; values as for --auth.
    #[arg(long, value_name = "WAY", help_heading = STORAGE)]
    pub(crate) storage_auth: Option<SignInMethod>,

    /// The application or managed identity for listing containers.
    #[arg(long, value_name = "ID", requires = "storage_auth", help_heading = STORAGE)]
    pub(crate) storage_client_id: Option<String>,

    /// The tenant in which the listing signs in.
    #[arg(long, value_name = "ID", requires = "storage_auth", help_heading = STORAGE)]
    pub(crate) storage_tenant_id: Option<String>,

    /// The login endpoint of the storage's cloud; that of the public cloud where it is not given.
    #[arg(long, value_name = "URL", requires = "storage_auth", help_heading = STORAGE)]
    pub(crate) storage_authority: Option<String>,

    /// Let the service read blobs by its managed identity: `system`, or an object id. The identity needs the role
    /// Storage Blob Data Reader, and a managed identity policy of the database. The SAS or key of a container is then
    /// used for listing only.
    #[arg(long, value_name = "ID", value_parser = identity, help_heading = STORAGE)]
    pub(crate) service_identity: Option<String>,
}

impl SelectArgs {
    /// Whether it is fine that there is nothing to ingest: of few sources, a shard may have none.
    pub(crate) fn may_be_empty(&self) -> bool {
        self.allow_empty || self.shard.is_some()
    }
}

fn identity(text: &str) -> Result<String, &'static str> {
    match text.trim() {
        "system" => Ok("system".to_owned()),
        id => Uuid::parse_str(id)
            .map(|id| id.to_string())
            .map_err(|_| "it is neither `system` nor the object id of a managed identity"),
    }
}
