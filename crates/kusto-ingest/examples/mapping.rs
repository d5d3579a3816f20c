//! A mapping: which part of a JSON record goes into which column.
//!
//! `kusto-ingest emulator --port 8080 --database Samples`, and `cargo run -p kusto-ingest --example mapping`
#![expect(clippy::print_stdout, reason = "an example shows what it did")]

use kusto_ingest::mapping::{ColumnMapping, IngestionMapping, MappingKind};
use kusto_ingest::{IngestClientExt, IngestionProperties, Kusto, LocalSource, Result};

#[tokio::main]
async fn main() -> Result<()> {
    run("http://localhost:8080").await
}

pub(crate) async fn run(cluster: &str) -> Result<()> {
    let kusto = Kusto::connect(cluster)?;
    let create = ".create-merge table Weather (at:datetime, wind:real, station:string)";
    kusto.command("Samples", create).await?;

    // `IngestionMapping::reference` names one that the table has.
    let mapping = IngestionMapping::inline(
        MappingKind::Json,
        vec![
            ColumnMapping::new("at").with_path("$.time"),
            ColumnMapping::new("wind").with_path("$.sensors.wind"),
            ColumnMapping::new("station").with_constant("SEA"),
        ],
    )?;
    let properties = IngestionProperties::into_table("Samples", "Weather")?.with_mapping(mapping);
    let source =
        LocalSource::from_bytes(r#"{"time":"2012-01-01","sensors":{"wind":4.7}}"#).with_name("weather.json");
    let receipt = kusto.queued().ingest(source, &properties).await?;
    println!("{} is {}", receipt.source_id, receipt.state);
    Ok(())
}
