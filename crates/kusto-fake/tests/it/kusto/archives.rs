//! Zip archives, from the blob to the rows.

use std::io::Write as _;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use kusto_ingest_core::{BlobSource, IngestionProperties, Result};
use kusto_ingest_message::OperationStatus;

use super::world::World;

/// An archive as common programs write it; every other file is deflated, the others are stored.
fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let (mut archive, mut list) = (Vec::new(), Vec::new());
    for (place, (name, text)) in files.iter().enumerate() {
        let at = number(archive.len());
        let head = head(place, name, text);
        archive.extend([b"PK\x03\x04".as_slice(), &head, &[0, 0], name.as_bytes()].concat());
        archive.extend(packed(place, text));
        list.extend(
            [
                b"PK\x01\x02\x14\0".as_slice(),
                &head,
                &[0; 12],
                &at,
                name.as_bytes(),
            ]
            .concat(),
        );
    }
    let (size, at) = (number(list.len()), number(archive.len()));
    let count = u16::try_from(files.len()).expect("few files").to_le_bytes();
    archive.extend(list);
    archive.extend(
        [
            b"PK\x05\x06\0\0\0\0".as_slice(),
            &count,
            &count,
            &size,
            &at,
            &[0, 0],
        ]
        .concat(),
    );
    archive
}

/// What the list and the file itself say alike: version, flags, method, time, sum, sizes, length of the name.
fn head(place: usize, name: &str, text: &str) -> Vec<u8> {
    let mut sum = Crc::new();
    sum.update(text.as_bytes());
    let method = if place.is_multiple_of(2) { 8 } else { 0 };
    let length = u16::try_from(name.len()).expect("a short name").to_le_bytes();
    [
        &[20, 0, 0, 0, method, 0, 0, 0, 0, 0][..],
        &sum.sum().to_le_bytes(),
        &number(packed(place, text).len()),
        &number(text.len()),
        &length,
    ]
    .concat()
}

fn packed(place: usize, text: &str) -> Vec<u8> {
    if place % 2 == 1 {
        return text.into();
    }
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).expect("memory");
    encoder.finish().expect("memory")
}

fn number(size: usize) -> [u8; 4] {
    u32::try_from(size).expect("a small archive").to_le_bytes()
}

impl World {
    fn ingest_archive(
        &self,
        blob: &BlobSource,
        properties: &IngestionProperties,
    ) -> (OperationStatus, String) {
        let ingestion = self.ingest(blob, properties);
        let code = ingestion.error_code.map(|code| code.to_string());
        (ingestion.status, code.unwrap_or_default())
    }
}

#[test]
fn every_file_of_an_archive_is_ingested_in_its_order_as_one_extent() {
    let world = World::new("a:long, b:string");
    let archive = zip(&[
        ("one.csv", "a,b\n1,x\n2,y\n"),
        ("day/", ""),
        ("day/two.csv", "a,b\n3,z\n"),
    ]);
    let blob = world.blob("days.csv.zip", archive);
    let properties = world.properties().with_ignore_first_record();
    assert_eq!(
        world.ingest_archive(&blob, &properties),
        (OperationStatus::Succeeded, String::new())
    );
    assert_eq!(
        world.rows(),
        ["1|x", "2|y", "3|z"],
        "each file has its own header"
    );
    assert_eq!(world.kusto.extents(&world.database, &world.table).len(), 1);
}

#[test]
fn a_pattern_chooses_among_the_files() -> Result<()> {
    for (pattern, rows) in [
        (r"\.csv$", &["1", "3"][..]),
        ("^day/", &["2", "3"]),
        ("*.csv", &["1", "3"]),
        ("[", &[]),
        ("none", &[]),
    ] {
        let world = World::new("a:string");
        let archive = zip(&[("a.csv", "1\n"), ("day/b.txt", "2\n"), ("day/c.csv", "3\n")]);
        let properties = world.properties().with_zip_pattern(pattern);
        let (status, code) = world.ingest_archive(&world.blob("a.zip", archive), &properties);
        assert_eq!(world.rows(), rows, "{pattern}");
        assert_eq!(
            status == OperationStatus::Succeeded,
            !rows.is_empty(),
            "{pattern} {code}"
        );
    }
    Ok(())
}

/// The same archive of one file, which tells its sizes in 64 bits.
fn widened(mut archive: Vec<u8>) -> Vec<u8> {
    let place = |mark: &[u8]| archive.windows(4).position(|word| word == mark).expect("a mark");
    let (entry, end) = (place(b"PK\x01\x02"), place(b"PK\x05\x06"));
    let (packed, size) = (&archive[entry + 20..entry + 24], &archive[entry + 24..entry + 28]);
    let extra = [&[1, 0, 16, 0], size, &[0; 4], packed, &[0; 4]].concat();
    archive[entry + 20..entry + 28].fill(u8::MAX);
    archive[entry + 30] = 20;
    archive[end + 12] += 20;
    archive.splice(end..end, extra);
    archive
}

#[test]
fn an_archive_with_sizes_in_64_bits_is_ingested() {
    let world = World::new("a:long");
    let blob = world.blob("a.csv.zip", widened(zip(&[("a.csv", "1\n2\n")])));
    let told = world.ingest_archive(&blob, &world.properties());
    assert_eq!(told, (OperationStatus::Succeeded, String::new()));
    assert_eq!(world.rows(), ["1", "2"]);
}

#[test]
fn a_broken_archive_leaves_the_table_as_it_was() {
    let world = World::new("a:string");
    let whole = zip(&[("a.csv", "first\n"), ("b.csv", "second\n")]);
    let mut other = whole.clone();
    let at = whole
        .windows(6)
        .position(|word| word == b"second")
        .expect("it is stored");
    other[at] = b'S';
    let mut beyond = whole.clone();
    let at = whole
        .windows(4)
        .position(|word| word == b"PK\x01\x02")
        .expect("a list");
    beyond[at + 20..at + 24].copy_from_slice(&u32::MAX.to_le_bytes());
    let mut locked = whole.clone();
    locked[at + 8] = 1;
    for (what, archive, code) in [
        (
            "cut",
            whole[..whole.len() - 4].to_vec(),
            "BadRequest_InvalidArchive",
        ),
        ("only a mark", b"PK\x03\x04".to_vec(), "BadRequest_InvalidArchive"),
        ("beyond the end", beyond, "BadRequest_InvalidArchive"),
        ("encrypted", locked, "BadRequest_InvalidArchive"),
        ("other bytes", other, "BadRequest_InvalidBlob"),
        ("no files", zip(&[("folder/", "")]), "BadRequest_EmptyArchive"),
    ] {
        let blob = world.blob("a.csv.zip", archive);
        let told = world.ingest_archive(&blob, &world.properties());
        assert_eq!(told, (OperationStatus::Failed, code.to_owned()), "{what}");
        assert!(world.rows().is_empty(), "{what}");
    }
}

#[test]
fn the_files_of_an_archive_share_one_limit() {
    let world = World::new("a:string");
    world
        .kusto
        .set_limits(kusto_fake::Limits::default().with_max_raw_bytes(1_000));
    let text = "1\n".repeat(300);
    let blob = world.blob("a.csv.zip", zip(&[("a.csv", &text), ("b.csv", &text)]));
    let told = world.ingest_archive(&blob, &world.properties());
    assert_eq!(
        told,
        (OperationStatus::Failed, "BadRequest_FileTooLarge".to_owned())
    );
    assert!(world.rows().is_empty());
}
