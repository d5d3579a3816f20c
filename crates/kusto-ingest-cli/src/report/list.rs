//! A list of sources, printed as it grows.

use clap::ValueEnum;
use indicatif::BinaryBytes;
use serde::Serialize;

use super::grid::one_line;
use super::json::line;
use super::{CommandError, output};

/// How a list is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListOutput {
    /// Columns for people.
    #[default]
    Text,
    /// One JSON object for programs.
    Json,
    /// One JSON object a line: each source, and the summary at the end.
    Ndjson,
    /// A line a source with commas between, under a head.
    Csv,
}

/// A source as it is listed.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ListedItem {
    pub(crate) source: String,
    pub(crate) bytes: Option<u64>,
    pub(crate) raw_bytes: Option<u64>,
    pub(crate) format: Option<String>,
    pub(crate) creation_time: Option<String>,
    pub(crate) last_modified: Option<String>,
    /// Why it cannot be ingested.
    pub(crate) error: Option<String>,
}

/// A list that is being printed: what was printed is not held.
#[derive(Debug)]
pub(crate) struct ListPrinter {
    output: ListOutput,
    sources: u64,
    bytes: u64,
    unsized_sources: u64,
    errors: u64,
    /// What is not yet printed, so that not every line is a call of the system.
    text: String,
}

#[derive(Serialize)]
struct Summary {
    sources: u64,
    /// The sum of those that are known.
    bytes: u64,
    sources_of_unknown_size: u64,
    errors: u64,
}

const HEAD: &str = "source,bytes,raw_bytes,format,creation_time,last_modified,error\n";

/// How much is printed by one call.
const AT_ONCE: usize = 32 * 1024;

impl ListPrinter {
    pub(crate) fn new(output: ListOutput) -> Self {
        let text = match output {
            ListOutput::Text => format!("{:>12}  {:20}  source\n", "bytes", "creation time"),
            ListOutput::Json => "{\"results\":[".to_owned(),
            ListOutput::Ndjson => String::new(),
            ListOutput::Csv => HEAD.to_owned(),
        };
        Self {
            output,
            sources: 0,
            bytes: 0,
            unsized_sources: 0,
            errors: 0,
            text,
        }
    }

    /// Prints a source.
    ///
    /// # Errors
    /// Standard output cannot be written to.
    pub(crate) fn add(&mut self, item: &ListedItem) -> Result<(), CommandError> {
        let written = match self.output {
            ListOutput::Text => text(item),
            ListOutput::Json if self.sources == 0 => format!("\n  {}", line(item)),
            ListOutput::Json => format!(",\n  {}", line(item)),
            ListOutput::Ndjson => event("discovered", item),
            ListOutput::Csv => csv(item),
        };
        self.sources += 1;
        match item.bytes {
            Some(bytes) => self.bytes = self.bytes.saturating_add(bytes),
            None => self.unsized_sources += 1,
        }
        self.errors += u64::from(item.error.is_some());
        self.text.push_str(&written);
        match self.text.len() > AT_ONCE {
            true => self.print(),
            false => Ok(()),
        }
    }

    /// How many sources there are, and how many of them cannot be ingested.
    pub(crate) fn counts(&self) -> (u64, u64) {
        (self.sources, self.errors)
    }

    /// Prints the rest, and what all add up to.
    ///
    /// # Errors
    /// Standard output cannot be written to.
    pub(crate) fn finish(mut self) -> Result<(), CommandError> {
        let summary = Summary {
            sources: self.sources,
            bytes: self.bytes,
            sources_of_unknown_size: self.unsized_sources,
            errors: self.errors,
        };
        let end = match self.output {
            ListOutput::Text => words(&summary),
            ListOutput::Json => format!("\n],\"summary\":{}}}\n", line(&summary)),
            ListOutput::Ndjson => event("summary", &summary),
            ListOutput::Csv => String::new(),
        };
        self.text.push_str(&end);
        self.print()
    }

    fn print(&mut self) -> Result<(), CommandError> {
        let printed = output::write(&self.text);
        self.text.clear();
        printed.map_err(|error| output::unwritten(&error))
    }
}

fn text(item: &ListedItem) -> String {
    let bytes = item
        .bytes
        .map_or_else(|| "-".to_owned(), |bytes| bytes.to_string());
    // Seconds are enough for people.
    let time = item.creation_time.as_deref().unwrap_or("-");
    let time = time
        .get(..19)
        .map_or_else(|| time.to_owned(), |time| format!("{time}Z"));
    let error = item
        .error
        .as_deref()
        .map(|error| format!("  ({error})"))
        .unwrap_or_default();
    let (source, error) = (one_line(&item.source), one_line(&error));
    format!("{bytes:>12}  {time:20}  {source}{error}\n")
}

fn words(summary: &Summary) -> String {
    let sources = match summary.sources {
        1 => "1 source".to_owned(),
        many => format!("{many} sources"),
    };
    let mut words = format!("\n{sources}; {}", BinaryBytes(summary.bytes));
    if summary.sources_of_unknown_size > 0 {
        words.push_str(&format!(
            " and {} of unknown size",
            summary.sources_of_unknown_size
        ));
    }
    if summary.errors > 0 {
        words.push_str(&format!("; {} cannot be ingested", summary.errors));
    }
    words + "\n"
}

fn event(event: &str, what: &impl Serialize) -> String {
    #[derive(Serialize)]
    struct Line<'a, T> {
        event: &'a str,
        #[serde(flatten)]
        what: T,
    }
    format!("{}\n", line(&Line { event, what }))
}

fn csv(item: &ListedItem) -> String {
    let number = |number: Option<u64>| number.map(|number| number.to_string());
    let cells = [
        Some(item.source.clone()),
        number(item.bytes),
        number(item.raw_bytes),
        item.format.clone(),
        item.creation_time.clone(),
        item.last_modified.clone(),
        item.error.clone(),
    ];
    let cells = cells.map(|cell| quoted(cell.unwrap_or_default()));
    format!("{}\n", cells.join(","))
}

pub(super) fn quoted(cell: String) -> String {
    match cell.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell,
    }
}
