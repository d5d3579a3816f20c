//! Checksums that a client sends with a body, which the storage compares with its own.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use crc::{CRC_64_NVME, Crc};
use kusto_ingest_core::Result;

use crate::answer::refusal;
use crate::request_head::RequestHead;

/// The checksum of 64 bits that the storage knows.
const CRC64: Crc<u64> = Crc::<u64>::new(&CRC_64_NVME);

/// Compares a body with the checksums that came with it, of which there may be none. The header that a blob keeps as its
/// own is compared where it is about this body.
///
/// # Errors
/// `Md5Mismatch`, `Crc64Mismatch`; `InvalidMd5`, `InvalidHeaderValue` for what is no checksum.
pub(super) fn verify(asked: &RequestHead, body: &Bytes, also: Option<&str>) -> Result<()> {
    let invalid = |code| refusal(400, code, "a checksum is not base64 of its length");
    let named = also.and_then(|name| asked.header(name));
    for told in [asked.header("content-md5"), named].into_iter().flatten() {
        let wanted = BASE64_STANDARD
            .decode(told)
            .ok()
            .filter(|bytes| bytes.len() == 16);
        let wanted = wanted.ok_or_else(|| invalid("InvalidMd5"))?;
        if wanted != md5::compute(body).as_slice() {
            let why = "the MD5 value specified in the request did not match the MD5 value of the body";
            return Err(refusal(400, "Md5Mismatch", why));
        }
    }
    if let Some(told) = asked.header("x-ms-content-crc64") {
        let wanted = BASE64_STANDARD.decode(told).ok();
        let wanted = wanted.and_then(|bytes| <[u8; 8]>::try_from(bytes).ok());
        let wanted = wanted.ok_or_else(|| invalid("InvalidHeaderValue"))?;
        if u64::from_le_bytes(wanted) != CRC64.checksum(body) {
            let why = "the CRC64 value specified in the request did not match the CRC64 value of the body";
            return Err(refusal(400, "Crc64Mismatch", why));
        }
    }
    Ok(())
}
