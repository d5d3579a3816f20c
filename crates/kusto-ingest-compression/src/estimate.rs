//! How large compressed data is once it is uncompressed, without uncompressing it.

use futures::AsyncReadExt as _;
use kusto_ingest_core::zip::Directory;
use kusto_ingest_core::{Compression, Payload};

/// The factor by which Kusto's clients assume that data grows, where nothing better is known.
const FACTOR: u64 = 11;
/// From this size on, the size in the gzip trailer, which counts modulo 4 GiB, is not used.
const TOO_LARGE_FOR_TRAILER: u64 = (1 << 32) / 40;
/// What is read of a zip archive's end: its last record with the longest comment, and the one before it.
const ZIP_END: u64 = 65_535 + 22 + 20 + 56;
/// The largest list of a zip archive's files that is read.
const LONGEST_DIRECTORY: u64 = 16 * 1024 * 1024;

/// The uncompressed size of a payload whose body has `bytes`: from what the archive says of itself where that can
/// be read, else an estimate.
///
/// It reads the payload's end when the payload can be opened again, and never fails.
pub async fn estimate(payload: &Payload, compression: Compression, bytes: u64) -> u64 {
    let known = match compression {
        Compression::None => return bytes,
        Compression::Gzip => trailer(payload, bytes)
            .await
            .map(|trailer| gzip_raw_size(bytes, trailer)),
        Compression::Zip => zip(payload, bytes).await,
    };
    known.unwrap_or_else(|| estimate_from_compressed(bytes))
}

/// The uncompressed size of a payload whose body has `bytes`, where the archive says it, and is to be believed: `None`
/// rather than an estimate.
///
/// It reads the payload's end when the payload can be opened again, and never fails. A gzip file of several members tells
/// the size of the last one only.
pub async fn archived_raw_size(payload: &Payload, compression: Compression, bytes: u64) -> Option<u64> {
    match compression {
        Compression::None => Some(bytes),
        Compression::Gzip => claimed(bytes, trailer(payload, bytes).await?),
        Compression::Zip => zip(payload, bytes).await,
    }
}

/// The uncompressed size where only the compressed one is known.
#[must_use]
pub fn estimate_from_compressed(bytes: u64) -> u64 {
    bytes.saturating_mul(FACTOR)
}

/// The uncompressed size of a gzip file of `bytes` whose last four bytes are given.
///
/// Those count modulo 4 GiB, so they are not believed for large files, nor when they claim less than the file has:
/// then it is estimated.
#[must_use]
pub fn gzip_raw_size(bytes: u64, trailer: [u8; 4]) -> u64 {
    claimed(bytes, trailer).unwrap_or_else(|| estimate_from_compressed(bytes.saturating_sub(4)))
}

/// What the last four bytes of a gzip file of `bytes` claim, if that is to be believed.
fn claimed(bytes: u64, trailer: [u8; 4]) -> Option<u64> {
    let at = bytes.saturating_sub(4);
    let claimed = u64::from(u32::from_le_bytes(trailer));
    (at < claimed && at < TOO_LARGE_FOR_TRAILER).then_some(claimed)
}

async fn trailer(payload: &Payload, bytes: u64) -> Option<[u8; 4]> {
    let end = read(payload, bytes.checked_sub(4)?, 4).await?;
    end.try_into().ok()
}

async fn zip(payload: &Payload, bytes: u64) -> Option<u64> {
    let start = bytes.saturating_sub(ZIP_END);
    let end = read(payload, start, bytes - start).await?;
    let directory = Directory::find(&end, start)?;
    if directory.len > LONGEST_DIRECTORY {
        return None;
    }
    let list = read(payload, directory.at, directory.len).await?;
    Directory::entries(&list).try_fold(0_u64, |sum, entry| sum.checked_add(entry?.size))
}

/// Reads a piece of a payload that can be opened again; `None` when it cannot be had.
async fn read(payload: &Payload, at: u64, len: u64) -> Option<Vec<u8>> {
    if !payload.is_replayable() {
        return None;
    }
    let mut piece = vec![0; usize::try_from(len).ok()?];
    let mut reader = payload.open(at).await.ok()?;
    reader.read_exact(&mut piece).await.ok()?;
    Some(piece)
}
