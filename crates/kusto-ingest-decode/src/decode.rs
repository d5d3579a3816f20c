//! From bytes to rows.

use std::io::Read;
use std::ops::ControlFlow;

use kusto_ingest_core::{DataFormat, Error, Result};

use crate::code::{FORMAT_NOT_SUPPORTED, NO_RECORDS, failure};
#[cfg(feature = "avro")]
use crate::format::avro;
use crate::format::json_values::Shape;
#[cfg(feature = "orc")]
use crate::format::orc;
#[cfg(feature = "parquet")]
use crate::format::parquet;
use crate::format::{Dialect, delimited, json, lines, open, w3c};
use crate::output::Output;
use crate::plan::Plan;
use crate::sink::RowAssembler;
use crate::{DecodeEvent, DecodeOptions, Row, RowSink, Schema, Warning};

/// All rows of a source.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Decoded {
    /// The rows, in the order of the source.
    pub rows: Vec<Row>,
    /// The first [`Self::MAX_WARNINGS`] warnings.
    pub warnings: Vec<Warning>,
    /// How many warnings there were.
    pub warning_count: u64,
}

impl Decoded {
    /// The most warnings that are kept, so that memory is bounded for a source of bad values.
    pub const MAX_WARNINGS: usize = 100;
}

/// Decodes a source into rows of the schema, all at once.
///
/// Bytes in memory are given as `&[u8]`, which is a reader. They must be plain: decompress them first.
///
/// # Errors
/// What the service would fail the ingestion with: [`code`](kusto_ingest_core::Error::code) is its error code, such as
/// `Stream_WrongNumberOfFields`, `Stream_ClosingQuoteMissing`, `BadRequest_NoRecordsOrWrongFormat`,
/// `BadRequest_InvalidBlob`, `BadRequest_InvalidMapping` or `BadRequest_FormatNotSupported`. Nothing of such a source
/// is ingested.
pub fn decode(input: impl Read, options: &DecodeOptions, schema: &Schema) -> Result<Decoded> {
    let mut decoded = Decoded::default();
    decode_each(input, options, schema, |event| {
        match event {
            DecodeEvent::Row(row) => decoded.rows.push(row),
            DecodeEvent::Warning(warning) => {
                decoded.warning_count += 1;
                if decoded.warnings.len() < Decoded::MAX_WARNINGS {
                    decoded.warnings.push(warning);
                }
            }
        }
        ControlFlow::Continue(())
    })?;
    Ok(decoded)
}

/// Decodes a source row by row, until it ends or `each` breaks. Only one record is in memory at a time; for `raw` and
/// `singlejson` that is the whole source, for Avro a block of records, and for Parquet and ORC the whole file.
///
/// # Errors
/// As [`decode`]; the service would refuse the whole source, including the rows that were given out before.
pub fn decode_each(
    input: impl Read,
    options: &DecodeOptions,
    schema: &Schema,
    each: impl FnMut(DecodeEvent) -> ControlFlow<()>,
) -> Result<()> {
    decode_into(
        input,
        options,
        schema,
        &mut RowAssembler::new(schema.columns().len(), each),
    )
}

/// As [`decode_each`], value by value, so that text is not copied into rows.
///
/// # Errors
/// As [`decode`]; the service would refuse the whole source, including what was given out before.
pub fn decode_into(
    input: impl Read,
    options: &DecodeOptions,
    schema: &Schema,
    sink: &mut dyn RowSink,
) -> Result<()> {
    let mut output = Output::new(Plan::new(options, schema)?, sink);
    let stopped = match options.format {
        #[cfg(feature = "avro")]
        DataFormat::Avro | DataFormat::ApacheAvro => {
            avro::decode(&mut std::io::BufReader::new(input), options.format, &mut output)?
        }
        #[cfg(feature = "orc")]
        DataFormat::Orc => orc::decode(input, &mut output)?,
        #[cfg(feature = "parquet")]
        DataFormat::Parquet => parquet::decode(input, &mut output)?,
        _ => decode_text(input, options, &mut output)?,
    };
    if stopped.is_continue() && output.rows == 0 {
        return Err(no_rows(options.format, output.records, output.headers));
    }
    Ok(())
}

/// Decodes a format of text.
fn decode_text(
    input: impl Read,
    options: &DecodeOptions,
    output: &mut Output<'_>,
) -> Result<ControlFlow<()>> {
    let mut input = open(input)?;
    match options.format {
        DataFormat::Txt => lines::decode_text(&mut input, options, output),
        DataFormat::Raw => lines::decode_raw(&mut input, output),
        DataFormat::Json => json::decode_lines(&mut input, output),
        DataFormat::SingleJson => json::decode_values(&mut input, Shape::One, output),
        DataFormat::MultiJson => json::decode_values(&mut input, Shape::Many, output),
        DataFormat::W3cLogFile => w3c::decode(&mut input, output),
        format => match Dialect::of(format) {
            Some(dialect) => delimited::decode(&mut input, dialect, options, output),
            None => Err(not_supported(format)),
        },
    }
}

fn no_rows(format: DataFormat, records: u64, headers: u64) -> Error {
    let why = match records {
        0 => "the source has no records".to_owned(),
        _ if records == headers => "the source has a header and nothing behind it".to_owned(),
        _ => format!(
            "none of the source's {records} records is one of the format {format}{}",
            hint(format)
        ),
    };
    failure(NO_RECORDS, why)
}

/// A hint for those who take `json` for `multijson`.
pub(crate) fn hint(format: DataFormat) -> &'static str {
    match format {
        DataFormat::Json => {
            ": json takes one object a line; multijson takes arrays, and objects that go over several lines"
        }
        _ => "",
    }
}

fn not_supported(format: DataFormat) -> Error {
    failure(
        FORMAT_NOT_SUPPORTED,
        format!("this version does not decode {format}"),
    )
}
