//! What bytes are compressed with, by the bytes themselves.

use kusto_ingest_core::Compression;

const GZIP: &[u8] = &[0x1F, 0x8B];
const ZIPS: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];

/// How bytes are compressed, by how they begin. Four bytes are enough.
#[must_use]
pub fn detect(beginning: &[u8]) -> Compression {
    if beginning.starts_with(GZIP) {
        return Compression::Gzip;
    }
    if ZIPS.iter().any(|magic| beginning.starts_with(magic)) {
        return Compression::Zip;
    }
    Compression::None
}
