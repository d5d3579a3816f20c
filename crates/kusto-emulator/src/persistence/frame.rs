//! One record in a log: its head, by which a torn end is told from damage, and its bytes.

use std::time::Duration;

use bytes::Bytes;
use crc::{CRC_32_ISCSI, Crc};

/// How long the head of a record is.
pub(super) const HEAD: usize = 32;

const CHECKSUM: Crc<u32, crc::Table<16>> = Crc::<u32, crc::Table<16>>::new(&CRC_32_ISCSI);

/// The record is the last one of its commit: only with it do those before it count.
const LAST: u32 = 1;

/// The record is how much the clock is ahead, and no change.
const AHEAD: u32 = 2;

/// What a record says.
#[derive(Debug)]
pub(super) enum Content {
    /// A change of the Kusto.
    Change(Bytes),
    /// How much the clock is ahead.
    Ahead(Duration),
}

/// A record that is to be written.
pub(super) struct Pieces {
    flags: u32,
    bytes: Vec<Bytes>,
}

impl Pieces {
    pub(super) fn change(bytes: Vec<Bytes>) -> Self {
        Self { flags: 0, bytes }
    }

    pub(super) fn ahead(ahead: Duration) -> Self {
        let milliseconds = u64::try_from(ahead.as_millis()).unwrap_or(u64::MAX);
        Self {
            flags: AHEAD,
            bytes: vec![Bytes::copy_from_slice(&milliseconds.to_le_bytes())],
        }
    }

    /// How many bytes the record takes, with its head.
    pub(super) fn length(&self) -> u64 {
        let body: usize = self.bytes.iter().map(Bytes::len).sum();
        (HEAD + body) as u64
    }

    pub(super) fn bytes(&self) -> &[Bytes] {
        &self.bytes
    }

    pub(super) fn head(&self, is_last: bool, begin: u64, salt: u32) -> Head {
        let mut digest = CHECKSUM.digest();
        self.bytes.iter().for_each(|piece| digest.update(piece));
        Head {
            flags: self.flags | if is_last { LAST } else { 0 },
            length: self.length() - HEAD as u64,
            begin,
            checksum: digest.finalize() ^ salt,
        }
    }
}

/// The head of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    flags: u32,
    pub(super) length: u64,
    /// Where its commit begins. All before that was on the disk when the record was written.
    pub(super) begin: u64,
    checksum: u32,
}

impl Head {
    pub(super) fn to_bytes(self, salt: u32) -> [u8; HEAD] {
        let mut bytes = [0; HEAD];
        bytes[..4].copy_from_slice(&salt.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.flags.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.length.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.begin.to_le_bytes());
        bytes[24..28].copy_from_slice(&self.checksum.to_le_bytes());
        let checksum = CHECKSUM.checksum(&bytes[..28]);
        bytes[28..].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// The head that these bytes are, of a log with this salt.
    pub(super) fn read(bytes: &[u8], salt: u32) -> Option<Self> {
        let bytes: &[u8; HEAD] = bytes.first_chunk()?;
        let four = |at: usize| bytes[at..].first_chunk().copied().map(u32::from_le_bytes);
        let eight = |at: usize| bytes[at..].first_chunk().copied().map(u64::from_le_bytes);
        let is_whole = four(28)? == CHECKSUM.checksum(&bytes[..28]) && four(0)? == salt;
        is_whole.then_some(Self {
            flags: four(4)?,
            length: eight(8)?,
            begin: eight(16)?,
            checksum: four(24)?,
        })
    }

    pub(super) fn is_last(self) -> bool {
        self.flags & LAST != 0
    }

    /// What the record says; `None` where its bytes are not those that were written.
    pub(super) fn content(self, bytes: Vec<u8>, salt: u32) -> Option<Content> {
        if CHECKSUM.checksum(&bytes) ^ salt != self.checksum {
            return None;
        }
        if self.flags & AHEAD == 0 {
            return Some(Content::Change(Bytes::from(bytes)));
        }
        let milliseconds = bytes.first_chunk().copied().map(u64::from_le_bytes)?;
        Some(Content::Ahead(Duration::from_millis(milliseconds)))
    }
}
