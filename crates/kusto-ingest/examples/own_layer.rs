//! A layer of a program's own under every client: an uploader that tells what it uploads.
//!
//! `kusto-ingest emulator --port 8080 --database Samples`, and `cargo run -p kusto-ingest --example own_layer`
#![expect(clippy::print_stdout, reason = "an example shows what it did")]

use std::sync::Arc;

use kusto_ingest::sources::LocalSource;
use kusto_ingest::upload::{BlobNaming, Uploaded, Uploader};
use kusto_ingest::{IngestClientExt, IngestionProperties, Kusto, Result, async_trait};

#[tokio::main]
async fn main() -> Result<()> {
    run("http://localhost:8080").await
}

/// Tells of each upload, and leaves it to another uploader.
#[derive(Debug)]
struct Told(Arc<dyn Uploader>);

#[async_trait]
impl Uploader for Told {
    async fn upload(&self, source: &LocalSource, naming: &BlobNaming) -> Result<Uploaded> {
        let uploaded = self.0.upload(source, naming).await?;
        println!("{} became {} bytes", source.id(), uploaded.sent_bytes);
        Ok(uploaded)
    }
}

pub(crate) async fn run(cluster: &str) -> Result<()> {
    let usual = Kusto::connect(cluster)?;
    let kusto = Kusto::builder(cluster)?
        .with_uploader(Arc::new(Told(usual.uploader())))
        .connect()?;
    let create = ".create-merge table Weather (at:datetime, wind:real)";
    kusto.command("Samples", create).await?;

    let source = LocalSource::from_bytes("2012-01-01,4.7\n2012-01-02,4.5\n").with_name("weather.csv");
    let properties = IngestionProperties::into_table("Samples", "Weather")?;
    kusto.queued().ingest(source, &properties).await?;
    Ok(())
}
