//! The kinds of mapping, one for each family of formats.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{DataFormat, Error, ErrorKind, Result};

/// The kind of a mapping: which formats it reads, and which properties its columns have.
#[doc(alias = "IngestionMappingKind")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub enum MappingKind {
    /// For the delimited formats, `txt` and `raw`.
    Csv,
    /// For `json`, `singlejson` and `multijson`.
    Json,
    /// For `avro`.
    Avro,
    /// For `apacheavro`.
    ApacheAvro,
    /// For `parquet`.
    Parquet,
    /// For `orc`.
    Orc,
    /// For `sstream`.
    SStream,
    /// For `w3clogfile`.
    #[serde(rename = "W3CLogFile")]
    W3cLogFile,
}

const KINDS: &[(MappingKind, &str, DataFormat)] = &[
    (MappingKind::Csv, "Csv", DataFormat::Csv),
    (MappingKind::Json, "Json", DataFormat::Json),
    (MappingKind::Avro, "Avro", DataFormat::Avro),
    (MappingKind::ApacheAvro, "ApacheAvro", DataFormat::ApacheAvro),
    (MappingKind::Parquet, "Parquet", DataFormat::Parquet),
    (MappingKind::Orc, "Orc", DataFormat::Orc),
    (MappingKind::SStream, "SStream", DataFormat::SStream),
    (MappingKind::W3cLogFile, "W3CLogFile", DataFormat::W3cLogFile),
];

impl MappingKind {
    /// The name that goes over the wire; its case matters there.
    #[must_use]
    pub fn wire_name(self) -> &'static str {
        KINDS
            .iter()
            .find(|(kind, ..)| *kind == self)
            .map_or("Csv", |(_, name, _)| name)
    }

    /// The format that a mapping of this kind implies when none is given.
    #[must_use]
    pub fn canonical_format(self) -> DataFormat {
        KINDS
            .iter()
            .find(|(kind, ..)| *kind == self)
            .map_or(DataFormat::Csv, |(_, _, format)| *format)
    }
}

impl DataFormat {
    /// The kind of mapping that this format reads.
    #[must_use]
    pub fn mapping_kind(self) -> MappingKind {
        match self {
            Self::Csv
            | Self::Tsv
            | Self::Tsve
            | Self::Scsv
            | Self::Sohsv
            | Self::Psv
            | Self::Txt
            | Self::Raw => MappingKind::Csv,
            Self::Json | Self::SingleJson | Self::MultiJson => MappingKind::Json,
            Self::Avro => MappingKind::Avro,
            Self::ApacheAvro => MappingKind::ApacheAvro,
            Self::Parquet => MappingKind::Parquet,
            Self::Orc => MappingKind::Orc,
            Self::SStream => MappingKind::SStream,
            Self::W3cLogFile => MappingKind::W3cLogFile,
        }
    }
}

impl fmt::Display for MappingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.wire_name())
    }
}

impl FromStr for MappingKind {
    type Err = Error;

    /// Reads a kind in any case, as clients write `csv` and `Csv`.
    fn from_str(text: &str) -> Result<Self> {
        KINDS
            .iter()
            .find(|(_, name, _)| name.eq_ignore_ascii_case(text.trim()))
            .map(|(kind, ..)| *kind)
            .ok_or_else(|| {
                let known: Vec<&str> = KINDS.iter().map(|(_, name, _)| *name).collect();
                Error::new(ErrorKind::InvalidInput, "read the mapping kind")
                    .because(format!("{text:?} is not one of {}", known.join(", ")))
            })
    }
}
