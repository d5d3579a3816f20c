//! Sizes: what is known to be too large costs no request, and what was counted is told.

use futures::io::Cursor;
use kusto_ingest_compression::testing;
use kusto_ingest_core::testing::pattern;
use kusto_ingest_core::{DataFormat, ErrorKind, LocalSource};

use crate::world::{World, flowing, replayable};

const LIMIT: u64 = 10_000;

fn world() -> World {
    let mut world = World::new();
    world.uploader = world.uploader.with_max_raw_bytes(LIMIT);
    world
}

fn gzip(raw: usize) -> Vec<u8> {
    testing::gzip(vec![b'a'; raw])
}

/// An archive of one file that claims a size, as far as its first bytes and its directory go.
fn zip(raw: u32) -> Vec<u8> {
    let mut archive = b"PK\x03\x04 and the compressed file".to_vec();
    let directory_at = u32::try_from(archive.len()).expect("it is small");
    let mut entry = [0; 46];
    entry[..4].copy_from_slice(b"PK\x01\x02");
    entry[24..28].copy_from_slice(&raw.to_le_bytes());
    archive.extend(entry);
    let mut end = [0; 22];
    end[..4].copy_from_slice(b"PK\x05\x06");
    end[12..16].copy_from_slice(&46_u32.to_le_bytes());
    end[16..20].copy_from_slice(&directory_at.to_le_bytes());
    archive.extend(end);
    archive
}

fn file(content: Vec<u8>) -> LocalSource {
    LocalSource::new(kusto_ingest_core::testing::replayable(content))
}

#[test]
fn what_is_known_to_be_too_large_costs_no_request_and_both_numbers_are_told() {
    for (what, source, size) in [
        ("a file", replayable(10_001), "10001"),
        ("bytes", LocalSource::from_bytes(pattern(10_001)), "10001"),
        ("a claim", flowing(1).with_raw_size(10_001), "10001"),
        ("gzip", file(gzip(10_001)).with_name("a.csv.gz"), "10001"),
        (
            "gzip in memory",
            LocalSource::from_bytes(gzip(1_000_000)).with_name("a.csv.gz"),
            "1000000",
        ),
        ("zip", file(zip(10_001)).with_name("a.csv.zip"), "10001"),
        (
            "gzip that is too large itself",
            file([&[0x1F, 0x8B][..], &pattern(9_999)].concat()).with_name("a.csv.gz"),
            "10001",
        ),
    ] {
        let world = world();
        let error = world.upload_as(&source, DataFormat::Csv).expect_err(what);
        assert_eq!(
            error.kind(),
            ErrorKind::SizeLimitExceeded,
            "{what}: {}",
            error.chain()
        );
        let told: Vec<_> = error.context().map(|(_, value)| value.to_owned()).collect();
        assert_eq!(told, [size, "10000"], "{what}");
        assert_eq!(world.requests("a"), [0; 4], "{what}");
    }
}

#[test]
fn what_fits_or_is_only_estimated_to_be_too_large_is_uploaded() {
    for (what, source, raw) in [
        ("a file", replayable(10_000), 10_000),
        ("gzip", file(gzip(10_000)).with_name("a.csv.gz"), 10_000),
        ("zip", file(zip(10_000)).with_name("a.csv.zip"), 10_000),
        // Its last bytes tell no size that could be true, so that eleven times its length is assumed.
        (
            "odd gzip",
            file([&[0x1F, 0x8B][..], &[0; 1_998]].concat()).with_name("a.csv.gz"),
            11 * 1_996,
        ),
        (
            "a stream of gzip",
            LocalSource::from_reader(Cursor::new(gzip(20_000))).with_name("a.csv.gz"),
            0,
        ),
    ] {
        let world = world();
        let uploaded = world.upload_as(&source, DataFormat::Csv).expect(what);
        let raw = if raw == 0 { 11 * uploaded.sent_bytes } else { raw };
        assert_eq!(uploaded.raw_bytes, Some(raw), "{what}");
    }
}

#[test]
fn what_was_counted_is_told_whatever_was_claimed() {
    let made: [fn() -> LocalSource; 3] = [
        || replayable(4_500),
        || flowing(4_500),
        || LocalSource::from_bytes(pattern(4_500)),
    ];
    for source in made {
        for format in [DataFormat::Csv, DataFormat::Parquet] {
            let uploaded = World::new().upload_as(&source().with_raw_size(7), format);
            assert_eq!(uploaded.expect("nothing fails").raw_bytes, Some(4_500));
        }
    }
    let archive = file(gzip(10_000)).with_name("a.csv.gz").with_raw_size(7);
    let uploaded = World::new().upload_as(&archive, DataFormat::Csv);
    let told = uploaded.expect("nothing fails").raw_bytes;
    assert_eq!(told, Some(7), "of an archive nothing is counted");
}
