//! A look at the folder.

use std::collections::BinaryHeap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use kusto_ingest_tokio::FileState;

use crate::reason::is_reason;

/// Endings of names under which programs write files that are not complete.
const UNFINISHED: [&str; 6] = [".tmp", ".temp", ".part", ".partial", ".crdownload", ".filepart"];

/// A file that a look has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FoundFile {
    pub(crate) path: PathBuf,
    /// Its path below the folder, with slashes between.
    pub(crate) below: String,
    pub(crate) state: FileState,
    pub(crate) modified: SystemTime,
}

/// Ordered by age, the youngest last; by path where they are of one age.
impl Ord for FoundFile {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.modified, &self.path).cmp(&(other.modified, &other.path))
    }
}

impl PartialOrd for FoundFile {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// What a look has found.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    /// The oldest files, in no order.
    pub(crate) files: Vec<FoundFile>,
    /// How many more there are.
    pub(crate) more: u64,
    /// How many files no target takes.
    pub(crate) untaken: u64,
    /// How many things below the folder could not be read.
    pub(crate) unreadable: u64,
}

/// What is looked for.
pub(crate) struct Look<'l> {
    pub(crate) folder: &'l Path,
    /// Folders that are not looked into, and files that are not taken.
    pub(crate) left_out: &'l [PathBuf],
    pub(crate) most: usize,
    /// Whether a target takes a file.
    pub(crate) is_taken: &'l dyn Fn(&str) -> bool,
    /// Whether there is something to do about a file.
    pub(crate) is_wanted: &'l dyn Fn(&FoundFile) -> bool,
}

impl Look<'_> {
    /// Looks at the folder and all below it. Hidden files, links, and files whose names say that they are not complete are
    /// left out. It blocks.
    ///
    /// # Errors
    /// The folder itself cannot be read.
    pub(crate) fn look(&self) -> io::Result<Scan> {
        let mut found = BinaryHeap::new();
        let mut scan = Scan::default();
        // One folder is open at a time, however deep they are.
        let mut folders = vec![(self.folder.to_owned(), String::new())];
        while let Some((folder, below)) = folders.pop() {
            match std::fs::read_dir(&folder) {
                Ok(entries) => {
                    for entry in entries {
                        self.take(entry, &below, (&mut found, &mut folders), &mut scan);
                    }
                }
                Err(error) if folder == self.folder => return Err(error),
                // It may have been deleted since it was found.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(_) => scan.unreadable += 1,
            }
        }
        scan.files = found.into_vec();
        Ok(scan)
    }

    fn take(
        &self,
        entry: io::Result<std::fs::DirEntry>,
        below: &str,
        (found, folders): (&mut BinaryHeap<FoundFile>, &mut Vec<(PathBuf, String)>),
        scan: &mut Scan,
    ) {
        let Ok(entry) = entry else {
            scan.unreadable += 1;
            return;
        };
        let (path, name) = (entry.path(), entry.file_name());
        let Some(name) = name.to_str() else {
            // A target and a journal know paths as text.
            scan.unreadable += 1;
            return;
        };
        if name.starts_with('.') || self.left_out.contains(&path) || is_reason(&path) {
            return;
        }
        let below = match below {
            "" => name.to_owned(),
            below => format!("{below}/{name}"),
        };
        // What is gone by now is nothing to tell of. Links are not followed: what they lead to may be anything.
        match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => folders.push((path, below)),
            Ok(metadata) if metadata.is_file() && !UNFINISHED.iter().any(|end| name.ends_with(end)) => {
                if !(self.is_taken)(&below) {
                    scan.untaken += 1;
                    return;
                }
                let file = FoundFile {
                    path,
                    below,
                    state: FileState::of(&metadata),
                    modified: metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH),
                };
                if (self.is_wanted)(&file) {
                    found.push(file);
                    if found.len() > self.most {
                        found.pop();
                        scan.more += 1;
                    }
                }
            }
            _ => {}
        }
    }
}
