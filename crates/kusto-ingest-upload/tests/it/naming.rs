//! Names of blobs that can be those of files: what gives way where they would be too long.

use kusto_ingest_core::testing::properties;
use kusto_ingest_core::{DataFormat, IngestionProperties, LocalSource};
use kusto_ingest_upload::BlobNaming;

const ID: &str = "11111111-1111-4111-8111-111111111111";

#[test]
fn the_whole_name_can_be_that_of_a_file_and_the_stem_gives_way_first() {
    // How long database, table and stem are, and what is kept of each: 206 bytes are left for them.
    for (lengths, kept) in [
        ([43, 43, 120], [43, 43, 120]),
        ([60, 60, 120], [60, 60, 86]),
        ([120, 46, 500], [120, 46, 40]),
        ([500, 500, 500], [83, 83, 40]),
        ([500, 30, 500], [120, 30, 56]),
        ([100, 60, 500], [100, 60, 46]),
        ([60, 200, 500], [60, 106, 40]),
        ([120, 120, 3], [101, 102, 3]),
    ] {
        let [database, table, stem] = lengths.map(|length| "x".repeat(length));
        let properties = IngestionProperties::into_table(database, table).expect("the names are good");
        let source = LocalSource::from_bytes("x").with_name(format!("{stem}.csv"));
        let source = source.with_id(ID.parse().expect("a good id"));
        let part = |place: usize| match (lengths[place], kept[place]) {
            (length, kept) if length == kept => "x".repeat(kept),
            (_, kept) => format!("{}__trunc", "x".repeat(kept - 7)),
        };
        let expect = format!("{}__{}__{ID}__{}.csv.gz", part(0), part(1), part(2));
        let name = BlobNaming::new(&properties, DataFormat::Csv).blob_name(&source);
        assert_eq!(name.expect("it fits").as_str(), expect, "{lengths:?}");
        assert!(expect.len() <= 255, "{lengths:?}");
    }
}

#[test]
fn the_number_of_a_chunk_and_the_format_stay_whole() {
    let long = "x".repeat(500);
    let properties = IngestionProperties::into_table(&*long, &*long).expect("the names are good");
    let chunk = LocalSource::from_bytes("x").with_name(long).with_chunk(u32::MAX);
    let name = BlobNaming::new(&properties, DataFormat::W3cLogFile).blob_name(&chunk);
    let name = name.expect("it fits").to_string();
    assert_eq!(name.len(), 255);
    assert!(name.ends_with("__trunc__4294967295.w3clogfile.gz"), "{name}");
}

#[test]
fn the_name_of_an_attempt_is_that_of_the_source_and_a_number_and_no_longer_than_others() {
    let properties = properties();
    let naming = BlobNaming::new(&properties, DataFormat::Csv);
    let source = LocalSource::from_bytes("x").with_id(ID.parse().expect("a good id"));
    let name = |source: &LocalSource| naming.attempt_blob_name(source, 0x00C0_FFEE);
    let named = name(&source.clone().with_name("a.csv").with_chunk(2)).expect("it fits");
    assert_eq!(named.as_str(), format!("db__t__{ID}__a__00002__00c0ffee.csv.gz"));
    let long = "x".repeat(500);
    let properties = IngestionProperties::into_table(&*long, &*long).expect("the names are good");
    let naming = BlobNaming::new(&properties, DataFormat::Csv);
    let named = naming
        .attempt_blob_name(&source.with_name(long), 7)
        .expect("it fits");
    assert_eq!(named.as_str().len(), 255);
    assert!(named.as_str().ends_with("__trunc__00000007.csv.gz"), "{named}");
}
