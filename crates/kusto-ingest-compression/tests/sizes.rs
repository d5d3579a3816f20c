//! Sizes: counted where we compress, read from the archive's books where others did.

use std::io::Read;

use bytes::Bytes;
use flate2::read::GzDecoder;
use futures::TryStreamExt;
use futures::executor::block_on;
use futures::io::Cursor;
use kusto_ingest_compression::{Compressor, Encoded, InlineCompressor, estimate, identity};
use kusto_ingest_core::{Compression, Payload, PayloadReader};

fn collect(stream: Encoded) -> (Vec<u8>, u64, u64) {
    let sizes = stream.sizes();
    let chunks: Vec<Bytes> = block_on(stream.try_collect()).expect("the stream ends well");
    (chunks.concat(), sizes.raw(), sizes.encoded())
}

fn gzip(payload: &Payload) -> Vec<u8> {
    let (body, raw, encoded) = collect(block_on(InlineCompressor::new().gzip(payload)).expect("it opens"));
    assert_eq!(encoded, body.len() as u64);
    assert!(payload.len().is_none_or(|len| len == raw));
    body
}

fn gunzip(body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    GzDecoder::new(body)
        .read_to_end(&mut bytes)
        .expect("it is one gzip member");
    bytes
}

/// Text that compresses to about a third.
fn text(bytes: usize) -> Vec<u8> {
    (0_u64..)
        .flat_map(|n| format!("{},{}\n", n, n.wrapping_mul(0x9E37_79B9_7F4A_7C15)).into_bytes())
        .take(bytes)
        .collect()
}

fn behind_a_reader(bytes: Vec<u8>) -> Payload {
    Payload::reopenable(Some(bytes.len() as u64), move |offset| {
        let rest = bytes[usize::try_from(offset).expect("a test's offset")..].to_vec();
        async move {
            let reader: PayloadReader = Box::pin(Cursor::new(rest));
            Ok(reader)
        }
    })
}

#[test]
fn memory_and_reader_compress_to_what_uncompresses_to_the_same_bytes() {
    for length in [0, 1, 70_000, 1_000_000] {
        let bytes = text(length);
        assert_eq!(
            gunzip(&gzip(&Payload::from_bytes(bytes.clone()))),
            bytes,
            "{length} in memory"
        );
        assert_eq!(
            gunzip(&gzip(&behind_a_reader(bytes.clone()))),
            bytes,
            "{length} behind a reader"
        );
    }
}

#[test]
fn equal_bytes_give_equal_gzip_and_the_header_tells_nothing() {
    let body = gzip(&Payload::from_bytes("x"));
    assert_eq!(body, gzip(&Payload::from_bytes("x")));
    assert_eq!(body[3..8], [0; 5], "no name, no time");
}

#[test]
fn bytes_as_they_are_come_out_as_they_are() {
    let bytes = text(600_000);
    for payload in [
        Payload::from_bytes(bytes.clone()),
        behind_a_reader(bytes.clone()),
        Payload::once(Cursor::new(bytes.clone())),
    ] {
        let (body, raw, encoded) = collect(block_on(identity(&payload)).expect("it opens"));
        assert_eq!((body == bytes, raw, encoded), (true, 600_000, 600_000));
    }
}

fn estimated(bytes: Vec<u8>, compression: Compression) -> u64 {
    let length = bytes.len() as u64;
    block_on(estimate(&Payload::from_bytes(bytes), compression, length))
}

#[test]
fn s02_c46_a_gzips_trailer_tells_its_size() {
    let body = gzip(&Payload::from_bytes(vec![b'a'; 4_000]));
    assert_eq!(estimated(body, Compression::Gzip), 4_000);
}

#[test]
fn s02_c47_a_trailer_that_says_less_than_the_gzip_holds_is_not_believed() {
    let body = gzip(&Payload::from_bytes("x"));
    let position = body.len() as u64 - 4;
    assert_eq!(estimated(body, Compression::Gzip), position * 11);
}

/// A zip archive's directory of entries that claim to be so large; nothing else of it is read.
fn zip(sizes: &[u32]) -> Vec<u8> {
    let mut archive = b"the entries".to_vec();
    let start = archive.len() as u32;
    for size in sizes {
        let mut entry = [0_u8; 46];
        entry[..4].copy_from_slice(b"PK\x01\x02");
        entry[24..28].copy_from_slice(&size.to_le_bytes());
        entry[28..30].copy_from_slice(&5_u16.to_le_bytes());
        archive.extend_from_slice(&entry);
        archive.extend_from_slice(b"a.csv");
    }
    let length = archive.len() as u32 - start;
    archive.extend_from_slice(b"PK\x05\x06\0\0\0\0\0\0\0\0");
    archive.extend_from_slice(&length.to_le_bytes());
    archive.extend_from_slice(&start.to_le_bytes());
    archive.extend_from_slice(&[0, 0]);
    archive
}

#[test]
fn s02_c48_a_zips_directory_tells_its_size() {
    assert_eq!(estimated(zip(&[1_569, 1_569]), Compression::Zip), 3_138);
    assert_eq!(
        estimated(b"no archive".to_vec(), Compression::Zip),
        110,
        "eleven times its length"
    );
    let mut broken = zip(&[1]);
    let at = broken.len() - 6;
    broken[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(
        estimated(broken.clone(), Compression::Zip),
        broken.len() as u64 * 11
    );
}

#[test]
fn a_stream_that_flows_once_is_estimated_by_its_length() {
    let flowing = Payload::once(Cursor::new(Vec::new()));
    assert_eq!(block_on(estimate(&flowing, Compression::Gzip, 100)), 1_100);
}
