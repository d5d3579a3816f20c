//! The examples, each run on a local emulator.

use std::path::Path;

use kusto_emulator::Emulator;
use kusto_ingest::upload::BlobNaming;
use kusto_ingest::{DataFormat, IngestionProperties, Kusto, LocalSource, Result};

// What the `main` of an example calls, the tests call.
#[cfg(feature = "arrow")]
#[expect(dead_code, reason = "the tests do not call its main")]
#[path = "../../examples/arrow.rs"]
mod arrow;
#[expect(dead_code, reason = "the tests do not call its main")]
#[path = "../../examples/blob.rs"]
mod blob;
#[cfg(feature = "blocking")]
#[expect(dead_code, reason = "the tests do not call its main")]
#[path = "../../examples/blocking.rs"]
mod blocking;
#[expect(dead_code, reason = "the tests do not call its main")]
#[path = "../../examples/direct.rs"]
mod direct;
#[expect(dead_code, reason = "the tests do not call its main")]
#[path = "../../examples/files.rs"]
mod files;
#[expect(dead_code, reason = "the tests do not call its main")]
#[path = "../../examples/first.rs"]
mod first;
#[expect(dead_code, reason = "the tests do not call its main")]
#[path = "../../examples/managed.rs"]
mod managed;
#[expect(dead_code, reason = "the tests do not call its main")]
#[path = "../../examples/mapping.rs"]
mod mapping;
#[expect(dead_code, reason = "the tests do not call its main")]
#[path = "../../examples/own_layer.rs"]
mod own_layer;
#[expect(dead_code, reason = "the tests do not call its main")]
#[path = "../../examples/queued.rs"]
mod queued;
#[expect(dead_code, reason = "the tests do not call its main")]
#[path = "../../examples/rows.rs"]
mod rows;
#[expect(dead_code, reason = "the tests do not call its main")]
#[path = "../../examples/sign_in.rs"]
mod sign_in;
#[expect(dead_code, reason = "the tests do not call its main")]
#[path = "../../examples/sources.rs"]
mod sources;
#[expect(dead_code, reason = "the tests do not call its main")]
#[path = "../../examples/status.rs"]
mod status;
#[expect(dead_code, reason = "the tests do not call its main")]
#[path = "../../examples/streaming.rs"]
mod streaming;
#[cfg(feature = "testing")]
#[expect(dead_code, reason = "the tests do not call its main")]
#[path = "../../examples/testing.rs"]
mod testing;

/// An emulator as every example wants it.
async fn emulator() -> Emulator {
    let into = into("Weather");
    let emulator = Emulator::builder().with_database(into.database).start().await;
    emulator.expect("a free port")
}

fn into(table: &str) -> IngestionProperties {
    IngestionProperties::into_table("Samples", table).expect("two names")
}

/// How many rows there are once the queues are empty.
async fn rows_in(emulator: &Emulator, table: &str) -> usize {
    emulator.drained().await;
    let into = into(table);
    emulator.fake().rows(&into.database, &into.table).len()
}

#[test]
fn every_example_is_run_here_and_fits_a_screen() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let files = folder
        .read_dir()
        .expect("it is there")
        .map(|file| file.expect("it can be read").path());
    for path in files {
        let text = std::fs::read_to_string(&path).expect("it can be read");
        let name = path
            .file_name()
            .expect("it is a file")
            .to_string_lossy()
            .into_owned();
        assert!(
            include_str!("examples.rs").contains(&format!("/examples/{name}\"")),
            "{name} is not run"
        );
        let program = text.split("#[cfg(test)]").next().unwrap_or_default();
        assert!(program.lines().count() <= 60, "{name} is too long");
        let run = format!("--example {}", name.trim_end_matches(".rs"));
        assert!(program.contains(&run), "{name} does not say how it is run");
    }
}

#[tokio::test]
async fn two_rows_are_queued() -> Result<()> {
    let emulator = emulator().await;
    queued::run(&emulator.cluster()).await?;
    assert_eq!(rows_in(&emulator, "Weather").await, 2);
    Ok(())
}

