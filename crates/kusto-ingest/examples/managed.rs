//! Managed streaming: streaming first, and the queue where streaming will not do.
//!
//! `kusto-ingest emulator --port 8080 --database Samples`, and `cargo run -p kusto-ingest --example managed`
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
    let client = kusto.managed();
    let properties = IngestionProperties::into_table("Samples", "Weather")?;

    let small = LocalSource::from_bytes("2012-01-01,4.7\n").with_name("small.csv");
    // More than a streaming request may carry.
    let large = LocalSource::from_bytes("2012-01-02,4.5\n".repeat(300_000)).with_name("large.csv");
    for source in [small, large] {
        let receipt = client.ingest(source, &properties).await?;
        match &receipt.fallback {
            None => println!("{} is {}", receipt.source_id, receipt.state),
            Some(reason) => println!("{} is {}, because {reason}", receipt.source_id, receipt.state),
        }
    }
    Ok(())
}
