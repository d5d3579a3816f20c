//! Arrow batches as rows.
//!
//! `kusto-ingest emulator --port 8080 --database Samples`, and `cargo run -p kusto-ingest --features arrow --example arrow`
#![expect(clippy::print_stdout, reason = "an example shows what it did")]

use std::sync::Arc;

use kusto_ingest::rows::RowWriter;
use kusto_ingest::rows::arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use kusto_ingest::{Error, ErrorKind, IngestClientExt, IngestionProperties, Kusto, Result, Rows};

#[tokio::main]
async fn main() -> Result<()> {
    run("http://localhost:8080").await
}

pub(crate) async fn run(cluster: &str) -> Result<()> {
    let kusto = Kusto::connect(cluster)?;
    let create = ".create-merge table Wind (station:string, wind:real)";
    kusto.command("Samples", create).await?;

    let stations: ArrayRef = Arc::new(StringArray::from(vec!["SEA", "PDX", "YVR"]));
    let wind: ArrayRef = Arc::new(Float64Array::from(vec![Some(4.7), None, Some(2.3)]));
    let batch = RecordBatch::try_from_iter([("station", stations), ("wind", wind)])
        .map_err(|error| Error::new(ErrorKind::Data, "make the batch").caused_by(error))?;
    // The schema tells the columns. The feature `parquet` has `parquet_of_batches`, which makes one file of them.
    let rows = Rows::from_batches(vec![batch], RowWriter::csv())?;
    let properties = IngestionProperties::into_table("Samples", "Wind")?;
    for receipt in kusto.queued().ingest_rows(rows, &properties).await? {
        println!("{} is {}", receipt.source_id, receipt.state);
    }
    Ok(())
}
