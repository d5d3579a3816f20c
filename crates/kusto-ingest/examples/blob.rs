//! A blob that Kusto reads by itself, by its address with a SAS.
//!
//! `kusto-ingest emulator --port 8080 --database Samples`, and `cargo run -p kusto-ingest --example blob ADDRESS`
#![expect(clippy::print_stdout, reason = "an example shows what it did")]

use kusto_ingest::{BlobSource, DataFormat, IngestClientExt, IngestionProperties, Kusto, Result};

#[tokio::main]
async fn main() -> Result<()> {
    let address = std::env::args().nth(1).unwrap_or_default();
    run("http://localhost:8080", &address).await
}

pub(crate) async fn run(cluster: &str, address: &str) -> Result<()> {
    let kusto = Kusto::connect(cluster)?;
    let create = ".create-merge table Weather (at:datetime, wind:real)";
    kusto.command("Samples", create).await?;

    // Nothing is downloaded, and no secret of the address is ever shown. The blob's size is asked for, unless it is given
    // by `with_raw_size`.
    let blob = BlobSource::parse(address)?;
    let properties = IngestionProperties::into_table("Samples", "Weather")?.with_format(DataFormat::Csv);
    let receipt = kusto.queued().ingest(blob, &properties).await?;
    println!("{} is {}", receipt.blob.unwrap_or_default(), receipt.state);
    Ok(())
}
