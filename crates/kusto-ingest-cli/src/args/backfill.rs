//! The arguments by which what was written long ago is ingested as of then.

use clap::{Args, ValueEnum};
use kusto_ingest::sources::Compression;

const HEADING: &str = "Properties of the data";

/// What is said of data that is not of today.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct BackfillArgs {
    /// Where a path holds the creation time of its data: `myfolder/{yyyy/MM/dd}/`, or in the form of LightIngest,
    /// `'myfolder/'yyyy/MM/dd'/'`. The metadata kustoCreationTime of a blob overrides it.
    #[arg(long, value_name = "PATTERN", group = "creation-time-place", conflicts_with = "creation_time", help_heading = HEADING)]
    pub(crate) creation_time_pattern: Option<String>,

    /// The same by a regular expression, whose group `t`, or else the first, is the time: `/dt=(?P<t>[^/]+)/`.
    #[arg(long, value_name = "REGEX", group = "creation-time-place", conflicts_with = "creation_time", requires = "creation_time_format", help_heading = HEADING)]
    pub(crate) creation_time_regex: Option<String>,

    /// How the time of --creation-time-regex is written, as strftime has it: `%Y-%m-%d`. It is UTC, unless %z says otherwise.
    #[arg(long, value_name = "FORMAT", requires = "creation_time_regex", help_heading = HEADING)]
    pub(crate) creation_time_format: Option<String>,

    /// What to do with a source whose path holds no creation time: fail it, skip it, or ingest it as created now
    /// (ignore).
    #[arg(long, value_enum, value_name = "WHAT", default_value_t, requires = "creation-time-place", help_heading = HEADING)]
    pub(crate) creation_time_missing: MissingTime,

    /// Assumed ratio of uncompressed to compressed size, for blobs of a container whose metadata does not hold the
    /// size.
    #[arg(long, value_name = "RATIO", help_heading = HEADING, value_parser = ratio)]
    pub(crate) compression_ratio: Option<f64>,

    /// Compression of local sources whose names do not tell it.
    #[arg(long, value_enum, value_name = "HOW", help_heading = HEADING)]
    pub(crate) compression: Option<Packed>,
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

/// How a local source is compressed already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Packed {
    /// Not at all.
    None,
    /// gzip.
    Gzip,
    /// As an archive.
    Zip,
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

fn ratio(text: &str) -> Result<f64, String> {
    let ratio = text.parse().ok();
    ratio
        .filter(|ratio| (1.0..=1000.0).contains(ratio))
        .ok_or_else(|| "it is no number from 1 to 1000, such as 10".to_owned())
}
