//! Bytes against what is said of them.

use futures::StreamExt as _;
use futures::executor::block_on;
use kusto_ingest_compression::{passthrough, verify_compression};
use kusto_ingest_core::testing::Trickle;
use kusto_ingest_core::{Compression, ErrorKind, LocalSource, Result};

/// What becomes of a source that is read through `verify_compression`: its bytes, or why not.
fn read_verified(source: &LocalSource) -> Result<Vec<u8>> {
    block_on(async {
        let payload = verify_compression(source).await?;
        let mut chunks = passthrough(&payload).await?;
        let mut all = Vec::new();
        while let Some(chunk) = chunks.next().await {
            all.extend_from_slice(&chunk?);
        }
        Ok(all)
    })
}

#[test]
fn bytes_that_contradict_the_name_are_refused_however_they_come() {
    let gzip = [0x1F, 0x8B, 8, 0, 0].as_slice();
    let zip = b"PK\x03\x04rest".as_slice();
    let plain = b"a,b\n".as_slice();
    for (name, bytes, is_right) in [
        ("a.csv.gz", gzip, true),
        ("a.csv.gz", plain, false),
        ("a.csv.gz", &plain[..1], false),
        ("a.csv.gz", b"".as_slice(), true),
        ("a.csv.zip", zip, true),
        ("a.csv.zip", gzip, false),
        ("a.csv", plain, true),
        ("a.csv", gzip, false),
        ("a.csv", zip, false),
    ] {
        // One byte at a time, so that the beginning comes in pieces.
        let pieces = || Trickle::new(bytes).with_most(1);
        for source in [
            LocalSource::from_bytes(bytes.to_vec()),
            LocalSource::from_reader(pieces()),
            LocalSource::new(pieces().into_payload(Some(bytes.len() as u64))),
        ] {
            match read_verified(&source.with_name(name)) {
                Ok(read) => assert!(is_right && read == bytes, "{name} {bytes:?}"),
                Err(error) => {
                    assert_eq!(
                        (is_right, error.kind()),
                        (false, ErrorKind::InvalidInput),
                        "{name}"
                    );
                    assert!(error.to_string().contains(name), "{error}");
                }
            }
        }
    }
}

#[test]
fn who_declares_bytes_to_be_plain_is_believed() {
    let gzip = vec![0x1F, 0x8B, 8, 0];
    let source = LocalSource::from_bytes(gzip.clone()).with_compression(Compression::None);
    assert_eq!(read_verified(&source).expect("it was declared"), gzip);
    let undeclared = read_verified(&LocalSource::from_bytes(gzip)).expect_err("nobody said so");
    assert_eq!(undeclared.kind(), ErrorKind::InvalidInput);
}
