//! Reads a journal from its first line to its last.

use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

use kusto_ingest_core::{Error, ErrorKind, Result};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::record::{Chain, Header, LONGEST, VERSION};
use crate::{JournalRecord, JournalScope};

/// The next thing in a journal.
pub(crate) enum NextLine {
    Header(Header),
    /// A line, and where it stands.
    Record(Box<JournalRecord>, u64),
    /// The end of the last whole line, and how many bytes of an unfinished one stand behind it.
    End {
        chain: Chain,
        length: u64,
        torn: u64,
    },
}

/// The lines of a journal, one after the other.
#[derive(Debug)]
pub(crate) struct Lines<R> {
    reader: R,
    path: PathBuf,
    chain: Chain,
    number: u64,
    offset: u64,
    line: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    pub(crate) fn new(reader: R, path: &Path) -> Self {
        Self {
            reader,
            path: path.to_owned(),
            chain: Chain::default(),
            number: 0,
            offset: 0,
            line: Vec::new(),
        }
    }

    /// The next line.
    ///
    /// # Errors
    /// It is damaged, and not the last one that was being written when its process ended.
    pub(crate) fn next_line(&mut self) -> Result<NextLine> {
        self.line.clear();
        let most = LONGEST as u64 + 1;
        let read = (&mut self.reader).take(most).read_until(b'\n', &mut self.line);
        read.map_err(|error| self.damaged(&format!("it cannot be read: {error}")))?;
        self.number += 1;
        let (offset, length) = (self.offset, self.line.len() as u64);
        if self.line.pop_if(|last| *last == b'\n').is_none() {
            return self.unfinished(length);
        }
        self.offset += length;
        let mut chain = self.chain;
        let Some(json) = chain.read(&self.line) else {
            return Err(match self.number {
                1 => self.damaged("it is no journal"),
                _ => self.damaged("its checksum does not fit: a line is changed or missing"),
            });
        };
        self.chain = chain;
        if self.number > 1 {
            return Ok(NextLine::Record(Box::new(self.parsed(json)?), offset));
        }
        let header: Header = self.parsed(json)?;
        match header.journal {
            VERSION => Ok(NextLine::Header(header)),
            other => Err(self.damaged(&format!(
                "it is of version {other}, and this program reads {VERSION}"
            ))),
        }
    }

    /// What stands behind the last end of a line: nothing, the beginning of a line, or zeros, as file systems leave them
    /// when the power fails.
    fn unfinished(&self, torn: u64) -> Result<NextLine> {
        let is_blank = self.line.iter().all(|byte| *byte == 0);
        let begins_well = match self.line.get(8..) {
            Some(json) if self.number == 1 => {
                let begin = br#" {"journal":"#;
                json.starts_with(begin) || begin.starts_with(json)
            }
            _ => self.number > 1 || self.line.iter().all(u8::is_ascii_hexdigit),
        };
        if torn > LONGEST as u64 {
            return Err(self.damaged("it is too long"));
        }
        match is_blank || begins_well {
            true => Ok(NextLine::End {
                chain: self.chain,
                length: self.offset,
                torn,
            }),
            false => Err(self.damaged("it is no journal")),
        }
    }

    fn parsed<T: DeserializeOwned>(&self, json: &[u8]) -> Result<T> {
        serde_json::from_slice(json)
            .map_err(|error| self.damaged(&format!("it is none that this program reads: {error}")))
    }

    fn damaged(&self, why: &str) -> Error {
        let (path, number) = (self.path.display(), self.number.max(1));
        Error::new(ErrorKind::InvalidInput, "read the journal").because(format!(
            "line {number} of {path}: {why}; nothing was changed, and nothing was sent"
        ))
    }
}

/// Reads a journal, also while another process writes it, from its first line to its last. It blocks.
#[derive(Debug)]
pub struct JournalReader {
    lines: Lines<BufReader<File>>,
    header: Header,
    torn: u64,
}

impl JournalReader {
    /// Opens a journal.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] where it cannot be read, or is none.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let file = File::open(path).map_err(|error| crate::file::refused(path, &error))?;
        let mut lines = Lines::new(BufReader::new(file), path);
        match lines.next_line()? {
            NextLine::Header(header) => Ok(Self {
                lines,
                header,
                torn: 0,
            }),
            NextLine::Record(..) | NextLine::End { .. } => Err(lines.damaged("it is empty")),
        }
    }

    /// The identity of the journal.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.header.id
    }

    /// What all of its runs have in common.
    #[must_use]
    pub fn scope(&self) -> &JournalScope {
        &self.header.scope
    }

    /// The next line; none in the end.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] where it is damaged.
    pub fn next_record(&mut self) -> Result<Option<JournalRecord>> {
        Ok(match self.lines.next_line()? {
            NextLine::Record(record, _) => Some(*record),
            NextLine::Header(_) => None,
            NextLine::End { torn, .. } => {
                self.torn = torn;
                None
            }
        })
    }

    /// How many bytes of an unfinished line stand at the end, once that is reached.
    #[must_use]
    pub fn torn_bytes(&self) -> u64 {
        self.torn
    }
}
