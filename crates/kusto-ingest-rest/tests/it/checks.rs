//! What is refused before anything is sent.

use futures::executor::block_on;
use kusto_ingest_core::{BlobSource, ErrorKind, IngestClient as _, IngestionProperties, LocalSource};

use super::world::{World, properties, row};

fn blob(name: &str) -> BlobSource {
    BlobSource::parse(format!("https://a.blob.core.windows.net/c/{name}?sig=SECRET")).expect("an address")
}

#[test]
fn s03_g54_blobs_of_two_formats_are_refused_unless_the_format_is_said() {
    let world = World::new();
    let inferred = IngestionProperties::into_table("D", "T").expect("names");
    let both = || vec![blob("a.csv"), blob("b.json")];
    let error = block_on(world.client.ingest_blobs(both(), &inferred)).expect_err("they differ");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::InvalidInput, Some("MixedFormats"))
    );
    let twice = vec![blob("a.csv"), blob("a.csv")];
    let error = block_on(world.client.ingest_blobs(twice, &inferred)).expect_err("they are one");
    assert_eq!(error.code(), Some("DuplicateBlob"));
    let error = block_on(world.client.ingest_blobs(Vec::new(), &inferred)).expect_err("there are none");
    assert_eq!(error.code(), Some("NoBlobs"));
    assert_eq!(
        (world.endpoint.configurations_asked(), world.sizes().len()),
        (0, 0)
    );
    block_on(world.client.ingest_blobs(both(), &properties())).expect("both are said to be csv");
}

#[test]
fn what_no_request_could_say_is_refused_before_the_upload() {
    let world = World::new();
    let dots = IngestionProperties::into_table("..", "T")
        .expect("names")
        .with_format(kusto_ingest_core::DataFormat::Csv);
    let twice = properties().with_property("enableTracking", "false");
    for properties in [dots, twice] {
        let error =
            block_on(world.client.ingest_source(row().into(), &properties)).expect_err("it cannot be said");
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }
    let error = world
        .ingest(LocalSource::from_bytes(""))
        .expect_err("it is empty");
    assert_eq!(error.kind(), ErrorKind::EmptySource);
    assert_eq!(world.sizes(), [] as [usize; 0]);
}

#[test]
fn a_source_that_is_known_to_be_larger_than_the_service_takes_is_refused() {
    let world = World::offering(|mut offered| {
        offered.max_raw_bytes = Some(3);
        offered
    });
    let error = world.ingest(row()).expect_err("it has four bytes");
    assert_eq!(error.kind(), ErrorKind::SizeLimitExceeded);
    assert_eq!(world.sizes(), [] as [usize; 0]);
    let sized = blob("a.csv").with_raw_size(4);
    assert!(world.ingest(sized.clone()).is_err());
    let properties = properties().with_ignore_size_limit();
    block_on(world.client.ingest_source(sized.into(), &properties)).expect("the limit is ignored");
}
