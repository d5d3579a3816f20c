//! The same calls for programs without async.
//!
//! `kusto-ingest emulator --port 8080 --database Samples`, and `cargo run -p kusto-ingest --features blocking --example blocking`
#![expect(clippy::print_stdout, reason = "an example shows what it did")]

use std::io::{Cursor, Read};

use kusto_ingest::blocking::Kusto;
use kusto_ingest::{IngestionProperties, Result};

fn main() -> Result<()> {
    run(
        "http://localhost:8080",
        Cursor::new("2012-01-01,4.7\n2012-01-02,4.5\n"),
    )
}

pub(crate) fn run(cluster: &str, reader: impl Read + Send + 'static) -> Result<()> {
    let kusto = Kusto::connect(cluster)?;
    let create = ".create-merge table Weather (at:datetime, wind:real)";
    kusto.command("Samples", create)?;

    // Anything that is read by blocking: a pipe, a decoder, standard input.
    let source = kusto.reader(reader).with_name("weather.csv");
    let properties = IngestionProperties::into_table("Samples", "Weather")?;
    let receipt = kusto.queued().ingest(source, &properties)?;
    println!("{} is {}", receipt.source_id, receipt.state);
    Ok(())
}
