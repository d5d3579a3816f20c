//! What does not compress: noticed by a look at a part of it, and stored as it is.

use kusto_ingest_core::Result;

use crate::DeflateEncoder;

/// Less than this is deflated without a look.
const WORTH_A_LOOK: usize = 64 * 1024;
/// How many bytes are looked at, in runs from all over a piece.
const SAMPLE: usize = 2048;
const RUN: usize = 32;
/// How much is deflated to see what comes out, where the look leaves it open.
const TRIAL: usize = 12 * 1024;
/// The most bytes of one stored block.
const LONGEST: usize = 65_535;

/// Whether a piece is better stored: its bytes look like noise, and deflating a part of it gains less than two percent.
///
/// It is decided by the piece alone, so that the same bytes become the same code in any order and on any number of threads.
pub(crate) fn is_incompressible(encoder: &mut dyn DeflateEncoder, piece: &[u8]) -> Result<bool> {
    if piece.len() < WORTH_A_LOOK || !looks_like_noise(piece) {
        return Ok(false);
    }
    let start = (piece.len() - TRIAL) / 2;
    let mut code = Vec::with_capacity(2 * TRIAL);
    encoder.piece(&[], &piece[start..start + TRIAL], &mut code)?;
    Ok(code.len() * 100 >= TRIAL * 98)
}

/// Whether all values of a byte are about as frequent. Text is far from that, and so are numbers of a fixed width.
fn looks_like_noise(piece: &[u8]) -> bool {
    let mut counts = [0_u32; 256];
    let step = piece.len() / (SAMPLE / RUN);
    for run in piece.chunks(step).take(SAMPLE / RUN) {
        for &byte in run.iter().take(RUN) {
            counts[usize::from(byte)] += 1;
        }
    }
    let squares: u32 = counts.iter().map(|count| count * count).sum();
    // Noise of n bytes has squares of n²/256 + n in the mean. 64 characters that are as frequent have almost four times that.
    squares < 2 * (SAMPLE * SAMPLE / 256 + SAMPLE) as u32
}

/// Where stored bytes end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StoredEnd {
    /// More blocks follow.
    Open,
    /// Nothing follows.
    Last,
}

/// Appends the bytes as blocks that are stored. There is at least one byte.
pub(crate) fn store(bytes: &[u8], end: StoredEnd, code: &mut Vec<u8>) {
    code.reserve(bytes.len() + 5 * bytes.len().div_ceil(LONGEST));
    let mut blocks = bytes.chunks(LONGEST).peekable();
    while let Some(block) = blocks.next() {
        let is_last = end == StoredEnd::Last && blocks.peek().is_none();
        let len = u16::try_from(block.len()).unwrap_or(u16::MAX);
        code.push(u8::from(is_last));
        code.extend(len.to_le_bytes());
        code.extend((!len).to_le_bytes());
        code.extend(block);
    }
}

#[cfg(test)]
mod tests {
    use kusto_ingest_core::testing::noise;

    use super::*;
    use crate::{DeflateEngine as _, GzipLevel, ZlibRs};

    fn is_stored(piece: &[u8]) -> bool {
        is_incompressible(&mut *ZlibRs::new().encoder(GzipLevel::default()), piece).unwrap()
    }

    #[test]
    fn noise_is_stored_and_what_only_looks_like_it_is_not() {
        let noise = noise(512 * 1024);
        assert!(is_stored(&noise));
        assert!(!is_stored(&noise[..WORTH_A_LOOK - 1]));
        let repeated = noise[..7_001].repeat(71);
        assert!(looks_like_noise(&repeated));
        assert!(!is_stored(&repeated));
    }

    #[test]
    fn text_and_numbers_are_deflated_without_a_trial() {
        let noise = noise(512 * 1024);
        let letters: Vec<u8> = noise.iter().map(|byte| b'0' + byte % 64).collect();
        let measured: Vec<u8> = noise.chunks(8).flat_map(|it| [it[0], it[1], 0, 0]).collect();
        for piece in [letters, measured, vec![0; 512 * 1024]] {
            assert!(!looks_like_noise(&piece));
        }
    }
}
