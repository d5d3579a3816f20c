//! The plan by which columns take values from a record, computed once.

mod column;

pub(crate) use column::ColumnPlan;

use kusto_ingest_core::{ColumnMapping, IngestionMapping, MappingKind, Result, Transform};

use crate::code::{INCONSISTENT_MAPPING, INVALID_MAPPING, MAPPING_NOT_FOUND, failure};
use crate::json::{JsonPath, Step};
#[cfg(any(feature = "orc", feature = "parquet"))]
use crate::plan::column::Root;
use crate::plan::column::{ColumnSource, Conversion, UnixUnit};
use crate::{Column, DecodeOptions, Schema, Value};

/// The plan by which columns take values from a record.
pub(crate) struct Plan<'a> {
    pub(crate) columns: Vec<ColumnPlan<'a>>,
    /// Whether there is no mapping.
    pub(crate) is_identity: bool,
}

impl<'a> Plan<'a> {
    pub(crate) fn new(options: &'a DecodeOptions, schema: &'a Schema) -> Result<Self> {
        let kind = options.format.mapping_kind();
        let mapped = match &options.mapping {
            None => return Ok(Self::identity(kind, schema)),
            Some(mapping) if mapping.kind() != kind => {
                let why = format!(
                    "a mapping of kind {} does not read {}",
                    mapping.kind(),
                    options.format
                );
                return Err(failure(INVALID_MAPPING, why));
            }
            Some(IngestionMapping::Inline { columns, .. }) => columns,
            Some(IngestionMapping::Reference { name, .. }) => {
                return Err(failure(
                    MAPPING_NOT_FOUND,
                    format!("the reference to the mapping {name:?} was not resolved"),
                ));
            }
            Some(_) => return Err(failure(INVALID_MAPPING, "the mapping is of an unknown kind")),
        };
        if let Some(lost) = mapped
            .iter()
            .find(|column| schema.position(&column.column).is_none())
        {
            let why = format!("the table has no column {:?}", lost.column);
            return Err(failure(INCONSISTENT_MAPPING, why));
        }
        let columns = schema.columns().iter().map(|column| {
            let Some(mapping) = mapped.iter().find(|mapping| mapping.column == column.name) else {
                return Ok(ColumnPlan::new(column, ColumnSource::Nothing));
            };
            mapped_column(column, mapping, mapped, options)
        });
        Ok(Self {
            columns: columns.collect::<Result<_>>()?,
            is_identity: false,
        })
    }

    /// The top-level fields that columns take values from; none where a column takes the whole record.
    #[cfg(any(feature = "orc", feature = "parquet"))]
    pub(crate) fn roots(&self) -> Option<std::collections::BTreeSet<String>> {
        self.columns.iter().map(ColumnPlan::root).try_fold(
            std::collections::BTreeSet::new(),
            |mut roots, root| match root {
                Root::All => None,
                Root::None => Some(roots),
                Root::Field(name) => {
                    roots.insert(name.to_owned());
                    Some(roots)
                }
            },
        )
    }

    /// By place where fields have one, else by name.
    fn identity(kind: MappingKind, schema: &'a Schema) -> Self {
        let columns = schema.columns().iter().enumerate().map(|(at, column)| {
            let take = match kind {
                MappingKind::Csv => ColumnSource::Field(at),
                MappingKind::Json => ColumnSource::Path(JsonPath(vec![Step::Name(column.name.clone())])),
                _ => ColumnSource::Named(column.name.clone()),
            };
            ColumnPlan::new(column, take)
        });
        Self {
            columns: columns.collect(),
            is_identity: true,
        }
    }
}

