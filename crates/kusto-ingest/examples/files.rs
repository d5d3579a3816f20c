//! All files of a folder, a few at a time, and what became of each.
//!
//! `kusto-ingest emulator --port 8080 --database Samples`, and `cargo run -p kusto-ingest --example files`
#![expect(clippy::print_stdout, reason = "an example shows what it did")]

use std::path::Path;

use kusto_ingest::{Error, ErrorKind, Files, IngestionProperties, Kusto, Result};

#[tokio::main]
async fn main() -> Result<()> {
    run("http://localhost:8080", Path::new("docs/samples")).await
}

pub(crate) async fn run(cluster: &str, folder: &Path) -> Result<()> {
    let kusto = Kusto::connect(cluster)?;
    let create = ".create-merge table Weather (at:datetime, precipitation:real, temp_max:real, temp_min:real, \
                  wind:real, weather:string)";
    kusto.command("Samples", create).await?;

    let unreadable = |error| Error::new(ErrorKind::SourceNotReadable, "list the folder").caused_by(error);
    let mut paths = Vec::new();
    for entry in folder.read_dir().map_err(unreadable)? {
        paths.push(entry.map_err(unreadable)?.path());
    }
    // Their names tell format and compression. `with_delete_after_ingestion` removes what is taken.
    let files = Files::new(paths).with_concurrency(4);
    let properties = IngestionProperties::into_table("Samples", "Weather")?.with_ignore_first_record();
    let results = files.ingest_with(&kusto.queued(), &properties).await;
    for entry in results.entries() {
        let name = entry.name.as_deref().unwrap_or_default();
        match &entry.outcome {
            Ok(receipt) => println!("{name} is {}", receipt.state),
            Err(error) => println!("{name}: {}", error.chain()),
        }
    }
    results.into_result()?;
    Ok(())
}
