//! Gzip for tests, made and read by another encoder than the one under test.

use std::io::Read as _;

use flate2::bufread::{GzDecoder, GzEncoder};

/// One member of gzip.
#[must_use]
pub fn gzip(plain: impl AsRef<[u8]>) -> Vec<u8> {
    let mut packed = Vec::new();
    GzEncoder::new(plain.as_ref(), flate2::Compression::default())
        .read_to_end(&mut packed)
        .expect("memory can be read");
    packed
}

/// What is in the one member, whose checksum and length are right and behind which there is nothing.
#[must_use]
pub fn gunzip(packed: impl AsRef<[u8]>) -> Vec<u8> {
    let (mut plain, mut decoder) = (Vec::new(), GzDecoder::new(packed.as_ref()));
    decoder.read_to_end(&mut plain).expect("it is gzip");
    assert!(
        decoder.into_inner().is_empty(),
        "there is something behind the member"
    );
    plain
}
