//! The status of ingestions, from receipts that were written down: also tomorrow, and from another process.
//!
//! `kusto-ingest emulator --port 8080 --database Samples`, and `cargo run -p kusto-ingest --example status`
#![expect(clippy::print_stdout, reason = "an example shows what it did")]

use kusto_ingest::status::PollSchedule;
use kusto_ingest::{
    Error, ErrorKind, IngestClientExt, IngestionProperties, Kusto, LocalSource, Receipt, ReportLevel,
    ReportMethod, Result,
};

#[tokio::main]
async fn main() -> Result<()> {
    run("http://localhost:8080").await
}

pub(crate) async fn run(cluster: &str) -> Result<()> {
    let kusto = Kusto::connect(cluster)?;
    let create = ".create-merge table Weather (at:datetime, wind:real)";
    kusto.command("Samples", create).await?;
    let properties = IngestionProperties::into_table("Samples", "Weather")?
        .with_flush_immediately()
        .with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::Table);
    let sources = ["2012-01-01,4.7\n", "2012-01-02,4.5\n"];
    let sources = sources.map(|text| LocalSource::from_bytes(text).with_name("weather.csv"));
    let receipts = kusto
        .queued()
        .ingest_all(sources, &properties)
        .await
        .into_result()?;

    // A receipt is data, and holds no secret.
    let unreadable = |error| Error::new(ErrorKind::Data, "read the receipts").caused_by(error);
    let written = serde_json::to_string(&receipts).map_err(unreadable)?;
    let receipts: Vec<Receipt> = serde_json::from_str(&written).map_err(unreadable)?;

    let records = kusto.wait_for_all(&receipts, &PollSchedule::interactive()).await;
    for (receipt, record) in receipts.iter().zip(records) {
        println!("{} is {}", receipt.source_id, record?.into_result()?.status);
    }
    Ok(())
}
