//! Which table the sources want: for the embedded Kusto, which has none yet.

use std::sync::Arc;

use kusto_ingest::mapping::{ColumnMapping, IngestionMapping, MappingKind};
use kusto_ingest::{DataFormat, Error, ErrorKind, IngestionProperties, Result, Source};
use kusto_ingest_decode::{Column, Header, HeaderDetection, Inference, Sample, ScalarType, Schema, infer};

use super::{PlannedSource, input};

/// How much of the first source decides on the columns, in uncompressed bytes.
const FIRST: usize = 4 * 1024 * 1024;
/// How much of every further source is looked at.
const FURTHER: usize = 64 * 1024;

/// What the sources told.
#[derive(Debug, Default)]
pub(super) struct InferredTable {
    /// The columns of the table; none when no source could be read.
    pub(super) schema: Option<Schema>,
    /// The sources whose first record names columns, though nobody said so.
    with_header: Vec<String>,
    /// The sources whose first record could be a header, and counts as data.
    without_header: Vec<String>,
}

impl InferredTable {
    /// What people should know.
    pub(super) fn notes(&self) -> Vec<String> {
        let of = |sources: &[String]| match sources {
            [] => None,
            [only] => Some(format!("the first record of {only}")),
            [first, more @ ..] => Some(format!("the first record of {first} and of {} more", more.len())),
        };
        let named = of(&self.with_header)
            .map(|first| format!("{first} is a header: it names columns and is not ingested"));
        let ingested = of(&self.without_header).map(|first| {
            format!("{first} is ingested as data; if it is a header, give --ignore-first-record")
        });
        named.into_iter().chain(ingested).collect()
    }
}

/// Looks into the sources for the columns of a table that holds them, and plans what follows from it: which sources
/// begin with a header, which need a mapping, and which cannot be read at all.
///
/// # Errors
/// A format that the embedded Kusto does not read.
pub(super) async fn table_for(planned: &mut [PlannedSource]) -> Result<InferredTable> {
    let mut wanted = InferredTable::default();
    for planned in planned.iter_mut() {
        if planned.bytes() == Some(0) {
            continue;
        }
        match look_into(planned, wanted.schema.as_ref()).await {
            Ok(inference) => learn(planned, inference, &mut wanted),
            Err(error) if error.kind() == ErrorKind::Unsupported => return Err(error),
            Err(error) => planned.refused = Some(error),
        }
    }
    if wanted.schema.is_some() {
        // There is a table: what the service makes of a source that cannot be read, it says itself.
        planned.iter_mut().for_each(|planned| planned.refused = None);
    }
    Ok(wanted)
}

/// What the beginning of a source tells.
async fn look_into(planned: &mut PlannedSource, known: Option<&Schema>) -> Result<Inference> {
    let Source::Local(source) = planned.source().await? else {
        return Err(out_of_reach(&planned.found.shown()));
    };
    let most = input::enough(planned.format, if known.is_none() { FIRST } else { FURTHER });
    let compression = source.compression();
    let (beginning, source) = input::peek(source, most).await?;
    planned.opened = input::kept(source);
    let beginning = input::uncompressed(beginning, compression, most)?;
    let sample = match beginning.is_whole {
        true => Sample::complete(&beginning.bytes),
        false => Sample::truncated(&beginning.bytes),
    };
    let inferred = |header| {
        infer(sample, planned.format, header)
            .map_err(|error| explained(error, sample, planned.format).with("source", planned.found.shown()))
    };
    if planned.properties.ignore_first_record == Some(true) {
        return inferred(Header::Given);
    }
    let found = inferred(Header::Detect)?;
    if let (HeaderDetection::Unknown, Some(known)) = (found.header, known) {
        // Text above text: it is a header where it says what the header before it said.
        let read_as_header = inferred(Header::Given)?;
        if names(&read_as_header.schema).eq(names(known)) {
            return Ok(read_as_header);
        }
    }
    Ok(found)
}

/// The error, with what would be right where the data tells it: the names of files do not tell an array, or objects of
/// several lines, from one object a line.
fn explained(error: Error, sample: Sample<'_>, format: DataFormat) -> Error {
    if format != DataFormat::Json || infer(sample, DataFormat::MultiJson, Header::Detect).is_err() {
        return error;
    }
    error.because("the format json takes one object a line: --format multijson reads arrays, and objects of several lines")
}

fn names(schema: &Schema) -> impl Iterator<Item = &str> {
    schema.columns().iter().map(|column| column.name.as_str())
}

fn learn(planned: &mut PlannedSource, inference: Inference, wanted: &mut InferredTable) {
    let mut properties = IngestionProperties::clone(&planned.properties);
    match inference.header {
        _ if properties.ignore_first_record.is_some() => {}
        HeaderDetection::Present => {
            properties = properties.with_ignore_first_record();
            wanted.with_header.push(planned.found.called());
        }
        HeaderDetection::Unknown => wanted.without_header.push(planned.found.called()),
        HeaderDetection::Absent => {}
    }
    let is_by_place = properties.mapping.is_none() && planned.format.mapping_kind() == MappingKind::Csv;
    let columns = match &properties.mapping {
        Some(mapping) => mapped(mapping, &inference.schema),
        None => inference.schema,
    };
    properties.mapping = properties.mapping.or(inference.mapping);
    if properties != *planned.properties {
        planned.properties = Arc::new(properties);
    }
    wanted.schema = Some(match wanted.schema.take() {
        None => columns,
        Some(known) => widened(&known, &columns, is_by_place),
    });
}

