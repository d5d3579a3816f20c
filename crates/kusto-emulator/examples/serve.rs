//! Serves a Kusto with one table until it is killed: `cargo run -p kusto-emulator --example serve`.
//!
//! Point any client at the address that it prints, and let it ingest into `Samples.Weather`.
#![expect(clippy::print_stdout, reason = "an example talks to a person")]

use kusto_emulator::Emulator;
use kusto_ingest_core::{DatabaseName, Result, TableName};

#[tokio::main]
async fn main() -> Result<()> {
    let (database, table) = (DatabaseName::parse("Samples")?, TableName::parse("Weather")?);
    let schema =
        "date:datetime,precipitation:real,temp_max:real,temp_min:real,wind:real,weather:string".parse()?;
    let emulator = Emulator::builder()
        .with_table(database, table, schema)
        .start()
        .await?;
    println!("{}", emulator.cluster());
    std::future::pending().await
}
