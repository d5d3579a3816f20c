//! The arguments that say which of what is found is ingested, and how containers are opened.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use kusto_ingest::external::uuid::Uuid;

use super::{SignInMethod, duration};

const HEADING: &str = "Selection";
const STORAGE: &str = "Storage of your own";

/// Which of what is found is ingested.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct SelectArgs {
    /// A file with a source a line, or `-` for standard input; blank lines and lines that begin with # are left out.
    #[arg(long, value_name = "LIST", help_heading = HEADING)]
    pub(crate) from_file: Option<PathBuf>,

    /// Of containers, only the blobs whose names go on so behind the container or folder; the storage leaves out the rest.
    #[arg(long, value_name = "TEXT", help_heading = HEADING)]
    pub(crate) prefix: Option<String>,

    /// Of folders and containers, only what matches: `*.csv.gz` looks at the last part of a name, `2026/**/*.csv` at all of
    /// it below the folder; may be given again.
    #[arg(long = "pattern", value_name = "GLOB", help_heading = HEADING)]
    pub(crate) patterns: Vec<String>,

    /// Of folders and containers, not what matches; may be given again.
    #[arg(long = "exclude", value_name = "GLOB", help_heading = HEADING)]
    pub(crate) excludes: Vec<String>,

    /// The first so many sources only; 0 is none.
    #[arg(long, value_name = "N", help_heading = HEADING)]
    pub(crate) limit: Option<u64>,

    /// List no more than so many blobs a second.
    #[arg(long, value_name = "N", help_heading = HEADING, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) list_rate: Option<u32>,

    /// How long a page of a container is asked for again while the storage fails in passing; a minute without this.
    #[arg(long, value_name = "TIME", help_heading = HEADING, value_parser = duration::parse)]
    pub(crate) list_retry_for: Option<Duration>,

    /// Where nothing matches, end with exit code 0 instead of 7.
    #[arg(long, help_heading = HEADING)]
    pub(crate) allow_empty: bool,

    /// Whether patterns are read as LightIngest reads them.
    #[arg(long, hide = true)]
    pub(crate) legacy_patterns: bool,

    #[command(flatten)]
    pub(crate) storage: StorageArgs,
}

/// How containers are opened, for this command and for Kusto.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct StorageArgs {
    /// How to sign in to list containers whose address has neither SAS nor key: as --auth, such as az-cli or
    /// managed-identity.
    #[arg(long, value_name = "WAY", help_heading = STORAGE)]
    pub(crate) storage_auth: Option<SignInMethod>,

    /// The application or managed identity that lists containers.
    #[arg(long, value_name = "ID", requires = "storage_auth", help_heading = STORAGE)]
    pub(crate) storage_client_id: Option<String>,

    /// The tenant in which the listing signs in.
    #[arg(long, value_name = "ID", requires = "storage_auth", help_heading = STORAGE)]
    pub(crate) storage_tenant_id: Option<String>,

    /// The login endpoint of the storage's cloud; that of the public cloud where it is not given.
    #[arg(long, value_name = "URL", requires = "storage_auth", help_heading = STORAGE)]
    pub(crate) storage_authority: Option<String>,

    /// Have the service read blobs by a managed identity of its own: `system`, or the object id of one. It needs the role
    /// Storage Blob Data Reader there, and a policy of the database that allows it. The SAS or key of a container is for
    /// listing alone then.
    #[arg(long, value_name = "ID", value_parser = identity, help_heading = STORAGE)]
    pub(crate) service_identity: Option<String>,
}

fn identity(text: &str) -> Result<String, &'static str> {
    match text.trim() {
        "system" => Ok("system".to_owned()),
        id => Uuid::parse_str(id)
            .map(|id| id.to_string())
            .map_err(|_| "it is neither `system` nor the object id of a managed identity"),
    }
}
