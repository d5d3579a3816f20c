//! All rows through a client, which here only writes down what it was given.

use std::sync::Mutex;

use async_trait::async_trait;
use futures::executor::block_on;
use kusto_ingest_core::testing::{properties, read_text, receipt};
use kusto_ingest_core::{
    DataFormat, Error, ErrorKind, IngestClient, IngestionProperties, LocalSource, Receipt, ReceiptState,
    Result, Source,
};
use kusto_ingest_rows::{RowWriter, Rows};

/// The name and, where there are several chunks, the number.
fn called(source: &LocalSource) -> String {
    let number = source
        .chunk()
        .map_or_else(String::new, |chunk| format!(" {chunk}"));
    format!("{}{number}", source.name().unwrap_or_default())
}

#[derive(Debug, Default)]
struct Recording {
    seen: Mutex<Vec<(String, String, Option<DataFormat>)>>,
    fails_at: Option<usize>,
}

#[async_trait]
impl IngestClient for Recording {
    async fn ingest_source(&self, source: Source, properties: &IngestionProperties) -> Result<Receipt> {
        let Source::Local(source) = source else {
            return Err(Error::new(ErrorKind::InvalidInput, "read a blob"));
        };
        let text = read_text(source.payload(), 0)
            .await
            .map_err(|error| Error::new(ErrorKind::SourceNotReadable, "read the source").caused_by(error))?;
        let mut seen = self.seen.lock().expect("no test panicked");
        if self.fails_at == Some(seen.len()) {
            return Err(Error::new(ErrorKind::Unavailable, "post the message"));
        }
        seen.push((called(&source), text, properties.format));
        Ok(receipt(&source.into(), properties, ReceiptState::Queued))
    }
}

impl Recording {
    fn names(&self) -> Vec<String> {
        let seen = self.seen.lock().expect("no test panicked");
        seen.iter().map(|(name, ..)| name.clone()).collect()
    }
}

fn five_rows() -> Rows {
    Rows::from_iter(0..5, RowWriter::csv()).with_max_raw_bytes(4)
}

#[test]
fn s02_c90_every_chunk_is_an_ingestion_with_the_same_id() {
    let client = Recording::default();
    let rows = five_rows();
    let id = rows.id();
    let receipts = block_on(rows.ingest_with(&client, &properties())).expect("the client takes it");
    assert_eq!(receipts.len(), 3);
    assert!(receipts.iter().all(|receipt| receipt.source_id == id));
    let seen = client.seen.lock().expect("no test panicked");
    assert_eq!(
        seen[2],
        ("rows.csv 2".to_owned(), "4\n".to_owned(), Some(DataFormat::Csv))
    );
}

#[test]
fn s02_c91_tags_for_ingesting_once_keep_the_rows_together() {
    for once in [
        properties().with_ingest_by_tags(["day:1"]),
        properties().with_ingest_if_not_exists(["day:1"]),
    ] {
        let client = Recording::default();
        let receipts = block_on(five_rows().ingest_with(&client, &once)).expect("the client takes it");
        assert_eq!(receipts.len(), 1);
        assert_eq!(client.names(), ["rows.csv"]);
    }
    let client = Recording::default();
    let dropped = properties().with_drop_by_tags(["day:1"]);
    block_on(five_rows().ingest_with(&client, &dropped)).expect("the client takes it");
    assert_eq!(client.names().len(), 3, "drop-by tags may be on many extents");
}

#[test]
fn s02_c92_no_rows_are_skipped_and_the_client_is_not_asked() {
    let client = Recording {
        fails_at: Some(0),
        ..Recording::default()
    };
    let none = Rows::from_vec(Vec::<u8>::new(), RowWriter::json_lines());
    let receipts = block_on(none.ingest_with(&client, &properties())).expect("nothing to do");
    assert_eq!(receipts.len(), 1);
    assert_eq!(receipts[0].state, ReceiptState::Skipped);
}

#[test]
fn a_failure_tells_how_many_chunks_are_in_and_has_their_receipts() {
    let client = Recording {
        fails_at: Some(2),
        ..Recording::default()
    };
    let rows = five_rows();
    let id = rows.id();
    let error = block_on(rows.ingest_with(&client, &properties())).expect_err("the third chunk fails");
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(error.source_id(), Some(id));
    assert!(
        error.context().any(|pair| pair == ("chunks ingested", "2")),
        "{error}"
    );
    assert_eq!(client.names().len(), 2);
    assert_eq!(error.accepted().len(), 2);
    assert!(error.accepted().iter().all(|receipt| receipt.source_id == id));
}

#[test]
fn properties_that_do_not_fit_rows_are_refused_before_a_row_is_taken() {
    let client = Recording::default();
    for (wrong, word) in [
        (properties().with_format(DataFormat::Json), "written as csv"),
        (properties().with_ignore_first_record(), "no header"),
    ] {
        let untouched = std::iter::repeat_with(|| -> u8 { panic!("a row was taken") });
        let rows = Rows::from_iter(untouched, RowWriter::csv());
        let error = block_on(rows.ingest_with(&client, &wrong)).expect_err("it does not fit");
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains(word), "{error}");
    }
    let lines = Rows::from_vec(
        vec![std::collections::BTreeMap::from([("a", 1)])],
        RowWriter::json_lines(),
    );
    let fitting = properties()
        .with_format(DataFormat::Json)
        .with_keep_first_record();
    block_on(lines.ingest_with(&client, &fitting)).expect("the client takes it");
    assert_eq!(client.names(), ["rows.json 0"]);
}