/// What a column takes under its mapping.
fn mapped_column<'a>(
    column: &'a Column,
    mapping: &ColumnMapping,
    all: &[ColumnMapping],
    options: &DecodeOptions,
) -> Result<ColumnPlan<'a>> {
    let take = match &mapping.transform {
        Some(Transform::SourceLocation) => constant(column, &options.source_location),
        Some(Transform::SourceLineNumber) => ColumnSource::RecordNumber,
        _ => location(column, mapping)?,
    };
    let unix = |unit| Ok(Conversion::FromUnix(unit));
    let change = match &mapping.transform {
        None | Some(Transform::SourceLocation | Transform::SourceLineNumber) => Ok(Conversion::None),
        Some(Transform::DateTimeFromUnixSeconds) => unix(UnixUnit::Seconds),
        Some(Transform::DateTimeFromUnixMilliseconds) => unix(UnixUnit::Milliseconds),
        Some(Transform::DateTimeFromUnixMicroseconds) => unix(UnixUnit::Microseconds),
        Some(Transform::DateTimeFromUnixNanoseconds) => unix(UnixUnit::Nanoseconds),
        Some(Transform::BytesAsBase64) if is_avro(options.format.mapping_kind()) => Ok(Conversion::Base64),
        Some(Transform::PropertyBagArrayToDictionary) => Ok(Conversion::MergeBags),
        Some(Transform::DropMappedFields) => dropped(mapping, all).map(Conversion::Drop),
        Some(other) => Err(failure(
            INVALID_MAPPING,
            format!(
                "column {:?}: no transformation {} here",
                mapping.column,
                other.wire_name()
            ),
        )),
    }?;
    Ok(ColumnPlan::new(column, take).with_change(change))
}

/// The formats of the transformation `BytesAsBase64`.
fn is_avro(kind: MappingKind) -> bool {
    matches!(kind, MappingKind::Avro | MappingKind::ApacheAvro)
}

/// The source of a value, as the mapping says.
fn location(column: &Column, mapping: &ColumnMapping) -> Result<ColumnSource> {
    match mapping {
        ColumnMapping { path: Some(path), .. } if path.trim_start().starts_with('$') => {
            JsonPath::parse(path).map(ColumnSource::Path)
        }
        // The service takes a path without root for a constant.
        ColumnMapping { path: Some(path), .. } => Ok(constant(column, path)),
        ColumnMapping {
            field: Some(field), ..
        } => Ok(ColumnSource::Named(field.clone())),
        ColumnMapping {
            ordinal: Some(place), ..
        } => Ok(ColumnSource::Field(*place as usize)),
        ColumnMapping {
            const_value: Some(text),
            ..
        } => Ok(constant(column, text)),
        _ => Err(failure(
            INVALID_MAPPING,
            format!(
                "column {:?} has no path, field or ordinal in the mapping",
                mapping.column
            ),
        )),
    }
}

fn constant(column: &Column, text: &str) -> ColumnSource {
    ColumnSource::Constant(Value::parse(text, column.scalar_type).unwrap_or(Value::Null))
}

/// The paths below a column's own that other columns take, seen from it.
fn dropped(mapping: &ColumnMapping, all: &[ColumnMapping]) -> Result<Vec<JsonPath>> {
    let own = path_of(mapping).unwrap_or_else(|| JsonPath::parse(""))?;
    let others = all.iter().filter(|other| other.column != mapping.column);
    let below = others
        .filter_map(path_of)
        .map(|path| Ok(path?.0.strip_prefix(own.0.as_slice()).map(<[Step]>::to_vec)));
    let below: Vec<Option<Vec<Step>>> = below.collect::<Result<_>>()?;
    Ok(below
        .into_iter()
        .flatten()
        .filter(|steps| !steps.is_empty())
        .map(JsonPath)
        .collect())
}

/// Where a column takes its value, by path or by the name of a field; none for what takes none.
fn path_of(mapping: &ColumnMapping) -> Option<Result<JsonPath>> {
    match (&mapping.path, &mapping.field) {
        (Some(path), _) => path.starts_with('$').then(|| JsonPath::parse(path)),
        (None, Some(field)) => Some(Ok(JsonPath(vec![Step::Name(field.clone())]))),
        (None, None) => None,
    }
}
