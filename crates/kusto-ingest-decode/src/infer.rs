//! Infers a schema from a sample of the data, and whether it starts with a header.

#[cfg(feature = "parquet")]
mod arrow;
mod header;
mod names;
mod sample;
mod types;

pub use header::{Header, HeaderDetection};
pub use sample::Sample;

use kusto_ingest_core::{ColumnMapping, DataFormat, IngestionMapping, MappingKind, Result};

use crate::code::{FORMAT_NOT_SUPPORTED, NO_RECORDS, failure};
use crate::decode::hint;
use crate::format::Dialect;
#[cfg(feature = "avro")]
use crate::format::avro;
#[cfg(feature = "orc")]
use crate::format::orc;
#[cfg(feature = "parquet")]
use crate::format::parquet;
use crate::infer::types::TypeCandidates;
use crate::{Column, ScalarType, Schema};

/// What was inferred from a sample.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Inference {
    /// The columns. Their names come from the header or the objects, or else are `Column1` and so on.
    pub schema: Schema,
    /// Whether the first record is a header. Unless it is `Present`, it counts as data.
    pub header: HeaderDetection,
    /// A mapping, needed where a name in the data is not valid for a column, so that it is not found by name.
    pub mapping: Option<IngestionMapping>,
}

/// Infers the columns of a table from the start of its data.
///
/// A column gets the first of these types as which all its values can be read, empty ones aside: datetime, long,
/// decimal (whole numbers beyond long), real, bool, guid, timespan, dynamic, string. Numbers with leading zeros are
/// text. A column without any value is a string.
///
/// Binary formats say themselves what their columns are, and no value is looked at. Of Parquet and ORC the whole file
/// is needed, because its description is at the end.
///
/// ```
/// use kusto_ingest_core::DataFormat;
/// use kusto_ingest_decode::{Header, HeaderDetection, Sample, infer};
///
/// let sample = Sample::complete(b"day,wind\n2012/01/01,4.7\n2012/01/02,4.5\n");
/// let inference = infer(sample, DataFormat::Csv, Header::Detect)?;
/// assert_eq!(inference.schema.to_string(), "day:datetime,wind:real");
/// assert_eq!(inference.header, HeaderDetection::Present);
/// # Ok::<(), kusto_ingest_core::Error>(())
/// ```
///
/// # Errors
/// As [`decode`](crate::decode), when the sample is none of the format.
pub fn infer(sample: Sample<'_>, format: DataFormat, header: Header) -> Result<Inference> {
    let inference = match format {
        DataFormat::Txt => Ok(one_column("line", header)),
        DataFormat::Raw => Ok(one_column("text", Header::None)),
        DataFormat::Json | DataFormat::SingleJson | DataFormat::MultiJson => {
            named(&guessed(sample.members(format)?), MappingKind::Json)
        }
        DataFormat::W3cLogFile => named(&guessed(sample.w3c_fields()?), MappingKind::W3cLogFile),
        #[cfg(feature = "avro")]
        DataFormat::Avro | DataFormat::ApacheAvro => {
            named(&avro::columns_of(sample.bytes(), format)?, format.mapping_kind())
        }
        #[cfg(feature = "orc")]
        DataFormat::Orc => named(&orc::columns_of(sample.whole()?)?, MappingKind::Orc),
        #[cfg(feature = "parquet")]
        DataFormat::Parquet => named(
            &arrow::columns(&*parquet::schema_of(sample.whole()?)?),
            MappingKind::Parquet,
        ),
        _ => match Dialect::of(format) {
            Some(dialect) => delimited(&sample.records(dialect)?, header),
            None => {
                let why = format!("this version does not decode {format}");
                Err(failure(FORMAT_NOT_SUPPORTED, why))
            }
        },
    }?;
    if inference.schema.columns().is_empty() {
        let why = format!("the sample has no records to infer columns from{}", hint(format));
        return Err(failure(NO_RECORDS, why));
    }
    Ok(inference)
}

/// Columns by their place.
fn delimited(records: &[Vec<String>], header: Header) -> Result<Inference> {
    let Some((first, later)) = records.split_first() else {
        return Ok(none());
    };
    let found = header::found(first, later, header);
    let (names, data) = match found {
        HeaderDetection::Present => (first.as_slice(), later),
        HeaderDetection::Absent | HeaderDetection::Unknown => (&[][..], records),
    };
    let width = records.iter().map(Vec::len).max().unwrap_or_default();
    let mut guesses = vec![TypeCandidates::default(); width];
    for record in data {
        guesses
            .iter_mut()
            .zip(record)
            .for_each(|(guess, text)| guess.see_text(text));
    }
    let names = names::unique((0..width).map(|at| names.get(at).map_or("", String::as_str)));
    let columns = names
        .into_iter()
        .zip(&guesses)
        .map(|(name, guess)| Column::new(name, guess.scalar_type()));
    Ok(Inference {
        schema: Schema::new(columns.collect())?,
        header: found,
        mapping: None,
    })
}

/// The types that fit all values.
fn guessed(found: Vec<(String, TypeCandidates)>) -> Vec<(String, ScalarType)> {
    let typed = |(name, guess): (String, TypeCandidates)| (name, guess.scalar_type());
    found.into_iter().map(typed).collect()
}

/// Columns by their name; a mapping where a name had to be changed.
fn named(found: &[(String, ScalarType)], kind: MappingKind) -> Result<Inference> {
    let names = names::unique(found.iter().map(|(name, _)| name.as_str()));
    let is_changed = names
        .iter()
        .zip(found)
        .any(|(name, (original, _))| name != original);
    let columns = names
        .iter()
        .zip(found)
        .map(|(name, (_, scalar_type))| Column::new(name, *scalar_type));
    let schema = Schema::new(columns.collect())?;
    let mapping = is_changed.then(|| {
        let columns = schema.columns().iter().zip(found).map(|(column, (original, _))| {
            let mapping = ColumnMapping::new(&column.name).with_type(column.scalar_type.name());
            match kind {
                MappingKind::Json => mapping.with_path(names::path_to(original)),
                _ => mapping.with_field(original),
            }
        });
        IngestionMapping::inline(kind, columns.collect())
    });
    Ok(Inference {
        schema,
        header: HeaderDetection::Absent,
        mapping: mapping.transpose()?,
    })
}

/// What a sample without records tells.
fn none() -> Inference {
    Inference {
        schema: Schema::default(),
        header: HeaderDetection::Absent,
        mapping: None,
    }
}

/// Formats whose records have no fields.
fn one_column(name: &str, header: Header) -> Inference {
    Inference {
        schema: Schema::new(vec![Column::new(name, ScalarType::String)]).unwrap_or_default(),
        header: match header {
            Header::Given => HeaderDetection::Present,
            Header::Detect => HeaderDetection::Unknown,
            Header::None => HeaderDetection::Absent,
        },
        mapping: None,
    }
}
