//! Streaming ingestion: one request, and rows that can be queried within seconds.
//!
//! `kusto-ingest emulator --port 8080 --database Samples`, and `cargo run -p kusto-ingest --example streaming`
#![expect(clippy::print_stdout, reason = "an example shows what it did")]

use kusto_ingest::{IngestClientExt, IngestionProperties, Kusto, LocalSource, Result};

#[tokio::main]
async fn main() -> Result<()> {
    run("http://localhost:8080").await
}

pub(crate) async fn run(cluster: &str) -> Result<()> {
    let kusto = Kusto::connect(cluster)?;
    let create = ".create-merge table Weather (at:datetime, wind:real)";
    kusto.command("Samples", create).await?;
    // A cluster wants this once for a table, and streaming ingestion to be on.
    let policy = ".alter table Weather policy streamingingestion enable";
    kusto.command("Samples", policy).await?;

    let properties = IngestionProperties::into_table("Samples", "Weather")?;
    let source = LocalSource::from_bytes("2012-01-01,4.7\n2012-01-02,4.5\n").with_name("weather.csv");
    let receipt = kusto.streaming().ingest(source, &properties).await?;
    println!("{} is {}", receipt.source_id, receipt.state);
    Ok(())
}
