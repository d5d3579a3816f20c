//! Parquet files, read back by the reader of the `parquet` crate.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow_array::{
    ArrayRef, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use bytes::Bytes;
use futures::executor::block_on;
use futures::{AsyncReadExt as _, stream};
use kusto_ingest_core::testing::read;
use kusto_ingest_core::{DataFormat, ErrorKind, LocalSource, Result};
use kusto_ingest_rows::{parquet_of_batch_stream, parquet_of_batches};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

fn batch(numbers: std::ops::Range<i64>) -> RecordBatch {
    let texts: Vec<Option<String>> = numbers
        .clone()
        .map(|number| (number % 3 > 0).then(|| format!("text {number}")))
        .collect();
    let decimals = Decimal128Array::from_iter_values(numbers.clone().map(i128::from));
    RecordBatch::try_from_iter_with_nullable([
        (
            "n",
            Arc::new(Int64Array::from_iter_values(numbers.clone())) as ArrayRef,
            true,
        ),
        ("text", Arc::new(StringArray::from(texts)), true),
        (
            "real",
            Arc::new(Float64Array::from_iter_values(
                numbers.clone().map(|n| n as f64 / 7.0),
            )),
            true,
        ),
        (
            "at",
            Arc::new(TimestampMicrosecondArray::from_iter_values(numbers)),
            true,
        ),
        (
            "amount",
            Arc::new(decimals.with_precision_and_scale(20, 2).expect("it fits")),
            true,
        ),
    ])
    .expect("columns are equally long")
}

/// The rows of a file as one batch.
fn rows(file: Vec<u8>) -> RecordBatch {
    let reader = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(file))
        .expect("it is a Parquet file")
        .with_batch_size(1 << 20)
        .build()
        .expect("it is a Parquet file");
    let mut batches: Vec<RecordBatch> = reader.map(|batch| batch.expect("it is readable")).collect();
    assert_eq!(batches.len(), 1);
    batches.remove(0)
}

#[test]
fn batches_come_back_as_they_were_from_any_offset_as_often_as_wanted() {
    let batches = vec![batch(0..10), batch(10..10), batch(10..1000)];
    let source = parquet_of_batches(batches).expect("Parquet has these types");
    let name = source.name().expect("it is named");
    assert_eq!(DataFormat::from_name(name), Some(DataFormat::Parquet));
    block_on(async {
        let file = read(source.payload(), 0).await.expect("it can be read");
        assert_eq!(rows(file.clone()), batch(0..1000));
        assert_eq!(
            read(source.payload(), 0).await.expect("it can be read again"),
            file
        );
        assert_eq!(
            read(source.payload(), 100).await.expect("it can be read again"),
            file[100..]
        );
        assert_eq!(
            read(source.payload(), 1 << 40)
                .await
                .expect("it can be read again"),
            b""
        );
    });
}

#[test]
fn a_stream_of_batches_becomes_the_same_file_once() {
    let stream = stream::iter([0..10, 10..1000].map(|numbers| Ok::<_, io::Error>(batch(numbers))));
    let source = parquet_of_batch_stream(&batch(0..0).schema(), stream).expect("Parquet has these types");
    assert!(!source.payload().is_replayable());
    let file = block_on(read(source.payload(), 0)).expect("it can be read");
    assert_eq!(rows(file), batch(0..1000));
}

#[test]
fn a_failing_stream_never_makes_a_whole_file() {
    let stream = stream::iter([Ok(batch(0..10)), Err(io::Error::other("the cursor is gone"))]);
    let source = parquet_of_batch_stream(&batch(0..0).schema(), stream).expect("Parquet has these types");
    block_on(async {
        let mut reader = source.payload().open(0).await.expect("it opens");
        let error = reader
            .read_to_end(&mut Vec::new())
            .await
            .expect_err("the second batch fails");
        assert_eq!(error.to_string(), "take the next batch (batch 2)");
        assert!(reader.read(&mut [0; 8]).await.is_err());
    });
    let other = RecordBatch::try_from_iter([("n", Arc::new(StringArray::from(vec!["x"])) as ArrayRef)])
        .expect("columns are equally long");
    let source = parquet_of_batch_stream(&batch(0..0).schema(), stream::iter([Ok::<_, io::Error>(other)]));
    let error =
        block_on(read(source.expect("Parquet has these types").payload(), 0)).expect_err("it does not fit");
    assert!(error.to_string().contains("(batch 1)"), "{error}");
}

#[test]
fn what_makes_no_file_is_refused_at_once() {
    let kind = |source: Result<LocalSource>| source.map(drop).expect_err("it is refused").kind();
    assert_eq!(kind(parquet_of_batches(Vec::new())), ErrorKind::EmptySource);
    assert_eq!(
        kind(parquet_of_batches(vec![batch(0..0)])),
        ErrorKind::EmptySource
    );
    let narrow = batch(0..1).project(&[0]).expect("there is a first column");
    assert_eq!(
        kind(parquet_of_batches(vec![batch(0..1), narrow])),
        ErrorKind::InvalidInput
    );
}

#[test]
fn the_file_flows_while_it_is_written() {
    let taken = Arc::new(AtomicUsize::new(0));
    let count = taken.clone();
    let endless = stream::repeat_with(move || {
        count.fetch_add(1, Ordering::Relaxed);
        Ok::<_, io::Error>(batch(0..100_000))
    });
    let source = parquet_of_batch_stream(&batch(0..0).schema(), endless).expect("Parquet has these types");
    block_on(async {
        let mut reader = source.payload().open(0).await.expect("it opens");
        reader.read_exact(&mut [0; 64 * 1024]).await.expect("it flows");
    });
    let taken = taken.load(Ordering::Relaxed);
    assert!(
        (1..=11).contains(&taken),
        "a row group of 1,048,576 rows ends with the eleventh batch: {taken}"
    );
}
