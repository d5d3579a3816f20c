//! `--report FILE`: what became of each source, as CSV or JSON.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use kusto_ingest::internal::create_private_file;

use super::json::{self, Summary};
use super::list::quoted;
use super::{CommandError, Exit, Outcome, State};

const HEAD: &str = "source,source_id,state,rows,raw_bytes,sent_bytes,may_be_duplicated,blob,error\n";

/// A file of results, or none where nobody asked for it. What was written is not held. Clones share the file.
///
/// It is written beside its place, and put there in the end: an older report stays until there is a whole one.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReportFile(Option<Arc<Mutex<Rows>>>);

#[derive(Debug)]
struct Rows {
    path: PathBuf,
    form: Form,
    place: (String, String),
    file: Option<BufWriter<File>>,
    summary: Summary,
    failed: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Csv,
    Json,
}

impl ReportFile {
    /// Begins a report, by the extension of its name, of sources that go into one table.
    ///
    /// # Errors
    /// Another extension than csv and json, and what cannot be written.
    pub(crate) fn create(path: Option<&Path>, place: (String, String)) -> Result<Self, CommandError> {
        let Some(path) = path else {
            return Ok(Self::default());
        };
        let refused = |why: &dyn std::fmt::Display| {
            CommandError::usage(format!("--report {} cannot be used: {why}", path.display()))
        };
        let extension = path
            .extension()
            .and_then(|text| text.to_str())
            .map(str::to_ascii_lowercase);
        let form = match extension.as_deref() {
            Some("csv") => Form::Csv,
            Some("json") => Form::Json,
            _ => return Err(refused(&"its name ends with neither .csv nor .json")),
        };
        let file = create_private_file(&unfinished(path)).map_err(|error| refused(&error))?;
        let mut rows = Rows {
            path: path.to_owned(),
            form,
            place,
            file: Some(BufWriter::new(file)),
            summary: Summary::of(&[], std::time::Duration::ZERO),
            failed: None,
        };
        let begin = match form {
            Form::Csv => HEAD.to_owned(),
            Form::Json => json::begin(&rows.place.0, &rows.place.1),
        };
        rows.write(&begin);
        Ok(Self(Some(Arc::new(Mutex::new(rows)))))
    }

    /// Whether anybody asked for it.
    pub(crate) fn is_wanted(&self) -> bool {
        self.0.is_some()
    }

    /// Writes a source.
    pub(crate) fn add(&self, outcome: &Outcome) {
        let Some(rows) = &self.0 else { return };
        let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
        let text = match rows.form {
            Form::Csv => row(outcome),
            Form::Json => json::element(outcome, rows.summary.sources == 0),
        };
        rows.summary.add(outcome);
        rows.write(&text);
    }

    /// Writes the end, and puts the file into its place.
    ///
    /// # Errors
    /// It could not be written.
    pub(crate) fn finish(&self) -> Result<(), CommandError> {
        let Some(rows) = &self.0 else { return Ok(()) };
        let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
        if rows.form == Form::Json {
            let end = json::end(&rows.summary);
            rows.write(&end);
        }
        let ended = match (rows.failed.take(), rows.file.take()) {
            (None, Some(file)) => put(file, &rows.path),
            (Some(why), _) => Err(io::Error::other(why)),
            (None, None) => Ok(()),
        };
        let path = rows.path.display();
        ended.map_err(|error| {
            CommandError::new(Exit::Bug, format!("failed to write the report {path}: {error}"))
        })
    }
}

impl Rows {
    fn write(&mut self, text: &str) {
        if let (None, Some(file)) = (&self.failed, &mut self.file) {
            self.failed = file
                .write_all(text.as_bytes())
                .err()
                .map(|error| error.to_string());
        }
    }
}

/// Where the file is until it is whole.
fn unfinished(path: &Path) -> PathBuf {
    let mut path = path.to_owned().into_os_string();
    path.push(".partial");
    path.into()
}

fn put(file: BufWriter<File>, path: &Path) -> io::Result<()> {
    file.into_inner()
        .map_err(io::IntoInnerError::into_error)?
        .sync_all()?;
    std::fs::rename(unfinished(path), path)
}

fn row(outcome: &Outcome) -> String {
    let number = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
    let receipt = outcome.receipt.as_ref();
    let cells = [
        outcome.source.clone(),
        outcome.source_id.to_string(),
        State::name(outcome.state).to_owned(),
        number(outcome.rows),
        number(receipt.and_then(|receipt| receipt.raw_bytes)),
        number(receipt.and_then(|receipt| receipt.sent_bytes)),
        outcome.may_be_duplicated().to_string(),
        receipt
            .and_then(|receipt| receipt.blob.clone())
            .unwrap_or_default(),
        outcome
            .failure
            .as_ref()
            .map(|failure| failure.message.clone())
            .unwrap_or_default(),
    ];
    format!("{}\n", cells.map(quoted).join(","))
}
