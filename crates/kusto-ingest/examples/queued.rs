//! Queued ingestion: the production way. The service takes the source, and ingests it in its own time.
//!
//! `kusto-ingest emulator --port 8080 --database Samples`, and `cargo run -p kusto-ingest --example queued`
#![expect(clippy::print_stdout, reason = "an example shows what it did")]

use kusto_ingest::{DataFormat, IngestClientExt, IngestionProperties, Kusto, Result};

#[tokio::main]
async fn main() -> Result<()> {
    run("http://localhost:8080").await
}

pub(crate) async fn run(cluster: &str) -> Result<()> {
    let kusto = Kusto::connect(cluster)?;
    let create = ".create-merge table Weather (at:datetime, wind:real)";
    kusto.command("Samples", create).await?;

    // Keep the client: it shares its connections, and what Kusto issued.
    let client = kusto.queued();
    let properties = IngestionProperties::into_table("Samples", "Weather")?
        .with_format(DataFormat::Csv)
        .with_ingest_by_tags(["2012-01-01"]);
    let receipt = client
        .ingest_bytes("2012-01-01,4.7\n2012-01-02,4.5\n", &properties)
        .await?;
    println!("{} is {}", receipt.source_id, receipt.state);
    Ok(())
}
