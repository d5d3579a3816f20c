//! `--receipts FILE`: each receipt in a line of its own, as soon as there is one.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use kusto_ingest::Receipt;
use kusto_ingest::internal::append_private_file;
use kusto_ingest::secrets::redact;

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
    /// That line and those behind it: of the sources that were under way by then.
    unwritten: Vec<String>,
}

impl ReceiptLog {
    /// Opens the file for more lines, or creates it, for this user alone where the system has such rights.
    ///
    /// # Errors
    /// A file that cannot be written, or that holds something else.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, CommandError> {
        let Some(path) = path else {
            return Ok(Self::default());
        };
        let refused = |why: &dyn std::fmt::Display| {
            CommandError::usage(format!("--receipts {} cannot be used: {why}", shown(path)))
        };
        if path.as_os_str() == "-" {
            return Err(refused(&"standard output has the report; name a file"));
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
            unwritten: Vec::new(),
        };
        Ok(Self(Some(Arc::new(Mutex::new(lines)))))
    }

    /// Writes a receipt down, with the source as it is shown.
    pub(crate) fn note(&self, source: &str, receipt: &Receipt) {
        let Some(lines) = &self.0 else { return };
        let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
        let line = format!("{}\n", report::receipt_line(source, receipt));
        if lines.failed.is_some() {
            lines.unwritten.push(line);
            return;
        }
        // One call for a line, so that a process that is killed leaves whole lines.
        if let Err(error) = lines.file.write_all(line.as_bytes()) {
            let why = format!("failed to write a receipt to {}: {error}", shown(&lines.path));
            lines.failed = Some(why);
            lines.unwritten.push(line);
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

    /// The lines that could not be written, with their ends.
    pub(crate) fn unwritten(&self) -> String {
        let Some(lines) = &self.0 else {
            return String::new();
        };
        lines
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .unwritten
            .concat()
    }
}

fn shown(path: &Path) -> String {
    redact(&path.display().to_string())
}

/// How a line begins.
const BEGIN: &[u8] = b"{\"source\":";

/// How much of a file is looked at.
const LOOKED_AT: u64 = 64 * 1024;

/// Whether what a file holds may be receipts, each of which names its source's id, and whether its last line was cut.
fn beginning_and_end(path: &Path) -> io::Result<(bool, bool)> {
    // A pipe or a device keeps nothing to look at.
    let is_empty = std::fs::metadata(path).map_or(true, |known| !known.is_file() || known.len() == 0);
    if is_empty {
        return Ok((true, false));
    }
    let mut file = File::open(path)?;
    let (mut first, mut last) = (Vec::new(), [0]);
    (&mut file).take(LOOKED_AT).read_to_end(&mut first)?;
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    let begins = matches!(first.first(), Some(b'{' | b'[' | b'\n'));
    let has_id = String::from_utf8_lossy(&first).contains("\"source_id\"");
    let is_blank = first.iter().all(u8::is_ascii_whitespace);
    // All there is may be the beginning of one line.
    let is_begun = !first.contains(&b'\n') && (first.starts_with(BEGIN) || BEGIN.starts_with(&first));
    Ok((begins && (has_id || is_blank || is_begun), last != *b"\n"))
}
