//! How many bytes each format takes for the same rows, and that the smallest is the one that is chosen.

use std::io::Write as _;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use flate2::write::GzEncoder;
use futures::executor::block_on;
use kusto_ingest_core::testing::read;
use kusto_ingest_rows::RowFormat;

/// Readings of weather stations: a time, a name of twelve, two measures, a counter and a short text.
fn batch(rows: i64) -> RecordBatch {
    let each = || 0..rows;
    let spread = |row: i64, by: i64| (row * 7919 + by * 104_729) % 1000;
    let columns: Vec<(&str, ArrayRef)> = vec![
        (
            "at",
            Arc::new(TimestampMicrosecondArray::from_iter_values(
                each().map(|row| 1_700_000_000_000_000 + row * 60_000_000),
            )),
        ),
        (
            "station",
            Arc::new(StringArray::from_iter_values(
                each().map(|row| format!("station {}", row % 12)),
            )),
        ),
        (
            "temperature",
            Arc::new(Float64Array::from_iter_values(
                each().map(|row| spread(row, 1) as f64 / 10.0),
            )),
        ),
        (
            "wind",
            Arc::new(Float64Array::from_iter_values(
                each().map(|row| spread(row, 2) as f64 / 100.0),
            )),
        ),
        ("n", Arc::new(Int64Array::from_iter_values(each()))),
        (
            "note",
            Arc::new(StringArray::from_iter_values(
                each().map(|row| format!("note {:x}", spread(row, 3) * 7_368_787)),
            )),
        ),
    ];
    RecordBatch::try_from_iter(columns).expect("columns are equally long")
}

/// The bytes that go over the wire: clients gzip text.
fn size(format: RowFormat, rows: i64) -> usize {
    let source = block_on(format.source_of(vec![batch(rows)])).expect("it has rows");
    let bytes = block_on(read(source.payload(), 0)).expect("it can be read");
    if !format.data_format().is_compressible() {
        return bytes.len();
    }
    let mut packed = GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(&bytes).expect("memory takes it");
    packed.finish().expect("memory takes it").len()
}

#[test]
fn the_smallest_format_is_the_one_that_is_chosen_for_so_many_rows() {
    use RowFormat::{Avro, Csv, JsonLines, Parquet};
    for rows in [1, 100, 1_000, 10_000, 100_000] {
        let sizes = [Csv, JsonLines, Avro, Parquet].map(|format| (format, size(format, rows)));
        let (smallest, _) = sizes
            .into_iter()
            .min_by_key(|(_, size)| *size)
            .expect("there are four");
        assert_eq!(
            RowFormat::smallest(rows.unsigned_abs()),
            smallest,
            "{rows}: {sizes:?}"
        );
    }
}
