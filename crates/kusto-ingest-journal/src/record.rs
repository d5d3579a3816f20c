//! The lines of a journal: JSON, each behind a checksum that covers all lines before it.

use crc::{CRC_32_ISO_HDLC, Crc, Table};
use kusto_ingest_core::{Receipt, SourceId, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{JournalScope, JournalSource};

/// The format of the file, which its first line names.
pub(crate) const VERSION: u32 = 1;

/// The longest line. A receipt is a few hundred bytes; this keeps a file that is none from being held in memory.
pub(crate) const LONGEST: usize = 1024 * 1024;

/// What happened to a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum JournalEvent {
    /// It is about to be sent. Where nothing follows, nobody knows whether it arrived.
    Sending,
    /// It was accepted, as its receipt says.
    Accepted,
    /// It was sent, and nobody knows whether it arrived.
    Unknown,
    /// There was nothing in it.
    Skipped,
    /// It was not accepted: nothing of it arrived.
    Failed,
    /// The service has ingested it.
    Succeeded,
    /// The service has ingested a part of it. It is not sent again: that part would be there twice.
    Partial,
    /// The service accepted it and left it out, as was wished: data of its tag is there.
    LeftOut,
    /// The service accepted it, and could not ingest it.
    Rejected,
    /// It is gone: it was deleted or moved away once it was done, and is not remembered any more.
    Removed,
}

impl JournalEvent {
    /// Whether the source is not sent again: something was made of it, or is being made.
    #[must_use]
    pub fn is_done(self) -> bool {
        matches!(
            self,
            Self::Accepted | Self::Skipped | Self::Succeeded | Self::Partial | Self::LeftOut
        )
    }

    /// Whether nobody knows if it arrived.
    #[must_use]
    pub fn is_unknown(self) -> bool {
        matches!(self, Self::Sending | Self::Unknown)
    }
}

/// One line of a journal: what happened to a source, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct JournalRecord {
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub event: JournalEvent,
    /// The identity of the source.
    pub id: SourceId,
    /// What the source looked like.
    #[serde(flatten)]
    pub source: JournalSource,
    /// What is known of the sending, where anything was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Receipt>,
    /// Why it failed, where it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Header {
    pub(crate) journal: u32,
    pub(crate) id: Uuid,
    pub(crate) at: Timestamp,
    pub(crate) scope: JournalScope,
}

static CRC: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISO_HDLC);

/// The checksums of the lines. Each covers the one before it, so that a line that is missing or in another place is
/// noticed like one that is changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Chain(u32);

impl Chain {
    /// A line with its checksum and its end: `1a2b3c4d {"at":…}`.
    pub(crate) fn line(&mut self, record: &impl Serialize) -> String {
        // Names are text and maps have names for keys, so that it can be written.
        let json = serde_json::to_string(record).unwrap_or_default();
        self.line_of(&json)
    }

    /// The same of JSON that is written already.
    pub(crate) fn line_of(&mut self, json: &str) -> String {
        self.0 = self.next(json.as_bytes());
        format!("{:08x} {json}\n", self.0)
    }

    /// The JSON of a line without its end; none where its checksum does not fit.
    pub(crate) fn read<'l>(&mut self, line: &'l [u8]) -> Option<&'l [u8]> {
        let (sum, json) = (line.get(..8)?, line.get(9..)?);
        let sum = u32::from_str_radix(std::str::from_utf8(sum).ok()?, 16).ok()?;
        if line[8] != b' ' || sum != self.next(json) {
            return None;
        }
        self.0 = sum;
        Some(json)
    }

    fn next(self, json: &[u8]) -> u32 {
        let mut digest = CRC.digest();
        digest.update(&self.0.to_be_bytes());
        digest.update(json);
        digest.finalize()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_changed_missing_or_moved_is_noticed() {
        let mut writing = Chain::default();
        let lines: Vec<String> = (0..3).map(|number| writing.line(&number)).collect();
        let read = |order: &[usize]| {
            let mut reading = Chain::default();
            order
                .iter()
                .map(|place| reading.read(lines[*place].trim_end().as_bytes()).is_some())
                .collect::<Vec<_>>()
        };
        assert_eq!(read(&[0, 1, 2]), [true, true, true]);
        assert_eq!(read(&[0, 2]), [true, false]);
        assert_eq!(read(&[1, 0]), [false, true]);
        let mut reading = Chain::default();
        let changed = lines[0].replace('0', "1");
        assert_eq!(reading.read(changed.trim_end().as_bytes()), None);
        assert_eq!(reading.read(b"short"), None);
    }
}
