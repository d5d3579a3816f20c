//! How large compressed data is uncompressed, without uncompressing it.

use futures::io::AsyncReadExt;
use kusto_ingest_core::{Compression, Payload};

/// What compressed data is taken to grow by where nothing better is known (Kusto's clients, since 2.5.11).
pub const FACTOR: u64 = 11;

/// A gzip longer than this may hold more than its 32-bit size can tell (4 GiB / 40).
const TRUSTED_GZIP: u64 = 107_374_182;

/// The end of a zip archive lies within so many bytes of its end: 22, and a comment of up to 64 KiB.
const ZIP_TAIL: u64 = 22 + 65_535;

/// The uncompressed size in bytes of a payload of `length` bytes: exact for plain bytes, from the archive's own
/// books where it can be opened at its end, else [`FACTOR`] times its length.
pub async fn estimate(payload: &Payload, compression: Compression, length: u64) -> u64 {
    let booked = match compression {
        Compression::None => Some(length),
        Compression::Gzip => tail(payload, length, 4)
            .await
            .and_then(|tail| gzip_size(&tail, length)),
        Compression::Zip => zip_size(payload, length).await,
    };
    booked.unwrap_or_else(|| length.saturating_mul(FACTOR))
}

/// The last bytes of a payload that can be opened again.
async fn tail(payload: &Payload, length: u64, wanted: u64) -> Option<Vec<u8>> {
    if !payload.is_replayable() {
        return None;
    }
    range(payload, length.saturating_sub(wanted), length).await
}

async fn range(payload: &Payload, from: u64, to: u64) -> Option<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(to.checked_sub(from)?).ok()?];
    payload.open(from).await.ok()?.read_exact(&mut bytes).await.ok()?;
    Some(bytes)
}

/// The rule of Kusto's own clients: the trailer is believed unless it says less than what is compressed, or could
/// have wrapped around.
fn gzip_size(trailer: &[u8], length: u64) -> Option<u64> {
    let position = length.checked_sub(4)?;
    let said = u64::from(u32::from_le_bytes(trailer.try_into().ok()?));
    if position >= said || position >= TRUSTED_GZIP {
        return Some(position.saturating_mul(FACTOR));
    }
    Some(said)
}

/// The sum over the archive's central directory.
async fn zip_size(payload: &Payload, length: u64) -> Option<u64> {
    let tail = tail(payload, length, ZIP_TAIL.min(length)).await?;
    let end = tail.windows(4).rposition(|window| window == b"PK\x05\x06")?;
    let size = u64::from(u32_at(&tail, end + 12)?);
    let start = u64::from(u32_at(&tail, end + 16)?);
    let directory = range(
        payload,
        start,
        start.checked_add(size).filter(|end| *end <= length)?,
    )
    .await?;
    let (mut at, mut sum) = (0, 0_u64);
    while at < directory.len() {
        if directory.get(at..at + 4)? != b"PK\x01\x02" {
            return None;
        }
        sum = sum.checked_add(u64::from(u32_at(&directory, at + 24)?))?;
        let variable: usize = [28, 30, 32]
            .into_iter()
            .map(|field| u16_at(&directory, at + field))
            .sum::<Option<usize>>()?;
        at += 46 + variable;
    }
    Some(sum)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<usize> {
    Some(usize::from(u16::from_le_bytes(
        bytes.get(at..at + 2)?.try_into().ok()?,
    )))
}
