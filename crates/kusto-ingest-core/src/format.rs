//! Data formats and compressions, by the names that go over the wire.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind, Result};

/// A data format that Kusto reads.
///
/// `Display` writes the wire name, `FromStr` reads it in any case, together with the aliases of older services.
#[doc(alias = "DataSourceFormat")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[non_exhaustive]
pub enum DataFormat {
    /// Comma-separated values (RFC 4180).
    Csv,
    /// Tab-separated values.
    Tsv,
    /// Tab-separated values with backslash escapes.
    Tsve,
    /// Values separated by semicolons.
    Scsv,
    /// Values separated by U+0001.
    Sohsv,
    /// Values separated by vertical bars.
    Psv,
    /// One column, one line a record.
    Txt,
    /// The whole source is one value.
    Raw,
    /// One JSON object a line.
    Json,
    /// The whole source is one JSON value.
    SingleJson,
    /// An array of JSON objects, or objects one after the other.
    MultiJson,
    /// Avro, read by Kusto's older reader.
    Avro,
    /// Avro, read by the Apache reader.
    ApacheAvro,
    /// Apache Parquet.
    Parquet,
    /// Apache ORC.
    Orc,
    /// A format internal to Microsoft.
    SStream,
    /// W3C extended log files.
    W3cLogFile,
}

/// One row a format: wire name, extensions that name it, aliases.
const FORMATS: &[(DataFormat, &str, &[&str], &[&str])] = &[
    (DataFormat::Csv, "csv", &["csv"], &[]),
    (DataFormat::Tsv, "tsv", &["tsv"], &[]),
    (DataFormat::Tsve, "tsve", &["tsve"], &[]),
    (
        DataFormat::Scsv,
        "scsv",
        &["scsv"],
        &["log", "storageanalyticslogformat"],
    ),
    (DataFormat::Sohsv, "sohsv", &["sohsv"], &[]),
    (DataFormat::Psv, "psv", &["psv"], &[]),
    (DataFormat::Txt, "txt", &["txt", "log"], &[]),
    (DataFormat::Raw, "raw", &["raw"], &[]),
    (
        DataFormat::Json,
        "json",
        &["json", "jsonl", "ndjson"],
        &["jsonl", "ndjson"],
    ),
    (DataFormat::SingleJson, "singlejson", &[], &[]),
    (DataFormat::MultiJson, "multijson", &["multijson"], &[]),
    (DataFormat::Avro, "avro", &["avro"], &[]),
    (DataFormat::ApacheAvro, "apacheavro", &[], &[]),
    (DataFormat::Parquet, "parquet", &["parquet"], &[]),
    (DataFormat::Orc, "orc", &["orc"], &[]),
    (DataFormat::SStream, "sstream", &["ss"], &[]),
    (DataFormat::W3cLogFile, "w3clogfile", &["w3clogfile"], &[]),
];

impl DataFormat {
    /// Every format, in the order of Kusto's documentation.
    pub fn all() -> impl Iterator<Item = Self> {
        FORMATS.iter().map(|(format, ..)| *format)
    }

    /// The name that goes over the wire, in lower case.
    #[must_use]
    pub fn wire_name(self) -> &'static str {
        FORMATS
            .iter()
            .find(|(format, ..)| *format == self)
            .map_or("csv", |(_, name, ..)| name)
    }

    /// The extensions that name this format, without a dot: its own first. Few formats have none.
    #[must_use]
    pub fn extensions(self) -> &'static [&'static str] {
        FORMATS
            .iter()
            .find(|(format, ..)| *format == self)
            .map_or(&[], |(_, _, extensions, _)| extensions)
    }

    /// Whether a client should gzip this format: the binary ones carry their own compression.
    #[must_use]
    pub fn is_compressible(self) -> bool {
        !matches!(
            self,
            Self::Avro | Self::ApacheAvro | Self::Parquet | Self::Orc | Self::SStream
        )
    }

    /// The format that a file name or URL names by its extension, below a `.gz` or `.zip`. `.jsonl` and `.ndjson` are
    /// [`Json`](Self::Json), and `.log` is [`Txt`](Self::Txt).
    ///
    /// ```
    /// use kusto_ingest_core::DataFormat;
    ///
    /// assert_eq!(DataFormat::from_name("https://h/c/day.JSON.gz?sv=1"), Some(DataFormat::Json));
    /// assert_eq!(DataFormat::from_name("events.jsonl"), Some(DataFormat::Json));
    /// assert_eq!(DataFormat::from_name("data.bin"), None);
    /// ```
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let name = last_segment(name);
        let (stem, _) = Compression::split_extension(name);
        let (_, extension) = stem.rsplit_once('.')?;
        let wanted = extension.to_ascii_lowercase();
        FORMATS
            .iter()
            .find(|(_, _, named_by, _)| named_by.contains(&wanted.as_str()))
            .map(|(format, ..)| *format)
    }
}

