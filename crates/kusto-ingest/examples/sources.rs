//! Many sources, a few at a time, and what became of each as soon as that is known.
//!
//! `kusto-ingest emulator --port 8080 --database Samples`, and `cargo run -p kusto-ingest --example sources`
#![expect(clippy::print_stdout, reason = "an example shows what it did")]

use std::pin::pin;

use futures::StreamExt as _;
use kusto_ingest::sources::Sources;
use kusto_ingest::{ErrorKind, IngestionProperties, Kusto, LocalSource, Result};

#[tokio::main]
async fn main() -> Result<()> {
    run("http://localhost:8080").await
}

pub(crate) async fn run(cluster: &str) -> Result<()> {
    let kusto = Kusto::connect(cluster)?;
    let create = ".create-merge table Weather (at:datetime, wind:real)";
    kusto.command("Samples", create).await?;

    let named =
        |day: u8| LocalSource::from_bytes(format!("2012-01-0{day},4.7\n")).with_name(format!("{day}.csv"));
    let empty = LocalSource::from_bytes("").with_name("empty.csv");
    let sources = Sources::new((1..=5).map(named).chain([empty])).with_concurrency(2);
    let properties = IngestionProperties::into_table("Samples", "Weather")?;
    let client = kusto.queued();
    let mut results = pin!(sources.ingest_each(&client, &properties));
    while let Some(told) = results.next().await {
        let name = told.name.unwrap_or_default();
        match told.outcome {
            Ok(receipt) => println!("{name} is {}", receipt.state),
            // It may have arrived: look before sending it again, or accept that its rows may be there twice.
            Err(error) if error.kind() == ErrorKind::OutcomeUnknown => println!("{name}: nobody knows"),
            Err(error) => println!("{name} is not ingested: {}", error.chain()),
        }
    }
    Ok(())
}
