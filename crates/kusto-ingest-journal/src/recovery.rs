//! What an earlier process has left in the file.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use kusto_ingest_core::Result;

use crate::index::Index;
use crate::reader::{Lines, NextLine};
use crate::record::{Chain, Header};

/// What was found in a file.
pub(crate) struct Recovered {
    pub(crate) header: Header,
    pub(crate) index: Index,
    pub(crate) chain: Chain,
    /// Where its last whole line ends.
    pub(crate) length: u64,
    /// How many bytes of a line that was not finished stood behind that.
    pub(crate) torn: u64,
}

/// Reads all that a file holds; none where it holds nothing yet.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] where it is no journal, or damaged.
pub(crate) fn recover(file: &File, path: &Path) -> Result<Option<Recovered>> {
    let mut lines = Lines::new(BufReader::new(file), path);
    let header = match lines.next_line()? {
        NextLine::Header(header) => header,
        NextLine::End { .. } | NextLine::Record(..) => return Ok(None),
    };
    let mut index = Index::default();
    loop {
        match lines.next_line()? {
            NextLine::Record(record, offset) => index.apply(&record, offset),
            NextLine::Header(_) => {}
            NextLine::End { chain, length, torn } => {
                return Ok(Some(Recovered {
                    header,
                    index,
                    chain,
                    length,
                    torn,
                }));
            }
        }
    }
}
