//! The arguments that say how the service takes what is ingested: tags, times, sizes, checks.

use clap::{Args, ValueEnum};
use kusto_ingest::clock::Timestamp;
use kusto_ingest::{Compression, ValidationImplications, ValidationOptions, ValidationPolicy};

const HEADING: &str = "Properties";

/// How the service takes what is ingested.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct PropertyArgs {
    /// An `ingest-by:` tag, without the prefix; may be given again.
    #[arg(long = "ingest-by", value_name = "T", help_heading = HEADING)]
    pub(crate) ingest_by: Vec<String>,

    /// A `drop-by:` tag, without the prefix; may be given again.
    #[arg(long = "drop-by", value_name = "T", help_heading = HEADING)]
    pub(crate) drop_by: Vec<String>,

    /// Ingest only what the table has no `ingest-by:` tag of yet; give the same tag by --ingest-by. May be given again.
    #[arg(long = "if-not-exists", value_name = "T", help_heading = HEADING)]
    pub(crate) if_not_exists: Vec<String>,

    /// When the data was created, such as 2026-01-31 or 2026-01-31T12:00:00Z: retention and caching count from then.
    #[arg(long, value_name = "TIME", help_heading = HEADING, value_parser = time)]
    pub(crate) creation_time: Option<Timestamp>,

    /// Where a path tells when its data was created: `myfolder/{yyyy/MM/dd}/`, or as LightIngest has it,
    /// `'myfolder/'yyyy/MM/dd'/'`. The metadata kustoCreationTime of a blob goes first.
    #[arg(long, value_name = "PATTERN", conflicts_with = "creation_time", help_heading = HEADING)]
    pub(crate) creation_time_pattern: Option<String>,

    /// What is done with a source whose path does not tell it: fail it, skip it, or ingest it as created now (ignore).
    #[arg(long, value_enum, value_name = "WHAT", default_value_t, help_heading = HEADING)]
    pub(crate) creation_time_missing: MissingTime,

    /// Which entries of a zip archive are read, as a regular expression.
    #[arg(long, value_name = "REGEX", help_heading = HEADING)]
    pub(crate) zip_pattern: Option<String>,

    /// What the service checks in delimited text, and what becomes of bad records.
    #[arg(long, value_enum, value_name = "WHAT", help_heading = HEADING)]
    pub(crate) validation: Option<Validation>,

    /// How many bytes each source has uncompressed, where that is known better than from its name and length.
    #[arg(long, value_name = "BYTES", help_heading = HEADING, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) raw_size: Option<u64>,

    /// How many times as large compressed blobs are uncompressed, where nothing tells it.
    #[arg(long, value_name = "RATIO", help_heading = HEADING, value_parser = ratio)]
    pub(crate) compression_ratio: Option<f64>,

    /// Let the service take sources that are larger than it advises (6 GB uncompressed).
    #[arg(long, help_heading = HEADING)]
    pub(crate) no_size_limit: bool,

    /// How local sources are compressed already, where their names do not tell it.
    #[arg(long, value_enum, value_name = "HOW", help_heading = HEADING)]
    pub(crate) compression: Option<Packed>,

    /// Any other ingestion property by its name; may be given again.
    #[arg(long = "property", value_name = "NAME=VALUE", help_heading = HEADING, value_parser = pair)]
    pub(crate) properties: Vec<(String, String)>,
}

/// What is done with a source whose path does not tell when it was created.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum MissingTime {
    /// It fails, and the others are sent.
    #[default]
    Fail,
    /// It is left out.
    Skip,
    /// It is ingested as created now.
    Ignore,
}

/// What the service checks in delimited text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Validation {
    /// Nothing.
    None,
    /// All records have as many fields as the first: else the ingestion fails.
    ConstantColumns,
    /// The same, and records that have not are left out.
    ConstantColumnsBestEffort,
    /// The columns alone; wrong quotes are no fault.
    ColumnLevel,
}

/// How a local source is compressed already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Packed {
    None,
    Gzip,
    Zip,
}

impl Validation {
    /// The library's words for it.
    pub(crate) fn policy(self) -> ValidationPolicy {
        let (options, implications) = match self {
            Self::None => (ValidationOptions::DoNotValidate, ValidationImplications::Fail),
            Self::ConstantColumns => (
                ValidationOptions::ValidateCsvInputConstantColumns,
                ValidationImplications::Fail,
            ),
            Self::ConstantColumnsBestEffort => (
                ValidationOptions::ValidateCsvInputConstantColumns,
                ValidationImplications::BestEffort,
            ),
            Self::ColumnLevel => (
                ValidationOptions::ValidateCsvInputColumnLevelOnly,
                ValidationImplications::Fail,
            ),
        };
        ValidationPolicy {
            options,
            implications,
        }
    }
}

impl Packed {
    /// The library's word for it.
    pub(crate) fn compression(self) -> Compression {
        match self {
            Self::None => Compression::None,
            Self::Gzip => Compression::Gzip,
            Self::Zip => Compression::Zip,
        }
    }
}

fn time(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).map_err(|_| "it is no time, such as 2026-01-31 or 2026-01-31T12:00:00Z".to_owned())
}

fn ratio(text: &str) -> Result<f64, String> {
    let ratio = text.parse().ok();
    ratio
        .filter(|ratio| (1.0..=1000.0).contains(ratio))
        .ok_or_else(|| "it is no number from 1 to 1000, such as 10".to_owned())
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        _ => Err("it is no NAME=VALUE".to_owned()),
    }
}
