//! One blob on its way: the temporary file that its blocks are written to, one behind the other.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

use kusto_ingest_core::{Error, ErrorKind, Result};
use kusto_storage::BlockId;

use super::blob_path::BlobPath;
use super::files;

/// How far a blob is.
#[derive(Debug, Default)]
pub(super) enum Draft {
    /// Nothing is known of it.
    #[default]
    Blank,
    /// Blocks wait for their commit.
    Staged(Staged),
    /// It was made of these blocks, so that the same commit may be repeated.
    Committed(Vec<BlockId>),
}

/// Blocks in a temporary file, in the order in which they came.
#[derive(Debug)]
pub(super) struct Staged {
    path: PathBuf,
    blocks: HashMap<BlockId, Range<u64>>,
    end: u64,
}

impl Draft {
    /// Writes a whole blob. Blocks that wait are given up, as by Azure Storage.
    pub(super) fn put(&mut self, blob: &BlobPath, body: &[u8]) -> Result<()> {
        let path = files::begin(blob)?;
        let written =
            files::write(&path, |file| file.write_all(body)).and_then(|()| files::rename(&path, blob));
        // Nothing is there any more of a file that has its name.
        files::discard(&path);
        written?;
        self.replace(Self::Blank);
        files::sync_name(blob)
    }

    /// Writes a block behind those that are there; one of its name is not used any more.
    pub(super) fn stage(&mut self, blob: &BlobPath, block: BlockId, body: &[u8]) -> Result<()> {
        match self {
            Self::Staged(staged) if staged.is_there() => staged.append(block, body),
            _ => {
                let mut staged = Staged::begin(blob)?;
                staged.append(block, body)?;
                *self = Self::Staged(staged);
                Ok(())
            }
        }
    }

    /// Makes the blob of its blocks, in the order given. Others that wait are given up, as by Azure Storage.
    pub(super) fn commit(&mut self, blob: &BlobPath, blocks: &[BlockId]) -> Result<()> {
        match self {
            Self::Committed(before) if before == blocks && files::length(blob)?.is_some() => {}
            Self::Staged(staged) if staged.is_there() => staged.join(blob, blocks)?,
            _ if blocks.is_empty() => self.put(blob, &[])?,
            _ => return Err(missing(0)),
        }
        self.replace(Self::Committed(blocks.to_vec()));
        files::sync_name(blob)
    }

    fn replace(&mut self, next: Self) {
        if let Self::Staged(staged) = std::mem::replace(self, next) {
            files::discard(&staged.path);
        }
    }
}

impl Staged {
    fn begin(blob: &BlobPath) -> Result<Self> {
        let path = files::begin(blob)?;
        // Whoever comes later meets them again, where this fails.
        drop(files::sweep(blob, &path));
        Ok(Self {
            path,
            blocks: HashMap::new(),
            end: 0,
        })
    }

    /// Whether nobody has swept it away meanwhile: then its blocks are as good as never staged.
    fn is_there(&self) -> bool {
        self.path.is_file()
    }

    fn append(&mut self, block: BlockId, body: &[u8]) -> Result<()> {
        files::write(&self.path, |file| {
            file.seek(SeekFrom::Start(self.end))?;
            file.write_all(body)
        })?;
        let end = self.end + body.len() as u64;
        self.blocks.insert(block, self.end..end);
        self.end = end;
        Ok(())
    }

    /// Gives these blocks the name of the blob.
    fn join(&self, blob: &BlobPath, blocks: &[BlockId]) -> Result<()> {
        let ranges: Vec<Range<u64>> = blocks
            .iter()
            .enumerate()
            .map(|(place, block)| self.blocks.get(block).cloned().ok_or_else(|| missing(place)))
            .collect::<Result<_>>()?;
        if self.is_whole(&ranges) {
            // A block that could not be written to its end may have left something behind the last.
            files::write(&self.path, |file| file.set_len(self.end))?;
            return files::rename(&self.path, blob);
        }
        let sorted = files::begin(blob)?;
        let copied = files::write(&sorted, |file| copy(&self.path, &ranges, file));
        let renamed = copied.and_then(|()| files::rename(&sorted, blob));
        files::discard(&sorted);
        renamed
    }

    /// Whether these are all bytes of the file, in its own order.
    fn is_whole(&self, ranges: &[Range<u64>]) -> bool {
        let end = ranges
            .iter()
            .try_fold(0, |end, range| (range.start == end).then_some(range.end));
        end == Some(self.end)
    }
}

fn copy(from: &Path, ranges: &[Range<u64>], to: &mut File) -> io::Result<()> {
    let mut from = File::open(from)?;
    ranges.iter().try_for_each(|range| {
        from.seek(SeekFrom::Start(range.start))?;
        let wanted = range.end - range.start;
        match io::copy(&mut (&mut from).take(wanted), to)? == wanted {
            true => Ok(()),
            false => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    })
}

fn missing(place: usize) -> Error {
    Error::new(ErrorKind::Rejected, "join the blocks")
        .because("one was not staged")
        .with_code("InvalidBlockList")
        .with("block", place)
}
