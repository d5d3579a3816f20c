//! A test of code that ingests: over a Kusto in memory, without a socket.
//!
//! `cargo run -p kusto-ingest --features testing --example testing`
#![expect(clippy::print_stdout, reason = "an example shows what it did")]

use kusto_ingest::{IngestClient, IngestClientExt, IngestionProperties, LocalSource, Result, testing};

/// The code under test: it takes any client.
async fn record(client: &dyn IngestClient, wind: f64) -> Result<()> {
    let properties = IngestionProperties::into_table("Samples", "Weather")?;
    let source = LocalSource::from_bytes(format!("2012-01-01,{wind}\n")).with_name("weather.csv");
    client.ingest(source, &properties).await?;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<()> {
    run().await
}

pub(crate) async fn run() -> Result<()> {
    let fake = testing::kusto("Samples", ".create table Weather (at:datetime, wind:real)")?;
    record(&testing::queued(&fake), 4.7).await?;
    record(&testing::streaming(&fake), 4.5).await?;

    fake.drain(); // it ingests what waits in its queues
    let weather = IngestionProperties::into_table("Samples", "Weather")?;
    let rows = fake.rows(&weather.database, &weather.table);
    assert_eq!(rows.len(), 2);
    println!("{rows:?}");
    Ok(())
}
