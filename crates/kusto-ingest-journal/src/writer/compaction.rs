//! Writes the file anew without what is gone, so that a journal that is kept for months stays small.

use std::io::{self, BufWriter, Write as _};
use std::path::PathBuf;

use super::{Writer, lock};
use crate::file;
use crate::record::Chain;

/// How long a line is, about.
const LINE: u64 = 700;

impl Writer {
    /// Writes the file anew where more than three quarters of a long one are not needed.
    pub(super) fn compact_if_due(&mut self) {
        let needed = lock(&self.index).len() as u64 * LINE;
        let is_due = self.length >= self.compact_from && needed.saturating_mul(4) < self.length;
        if self.failed.is_none() && is_due && self.compact().is_err() {
            // The file is as it was. It may grow for a while, until there is another try.
            self.compact_from = self.length.saturating_mul(2);
            // What cannot be deleted is by the next try.
            let _ = std::fs::remove_file(self.new_path());
        }
    }

    /// The new file takes the old one's place in one step, when it is complete on the disk.
    fn compact(&mut self) -> io::Result<()> {
        let path = self.new_path();
        let file = file::create(&path)?;
        let ids = lock(&self.index).ids(|_| true);
        let mut chain = Chain::default();
        let mut places = Vec::with_capacity(ids.len());
        let mut writer = BufWriter::new(&file);
        let header = chain.line(&self.header);
        writer.write_all(header.as_bytes())?;
        let mut length = header.len() as u64;
        for id in ids {
            let Some(offset) = lock(&self.index).offset(id) else {
                continue;
            };
            let json = file::json_at(&self.file, offset)?;
            let json = std::str::from_utf8(&json).map_err(io::Error::other)?;
            let line = chain.line_of(json);
            writer.write_all(line.as_bytes())?;
            places.push((id, length));
            length += line.len() as u64;
        }
        writer.flush()?;
        drop(writer);
        file.sync_all()?;
        std::fs::rename(&path, &self.path)?;
        (self.file, self.chain, self.length) = (file, chain, length);
        let mut index = lock(&self.index);
        places
            .into_iter()
            .for_each(|(id, place)| index.move_to(id, place));
        drop(index);
        // Whichever of the two files is there after the power failed: each is whole.
        file::sync_folder_of(&self.path)
    }

    fn new_path(&self) -> PathBuf {
        let mut path = self.path.clone().into_os_string();
        path.push(".new");
        path.into()
    }
}
