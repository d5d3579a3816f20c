//! A folder with all below it.

use std::fs;
use std::path::Path;

use kusto_ingest::sources::FileState;

use super::DiscoveredSource;
use crate::report::{self, CommandError};

/// How many of what is left out are named.
const NAMED: usize = 3;

/// All files below a folder, and what was left out.
#[derive(Debug, Default)]
pub(super) struct Folder {
    /// The files by their paths below the folder, with slashes between.
    pub(super) files: Vec<(String, DiscoveredSource)>,
    links: SkippedFiles,
    specials: SkippedFiles,
    unreadable: SkippedFiles,
}

/// What is left out for one reason: how many, and the first of them.
#[derive(Debug, Default)]
struct SkippedFiles {
    count: usize,
    first: Vec<String>,
}

impl Folder {
    /// Reads a folder. Links to files are followed, links to folders are not: they may lead in circles.
    ///
    /// # Errors
    /// The folder itself cannot be read; of one below it that cannot be, the rest goes on.
    pub(super) fn read(path: &Path) -> Result<Self, CommandError> {
        let mut folder = Self::default();
        folder.add(path, "").map_err(|error| {
            CommandError::usage(format!("failed to read the folder {}: {error}", path.display()))
        })?;
        Ok(folder)
    }

    /// Says what was left out.
    pub(super) fn tell(&self) {
        for (left_out, what) in [
            (&self.links, "links to folders are not followed"),
            (
                &self.specials,
                "pipes, sockets, devices and links to nothing are left out",
            ),
            (&self.unreadable, "what cannot be read is left out"),
        ] {
            if left_out.count > 0 {
                let more = left_out.count - left_out.first.len();
                let more = if more > 0 {
                    format!(" and {more} more")
                } else {
                    String::new()
                };
                report::warning(&format!("{what}: {}{more}", left_out.first.join(", ")));
            }
        }
    }

    fn add(&mut self, path: &Path, below: &str) -> std::io::Result<()> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(path)? {
            match entry {
                Ok(entry) => entries.push(entry),
                Err(error) => self
                    .unreadable
                    .note(format!("an entry of {} ({error})", path.display())),
            }
        }
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            if !entry.file_name().as_encoded_bytes().starts_with(b".") {
                self.add_entry(&entry.path(), below);
            }
        }
        Ok(())
    }

    fn add_entry(&mut self, path: &Path, below: &str) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let below = format!("{below}{name}");
        let shown = path.display().to_string();
        let is_link = fs::symlink_metadata(path).is_ok_and(|itself| itself.is_symlink());
        match fs::metadata(path) {
            Ok(target) if target.is_dir() && is_link => self.links.note(shown),
            Ok(target) if target.is_dir() => {
                if let Err(error) = self.add(path, &format!("{below}/")) {
                    self.unreadable.note(format!("{shown} ({error})"));
                }
            }
            Ok(target) if target.is_file() => {
                let found = DiscoveredSource::File(path.to_owned(), FileState::of(&target));
                self.files.push((below, found));
            }
            Ok(_) => self.specials.note(shown),
            Err(_) if is_link => self.specials.note(shown),
            Err(error) => self.unreadable.note(format!("{shown} ({error})")),
        }
    }
}

impl SkippedFiles {
    fn note(&mut self, what: String) {
        self.count += 1;
        if self.first.len() < NAMED {
            self.first.push(what);
        }
    }
}
