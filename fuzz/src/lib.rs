//! What must hold for any bytes: the harness of every fuzz target.

mod http;

pub use http::http_any;

use std::io::{self, Read};

use kusto_ingest_core::{
    ColumnMapping, DataFormat, IngestionMapping, MappingKind, Transform, ValidationImplications,
    ValidationOptions, ValidationPolicy,
};
use kusto_ingest_decode::{
    DecodeOptions, Decoded, Dynamic, Header, Sample, ScalarType, Schema, Value, decode, infer,
};

/// Decodes bytes, of which the first two choose format, mapping, policy and the size of the chunks that come.
///
/// # Panics
/// When something does not hold that must.
pub fn decode_any(data: &[u8]) {
    let [choice, chunk, data @ ..] = data else { return };
    let formats: Vec<DataFormat> = DataFormat::all().collect();
    let format = formats[usize::from(choice & 31) % formats.len()];
    let mut options = DecodeOptions::new(format);
    options.ignore_first_record = choice & 32 != 0;
    options.mapping = mapping(format.mapping_kind()).filter(|_| choice & 64 != 0);
    options.validation_policy = (choice & 128 != 0).then_some(ValidationPolicy {
        options: ValidationOptions::ValidateCsvInputConstantColumns,
        implications: ValidationImplications::Fail,
    });
    let schema = every_type();
    let whole = decode(data, &options, &schema);
    check(&whole, &schema);
    // However the bytes come, the same comes of them.
    let pieces = Pieces {
        data,
        most: usize::from(*chunk).max(1),
    };
    let piecewise = decode(pieces, &options, &schema);
    assert_eq!(shown(&whole), shown(&piecewise), "{format}");
}

/// Infers columns from bytes, and decodes by them: nothing may be remarked on but records that are none.
///
/// # Panics
/// When something does not hold that must.
pub fn infer_any(data: &[u8]) {
    let [choice, data @ ..] = data else { return };
    let formats: Vec<DataFormat> = DataFormat::all().collect();
    let format = formats[usize::from(choice & 31) % formats.len()];
    let is_header = choice & 32 != 0;
    let header = if is_header { Header::Given } else { Header::None };
    let _ = infer(Sample::truncated(data), format, Header::Detect);
    let Ok(inference) = infer(Sample::complete(data), format, header) else {
        return;
    };
    let mut options = DecodeOptions::new(format);
    options.ignore_first_record = is_header && format.mapping_kind() == MappingKind::Csv;
    options.mapping = inference.mapping;
    let decoded = decode(data, &options, &inference.schema);
    check(&decoded, &inference.schema);
    let written: Schema = inference.schema.to_string().parse().expect("we wrote it");
    assert_eq!(written, inference.schema);
}

fn check(decoded: &kusto_ingest_core::Result<Decoded>, schema: &Schema) {
    let decoded = match decoded {
        Ok(decoded) => decoded,
        Err(error) => return assert!(error.code().is_some(), "{error}"),
    };
    assert!(!decoded.rows.is_empty());
    for row in &decoded.rows {
        assert_eq!(row.len(), schema.columns().len());
        for (value, column) in row.iter().zip(schema.columns()) {
            assert!(column.scalar_type != ScalarType::String || !value.is_null());
            // What answers carry is read back as what it was.
            let text = value.to_string();
            match value {
                Value::Dynamic(dynamic) => {
                    assert_eq!(Dynamic::parse(&text).as_ref(), Some(dynamic));
                    assert!(!dynamic.to_json().is_null(), "{text}");
                }
                Value::Real(number) if number.is_nan() => {}
                Value::String(_) => {}
                _ => assert_eq!(Value::parse(&text, column.scalar_type).as_ref(), Some(value), "{text}"),
            }
        }
    }
}

fn shown(decoded: &kusto_ingest_core::Result<Decoded>) -> String {
    match decoded {
        Ok(decoded) => format!("{decoded:?}"),
        Err(error) => format!("{:?} {error}", error.code()),
    }
}

fn every_type() -> Schema {
    let columns: Vec<String> = ScalarType::all().map(|it| format!("{it}_column:{it}")).collect();
    columns.join(",").parse().expect("names are unique")
}

fn mapping(kind: MappingKind) -> Option<IngestionMapping> {
    let columns = match kind {
        MappingKind::Csv => vec![
            ColumnMapping::new("datetime_column")
                .with_ordinal(0)
                .with_transform(Transform::DateTimeFromUnixMilliseconds),
            ColumnMapping::new("long_column").with_transform(Transform::SourceLineNumber),
            ColumnMapping::new("dynamic_column").with_ordinal(1),
        ],
        MappingKind::Json => vec![
            ColumnMapping::new("dynamic_column")
                .with_path("$")
                .with_transform(Transform::DropMappedFields),
            ColumnMapping::new("string_column").with_path("$.a[1]"),
            ColumnMapping::new("decimal_column").with_path("$['b'].c"),
            ColumnMapping::new("real_column")
                .with_path("$.b")
                .with_transform(Transform::PropertyBagArrayToDictionary),
        ],
        _ => return None,
    };
    IngestionMapping::inline(kind, columns).ok()
}

/// Bytes that come a few at a time.
struct Pieces<'a> {
    data: &'a [u8],
    most: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (piece, rest) = self.data.split_at(self.most.min(buffer.len()).min(self.data.len()));
        buffer[..piece.len()].copy_from_slice(piece);
        self.data = rest;
        Ok(piece.len())
    }
}