impl fmt::Display for DataFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.wire_name())
    }
}

impl FromStr for DataFormat {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wanted = text.trim().to_ascii_lowercase();
        FORMATS
            .iter()
            .find(|(_, name, _, aliases)| *name == wanted || aliases.contains(&wanted.as_str()))
            .map(|(format, ..)| *format)
            .ok_or_else(|| {
                let known: Vec<&str> = FORMATS.iter().map(|(_, name, ..)| *name).collect();
                Error::new(ErrorKind::InvalidInput, "read the data format")
                    .because(format!("{text:?} is not one of {}", known.join(", ")))
            })
    }
}

impl TryFrom<String> for DataFormat {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<DataFormat> for String {
    fn from(format: DataFormat) -> Self {
        format.wire_name().to_owned()
    }
}

/// How the bytes of a source are compressed already.
#[doc(alias("CompressionType", "DataSourceCompressionType"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(
    clippy::exhaustive_enums,
    reason = "these are all that Kusto reads from a name"
)]
pub enum Compression {
    /// Plain bytes.
    None,
    /// One gzip stream.
    Gzip,
    /// A zip archive.
    Zip,
}

impl Compression {
    /// The compression that a file name or URL names: `.gz`, `.gzip` or `.zip`, in any case.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        Self::split_extension(last_segment(name)).1
    }

    /// Splits the compression's extension off a name without path.
    #[must_use]
    pub fn split_extension(name: &str) -> (&str, Self) {
        for (ending, compression) in [(".gz", Self::Gzip), (".gzip", Self::Gzip), (".zip", Self::Zip)] {
            let Some(at) = name.len().checked_sub(ending.len()) else {
                continue;
            };
            if name.is_char_boundary(at) && name[at..].eq_ignore_ascii_case(ending) {
                return (&name[..at], compression);
            }
        }
        (name, Self::None)
    }

    /// The extension that tells Kusto about it, dot included; empty for plain bytes.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Gzip => ".gz",
            Self::Zip => ".zip",
        }
    }
}

/// The last path segment of a file name or URL: Kusto's suffixes after `;` and the query are cut off.
fn last_segment(name: &str) -> &str {
    let end = if name.contains("://") {
        name.find(['?', ';']).unwrap_or(name.len())
    } else {
        name.len()
    };
    name[..end].rsplit(['/', '\\']).next().unwrap_or_default()
}

/// Its name: `none`, `gzip` or `zip`.
impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Zip => "zip",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s02_c23_formats_are_inferred_from_names() {
        for (name, expect) in [
            ("a.avro.zip", Some(DataFormat::Avro)),
            ("a.AVRO.GZ", Some(DataFormat::Avro)),
            ("a.csv", Some(DataFormat::Csv)),
            ("a.json", Some(DataFormat::Json)),
            ("a.jsonl", Some(DataFormat::Json)),
            ("a.NDJSON.gz", Some(DataFormat::Json)),
            ("a.orc", Some(DataFormat::Orc)),
            ("a.parquet", Some(DataFormat::Parquet)),
            ("a.psv", Some(DataFormat::Psv)),
            ("a.raw", Some(DataFormat::Raw)),
            ("a.scsv", Some(DataFormat::Scsv)),
            ("a.sohsv", Some(DataFormat::Sohsv)),
            ("a.tsv", Some(DataFormat::Tsv)),
            ("a.txt", Some(DataFormat::Txt)),
            ("a.w3clogfile", Some(DataFormat::W3cLogFile)),
            ("a.whatever", None),
            ("csv", None),
        ] {
            assert_eq!(DataFormat::from_name(name), expect, "{name}");
        }
    }

    #[test]
    fn s02_c24_the_last_extension_counts() {
        let url = "https://h/c/file1.gz.parquet?sv=1";
        assert_eq!(DataFormat::from_name(url), Some(DataFormat::Parquet));
        assert_eq!(Compression::from_name(url), Compression::None);
    }

    #[test]
    fn s02_c25_what_follows_a_semicolon_is_not_a_name() {
        let url = "https://h/c/a.csv;managed_identity=system";
        assert_eq!(DataFormat::from_name(url), Some(DataFormat::Csv));
    }

    #[test]
    fn s02_c43_format_names_are_read_in_any_case_with_their_aliases() {
        assert_eq!("LOG".parse::<DataFormat>().unwrap(), DataFormat::Scsv);
        assert_eq!(
            "StorageAnalyticsLogFormat".parse::<DataFormat>().unwrap(),
            DataFormat::Scsv
        );
        assert_eq!("CSV".parse::<DataFormat>().unwrap(), DataFormat::Csv);
        assert!("azmonstream".parse::<DataFormat>().is_err());
    }
}
