//! Queued ingestion, and its status: offline on the emulator, or on a cluster named by `KUSTO_CLUSTER`.
//!
//! `cargo run -p kusto-ingest --example queued`
#![expect(clippy::print_stdout, reason = "an example shows what it did")]

use kusto_emulator::Emulator;
use kusto_ingest::{
    DatabaseName, IngestClientExt, IngestionProperties, Kusto, LocalSource, PollSchedule, ReportLevel,
    ReportMethod, RequestProperties, Result,
};

#[tokio::main]
async fn main() -> Result<()> {
    let database = DatabaseName::parse("Samples")?;
    let emulator = Emulator::builder()
        .with_database(database.clone())
        .start()
        .await?;
    let cluster = std::env::var("KUSTO_CLUSTER").unwrap_or_else(|_| emulator.cluster());
    let kusto = Kusto::connect(&cluster)?;

    let create = ".create-merge table Weather (at:datetime, wind:real)";
    kusto
        .engine_endpoint()
        .execute(&database, create, &RequestProperties::new())
        .await?;

    let properties = IngestionProperties::into_table("Samples", "Weather")?
        .with_flush_immediately()
        .with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::Table);
    let source = LocalSource::from_bytes("2012-01-01,4.7\n2012-01-02,4.5\n").with_name("weather.csv");
    let receipt = kusto.queued().ingest(source, &properties).await?;
    println!(
        "queued {} as {}",
        receipt.source_id,
        receipt.blob.as_deref().unwrap_or_default()
    );

    if let Some(row) = receipt.status_locator() {
        let record = kusto.wait_until_final(row, &PollSchedule::interactive()).await?;
        println!("{:?}", record.status);
    }
    let counted = kusto
        .query_endpoint()
        .query(&database, "Weather | count", &RequestProperties::new())
        .await?;
    println!("{:?} rows", counted.primary().map(|table| &table.rows));
    Ok(())
}
