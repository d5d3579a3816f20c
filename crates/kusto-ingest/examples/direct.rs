//! Direct ingestion, by the engine's own commands: for tests and exploration.
//!
//! `kusto-ingest emulator --port 8080 --database Samples`, and `cargo run -p kusto-ingest --example direct`
#![expect(clippy::print_stdout, reason = "an example shows what it did")]

use kusto_ingest::direct::CommandMode;
use kusto_ingest::{IngestClientExt, IngestionProperties, Kusto, LocalSource, Result};

#[tokio::main]
async fn main() -> Result<()> {
    run("http://localhost:8080").await
}

pub(crate) async fn run(cluster: &str) -> Result<()> {
    let kusto = Kusto::connect(cluster)?;
    let create = ".create-merge table Weather (at:datetime, wind:real)";
    kusto.command("Samples", create).await?;

    // Small text goes in the command itself, everything else by way of a blob.
    let client = kusto.direct().with_mode(CommandMode::Sync);
    let properties = IngestionProperties::into_table("Samples", "Weather")?;
    let source = LocalSource::from_bytes("2012-01-01,4.7\n2012-01-02,4.5\n").with_name("weather.csv");
    let receipt = client.ingest(source, &properties).await?;
    println!("{} is {}", receipt.source_id, receipt.state);
    Ok(())
}