/// The columns that a mapping fills: of the type it says, else of the type that the data has there.
fn mapped(mapping: &IngestionMapping, found: &Schema) -> Schema {
    let IngestionMapping::Inline { columns, .. } = mapping else {
        return found.clone();
    };
    let type_of = |column: &ColumnMapping| {
        let told = column.data_type.as_deref().and_then(|told| told.parse().ok());
        told.or_else(|| source_of(column, found))
            .unwrap_or(ScalarType::String)
    };
    let columns = columns
        .iter()
        .map(|column| Column::new(&column.column, type_of(column)));
    Schema::new(columns.collect()).unwrap_or_default()
}

/// The type of the data that a column of a mapping takes, where it takes a whole field untransformed.
fn source_of(column: &ColumnMapping, found: &Schema) -> Option<ScalarType> {
    if column.transform.is_some() {
        return None;
    }
    let columns = found.columns();
    let by_place = || columns.get(usize::try_from(column.ordinal?).ok()?);
    let by_name = || {
        let path = column.path.as_deref().map(|path| path.trim_start_matches("$."));
        let name = path.or(column.field.as_deref())?;
        columns.iter().find(|known| known.name == name)
    };
    by_place().or_else(by_name).map(|known| known.scalar_type)
}

/// The columns of a table that holds both: of each the type that takes all values, new ones at the end. Columns are
/// the same by their place or by their name, as they are ingested.
fn widened(known: &Schema, other: &Schema, is_by_place: bool) -> Schema {
    let mut columns = known.columns().to_vec();
    for (at, column) in other.columns().iter().enumerate() {
        let same = match is_by_place {
            true => columns.get_mut(at),
            false => columns.iter_mut().find(|known| known.name == column.name),
        };
        match same {
            Some(known) => known.scalar_type = wider(known.scalar_type, column.scalar_type),
            None => columns.push(column.clone()),
        }
    }
    Schema::new(columns).unwrap_or_else(|_| known.clone())
}

fn wider(one: ScalarType, other: ScalarType) -> ScalarType {
    use ScalarType::{Decimal, Dynamic, Long, Real, String};
    match (one, other) {
        (one, other) if one == other => one,
        (Long, Decimal) | (Decimal, Long) => Decimal,
        (Long | Decimal, Real) | (Real, Long | Decimal) => Real,
        (Dynamic, _) | (_, Dynamic) => Dynamic,
        _ => String,
    }
}

/// The error of sources that cannot be fetched.
fn out_of_reach(shown: &str) -> Error {
    Error::new(ErrorKind::Unsupported, "fetch the blob")
        .because("the embedded Kusto reaches nothing but itself; give a file, or a cluster")
        .with("blob", shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(text: &str) -> Schema {
        text.parse().expect("the test writes it well")
    }

    #[test]
    fn a_table_for_several_sources_takes_the_values_of_all() {
        for (known, other, is_by_place, expect) in [
            ("a:long", "a:long", true, "a:long"),
            ("a:long", "Column1:real", true, "a:real"),
            ("a:long,b:string", "b:string,a:long", true, "a:string,b:string"),
            ("a:long", "Column1:long,Column2:bool", true, "a:long,Column2:bool"),
            (
                "a:long,b:string",
                "b:string,a:real,c:bool",
                false,
                "a:real,b:string,c:bool",
            ),
            ("a:datetime", "a:long", false, "a:string"),
            ("a:dynamic", "a:long", false, "a:dynamic"),
        ] {
            let both = widened(&schema(known), &schema(other), is_by_place);
            assert_eq!(both.to_string(), expect, "{known} and {other}");
        }
    }

    #[test]
    fn a_mapping_names_the_columns_and_the_data_their_types() {
        let json = r#"[{"Column":"x","Properties":{"Ordinal":"1"}},
            {"Column":"y","DataType":"int","Properties":{"Ordinal":"0"}},
            {"Column":"z","Properties":{"ConstValue":"c"}}]"#;
        let mapping = IngestionMapping::from_json(MappingKind::Csv, json).unwrap();
        let made = mapped(&mapping, &schema("a:long,b:real"));
        assert_eq!(made.to_string(), "x:real,y:int,z:string");

        let json =
            r#"[{"Column":"n","Properties":{"Path":"$.a"}},{"Column":"m","Properties":{"Path":"$.q.r"}}]"#;
        let mapping = IngestionMapping::from_json(MappingKind::Json, json).unwrap();
        assert_eq!(mapped(&mapping, &schema("a:long")).to_string(), "n:long,m:string");
    }
}
