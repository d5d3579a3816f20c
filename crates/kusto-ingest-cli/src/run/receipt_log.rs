//! `--receipts FILE`: each receipt in a line of its own, as soon as there is one.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use kusto_ingest::Receipt;
use kusto_ingest::internal::append_private_file;
use kusto_ingest::secrets::redact;

use crate::plan::PlannedSource;
use crate::report::{self, CommandError};

/// Where receipts are written down while the command runs; nowhere, where nobody asked for it.
///
/// A line is handed to the system before anything follows from its receipt, such as the deletion of a source: whatever
/// ends this process, the lines are there. Clones share the file.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReceiptLog(Option<Arc<Mutex<Lines>>>);

#[derive(Debug)]
struct Lines {
    path: PathBuf,
    file: File,
    /// Why a line could not be written. None is written behind it, where it would not be read.
    failed: Option<String>,
}

impl ReceiptLog {
    /// Opens the file for more lines, or creates it, for this user alone where the system has such rights.
    ///
    /// # Errors
    /// A file that cannot be written, that is a source as well, or that holds something else.
    pub(crate) fn open(path: Option<&Path>, planned: &[PlannedSource]) -> Result<Self, CommandError> {
        let Some(path) = path else {
            return Ok(Self::default());
        };
        let refused = |why: &dyn std::fmt::Display| {
            CommandError::usage(format!("--receipts {} cannot be used: {why}", shown(path)))
        };
        if path.as_os_str() == "-" {
            return Err(refused(&"standard output has the report; name a file"));
        }
        if is_source(planned, path) {
            return Err(refused(&"it is one of the sources"));
        }
        let (is_receipts, is_cut) = beginning_and_end(path).map_err(|error| refused(&error))?;
        if !is_receipts {
            return Err(refused(&"it holds something else than receipts"));
        }
        let mut file = append_private_file(path).map_err(|error| refused(&error))?;
        if is_cut {
            file.write_all(b"\n").map_err(|error| refused(&error))?;
        }
        let lines = Lines {
            path: path.to_owned(),
            file,
            failed: None,
        };
        Ok(Self(Some(Arc::new(Mutex::new(lines)))))
    }

    /// Writes a receipt down, with the source as it is shown.
    pub(crate) fn note(&self, source: &str, receipt: &Receipt) {
        let Some(lines) = &self.0 else { return };
        let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.failed.is_some() {
            return;
        }
        let line = format!("{}\n", report::receipt_line(source, receipt));
        // One call for a line, so that a process that is killed leaves whole lines.
        if let Err(error) = lines.file.write_all(line.as_bytes()) {
            let why = format!("failed to write a receipt to {}: {error}", shown(&lines.path));
            lines.failed = Some(why);
        }
    }

    /// Why receipts cannot be written down any more.
    pub(crate) fn failure(&self) -> Option<String> {
        let lines = self.0.as_ref()?;
        lines
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .failed
            .clone()
    }
}

fn shown(path: &Path) -> String {
    redact(&path.display().to_string())
}

/// The real path of a file that is there.
fn real(path: &Path) -> Option<PathBuf> {
    std::fs::canonicalize(path).ok()
}

/// Whether one of the sources is the file at this path, by whatever way to it.
fn is_source(planned: &[PlannedSource], path: &Path) -> bool {
    let Some(path) = real(path) else { return false };
    let mut files = planned.iter().filter_map(|planned| planned.found.file());
    files.any(|file| real(file).as_ref() == Some(&path))
}

/// Whether what a file holds may be receipts, and whether its last line was cut.
fn beginning_and_end(path: &Path) -> io::Result<(bool, bool)> {
    // A pipe or a device keeps nothing to look at.
    let is_empty = std::fs::metadata(path).map_or(true, |known| !known.is_file() || known.len() == 0);
    if is_empty {
        return Ok((true, false));
    }
    let mut file = File::open(path)?;
    let (mut first, mut last) = ([0], [0]);
    file.read_exact(&mut first)?;
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok((matches!(first, [b'{' | b'[' | b'\n']), last != *b"\n"))
}
