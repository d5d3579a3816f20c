//! Rows of a program's own type, by serde.
//!
//! `kusto-ingest emulator --port 8080 --database Samples`, and `cargo run -p kusto-ingest --example rows`
#![expect(clippy::print_stdout, reason = "an example shows what it did")]

use std::time::Duration;

use kusto_ingest::rows::{RowWriter, serialize_datetime, serialize_timespan};
use kusto_ingest::{IngestClientExt, IngestionProperties, Kusto, Result, Rows};
use serde::Serialize;
use time::OffsetDateTime;

#[derive(Serialize)]
struct Reading {
    station: &'static str,
    #[serde(serialize_with = "serialize_datetime")]
    at: OffsetDateTime,
    #[serde(serialize_with = "serialize_timespan")]
    took: Duration,
    wind: Option<f64>,
}

#[tokio::main]
async fn main() -> Result<()> {
    run("http://localhost:8080").await
}

pub(crate) async fn run(cluster: &str) -> Result<()> {
    let kusto = Kusto::connect(cluster)?;
    let create = ".create-merge table Readings (station:string, at:datetime, took:timespan, wind:real)";
    kusto.command("Samples", create).await?;

    // They are written while they are uploaded: however many there are, memory does not grow with them.
    let readings = (0..1_000).map(|minute: u16| Reading {
        station: "Sea, Tac",
        at: OffsetDateTime::UNIX_EPOCH + Duration::from_secs(60 * u64::from(minute)),
        took: Duration::from_millis(1_500),
        wind: (minute < 900).then_some(4.5),
    });
    let rows = Rows::from_iter(readings, RowWriter::csv());
    let properties = IngestionProperties::into_table("Samples", "Readings")?;
    for receipt in kusto.queued().ingest_rows(rows, &properties).await? {
        println!(
            "{} is {}, {:?} bytes",
            receipt.source_id, receipt.state, receipt.raw_bytes
        );
    }
    Ok(())
}
