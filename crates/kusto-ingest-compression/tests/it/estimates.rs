//! Sizes before compression, told by what came compressed.

use futures::executor::block_on;
use futures::io;
use kusto_ingest_compression::testing::gzip;
use kusto_ingest_compression::{detect, estimate, gzip_raw_size};
use kusto_ingest_core::testing::replayable;
use kusto_ingest_core::zip::Directory;
use kusto_ingest_core::{Compression, Payload};

fn short(number: usize) -> [u8; 2] {
    u16::try_from(number).expect("it is small").to_le_bytes()
}

fn number(number: usize) -> [u8; 4] {
    u32::try_from(number).expect("it is small").to_le_bytes()
}

/// An archive of stored files. `wide` writes their sizes, and the place of their list, in 64 bits.
fn zip(files: &[usize], comment: &[u8], wide: bool) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for size in files {
        directory.extend(entry(archive.len(), *size, wide));
        archive.extend([b"PK\x03\x04".as_slice(), &[0; 14], &number(*size), &number(*size)].concat());
        archive.extend([short(1).as_slice(), &short(0), b"f", &vec![b'x'; *size]].concat());
    }
    let (at, len, count) = (archive.len(), directory.len(), short(files.len()));
    archive.extend(directory);
    let (told_len, told_at) = if wide {
        let record = archive.len() as u64;
        let wide = [(len as u64).to_le_bytes(), (at as u64).to_le_bytes()].concat();
        archive.extend([b"PK\x06\x06".as_slice(), &[0; 36], &wide].concat());
        archive.extend(
            [
                b"PK\x06\x07".as_slice(),
                &[0; 4],
                &record.to_le_bytes(),
                &[1, 0, 0, 0],
            ]
            .concat(),
        );
        (u32::MAX.to_le_bytes(), u32::MAX.to_le_bytes())
    } else {
        (number(len), number(at))
    };
    archive.extend(
        [
            b"PK\x05\x06".as_slice(),
            &[0; 4],
            &count,
            &count,
            &told_len,
            &told_at,
        ]
        .concat(),
    );
    archive.extend([&short(comment.len()), comment].concat());
    archive
}

/// A file in the list of an archive. A wide one has its sizes behind another extra field.
fn entry(at: usize, size: usize, wide: bool) -> Vec<u8> {
    let (sizes, extra) = if wide {
        let size = (size as u64).to_le_bytes();
        let extra = [b"\x63\x00\x02\x00ab\x01\x00\x10\x00".as_slice(), &size, &size].concat();
        (u32::MAX.to_le_bytes(), extra)
    } else {
        (number(size), Vec::new())
    };
    let lengths = [short(1), short(extra.len()), short(0)].concat();
    [
        b"PK\x01\x02".as_slice(),
        &[0; 16],
        &sizes,
        &sizes,
        &lengths,
        &[0; 8],
        &number(at),
        b"f",
        &extra,
    ]
    .concat()
}

fn estimated(data: &[u8], compression: Compression) -> u64 {
    let len = data.len() as u64;
    let from_memory = block_on(estimate(&Payload::from_bytes(data.to_vec()), compression, len));
    let from_file = replayable(data.to_vec());
    assert_eq!(block_on(estimate(&from_file, compression, len)), from_memory);
    from_memory
}

#[test]
fn s02_c45_c46_a_gzip_file_tells_its_size_in_its_trailer() {
    let compressed = gzip(vec![b'a'; 4_000]);
    assert!(compressed.len() < 4_000);
    assert_eq!(estimated(&compressed, Compression::Gzip), 4_000);
}

#[test]
fn s02_c47_a_trailer_that_claims_less_than_the_file_has_is_not_believed() {
    let compressed = gzip(b"x");
    assert_eq!(compressed.len(), 21);
    assert_eq!(estimated(&compressed, Compression::Gzip), 187);
}

#[test]
fn a_trailer_of_a_large_file_is_not_believed_since_it_counts_modulo_4_gib() {
    let claim = 4_000_000_000_u32.to_le_bytes();
    assert_eq!(gzip_raw_size(107_374_181 + 4, claim), 4_000_000_000);
    assert_eq!(gzip_raw_size(107_374_182 + 4, claim), 107_374_182 * 11);
}

#[test]
fn s02_c48_a_zip_archive_tells_the_sizes_of_its_files() {
    for comment in [
        b"".as_slice(),
        b"two files",
        b"a comment with PK\x05\x06 in it, longer than the record itself",
        &[b' '; 65_535],
    ] {
        for wide in [false, true] {
            let archive = zip(&[1_569, 1_569], comment, wide);
            assert_eq!(detect(&archive), Compression::Zip);
            assert_eq!(estimated(&archive, Compression::Zip), 3_138, "wide {wide}");
        }
    }
    assert_eq!(estimated(&zip(&[], b"", false), Compression::Zip), 0);
    assert_eq!(
        estimated(&zip(&[200_000, 1], b"", false), Compression::Zip),
        200_001
    );
}

#[test]
fn what_says_nothing_of_its_size_is_guessed() {
    let broken = |archive: &[u8]| estimated(archive, Compression::Zip) == archive.len() as u64 * 11;
    assert!(broken(b"PK\x03\x04 and no end"));
    assert!(broken(b""));
    let mut archive = zip(&[100], b"", false);
    let directory = Directory::find(&archive, 0).expect("it has one");
    archive[usize::try_from(directory.at).expect("it is small")] = b'?';
    assert!(broken(&archive));
    assert_eq!(estimated(b"abc", Compression::Gzip), 33);

    let once = || Payload::from_reader(io::Cursor::new(gzip([b'a'; 4_000])));
    assert_eq!(block_on(estimate(&once(), Compression::Gzip, 46)), 46 * 11);
    let untouched = once();
    block_on(estimate(&untouched, Compression::Gzip, 46));
    assert!(
        block_on(untouched.open(0)).is_ok(),
        "what cannot be replayed is not opened for a guess"
    );
}

#[test]
fn plain_bytes_are_as_large_as_they_are() {
    assert_eq!(estimated(b"abc", Compression::None), 3);
}

#[test]
fn bytes_tell_how_they_are_compressed() {
    for (bytes, compression) in [
        (b"\x1F\x8B\x08\x00".as_slice(), Compression::Gzip),
        (b"PK\x03\x04", Compression::Zip),
        (b"PK\x05\x06", Compression::Zip),
        (b"PKG,1\n", Compression::None),
        (b"", Compression::None),
        (b"\x1F", Compression::None),
    ] {
        assert_eq!(detect(bytes), compression, "{bytes:?}");
    }
}