#[tokio::test]
async fn two_rows_are_streamed() -> Result<()> {
    let emulator = emulator().await;
    streaming::run(&emulator.cluster()).await?;
    assert_eq!(rows_in(&emulator, "Weather").await, 2);
    Ok(())
}

#[tokio::test]
async fn two_rows_are_ingested_directly() -> Result<()> {
    let emulator = emulator().await;
    direct::run(&emulator.cluster()).await?;
    assert_eq!(rows_in(&emulator, "Weather").await, 2);
    Ok(())
}

#[tokio::test]
async fn what_is_too_large_for_streaming_is_queued() -> Result<()> {
    let emulator = emulator().await;
    managed::run(&emulator.cluster()).await?;
    assert_eq!(rows_in(&emulator, "Weather").await, 300_001);
    Ok(())
}

#[tokio::test]
async fn a_thousand_rows_are_written_by_serde() -> Result<()> {
    let emulator = emulator().await;
    rows::run(&emulator.cluster()).await?;
    assert_eq!(rows_in(&emulator, "Readings").await, 1000);
    Ok(())
}

#[tokio::test]
async fn both_sources_succeed_by_their_receipts() -> Result<()> {
    let emulator = emulator().await;
    status::run(&emulator.cluster()).await?;
    assert_eq!(rows_in(&emulator, "Weather").await, 2);
    Ok(())
}

#[tokio::test]
async fn all_but_the_empty_source_are_ingested() -> Result<()> {
    let emulator = emulator().await;
    sources::run(&emulator.cluster()).await?;
    assert_eq!(rows_in(&emulator, "Weather").await, 5);
    Ok(())
}

#[tokio::test]
async fn the_own_uploader_brings_the_rows() -> Result<()> {
    let emulator = emulator().await;
    own_layer::run(&emulator.cluster()).await?;
    assert_eq!(rows_in(&emulator, "Weather").await, 2);
    Ok(())
}

#[tokio::test]
async fn a_json_record_is_mapped() -> Result<()> {
    let emulator = emulator().await;
    mapping::run(&emulator.cluster()).await?;
    assert_eq!(rows_in(&emulator, "Weather").await, 1);
    Ok(())
}

#[tokio::test]
async fn a_program_signs_in_by_itself() -> Result<()> {
    let emulator = emulator().await;
    sign_in::run(&emulator.cluster()).await?;
    Ok(())
}

#[tokio::test]
async fn all_files_of_a_folder_are_ingested() -> Result<()> {
    let emulator = emulator().await;
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/samples");
    files::run(&emulator.cluster(), &samples).await?;
    assert_eq!(rows_in(&emulator, "Weather").await, 1_461);
    Ok(())
}

#[tokio::test]
async fn a_blob_is_ingested_by_its_address() -> Result<()> {
    let emulator = emulator().await;
    let naming = BlobNaming::new(&into("Weather"), DataFormat::Csv);
    let uploader = Kusto::connect(&emulator.cluster())?.uploader();
    let uploaded = uploader
        .upload(&LocalSource::from_bytes("2012-01-01,4.7\n"), &naming)
        .await?;
    blob::run(&emulator.cluster(), uploaded.blob.expose()).await?;
    assert_eq!(rows_in(&emulator, "Weather").await, 1);
    Ok(())
}

#[cfg(feature = "arrow")]
#[tokio::test]
async fn a_batch_is_ingested() -> Result<()> {
    let emulator = emulator().await;
    arrow::run(&emulator.cluster()).await?;
    assert_eq!(rows_in(&emulator, "Wind").await, 3);
    Ok(())
}

#[cfg(feature = "blocking")]
#[tokio::test]
async fn a_program_without_async_ingests_what_it_reads() -> Result<()> {
    let emulator = emulator().await;
    let cluster = emulator.cluster();
    let work = move || blocking::run(&cluster, "2012-01-01,4.7\n".as_bytes());
    tokio::task::spawn_blocking(work)
        .await
        .expect("it does not panic")?;
    assert_eq!(rows_in(&emulator, "Weather").await, 1);
    Ok(())
}

#[cfg(feature = "testing")]
#[tokio::test]
async fn code_that_ingests_is_tested_in_memory() -> Result<()> {
    testing::run().await
}
