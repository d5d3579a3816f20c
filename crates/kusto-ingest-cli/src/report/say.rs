//! Words on standard error: what people should know, should change, or what went wrong.

use std::io::{self, Write as _};

use kusto_ingest::secrets::redact;

use super::grid::one_line;

/// Says something on standard error that people should know.
pub(crate) fn note(text: &str) {
    say("note", text);
}

/// Says something on standard error that people should change.
pub(crate) fn warning(text: &str) {
    say("warning", text);
}

/// Says on standard error what went wrong.
pub(crate) fn error(text: &str) {
    say("error", text);
}

/// Says on standard error which page of the guide explains it.
pub(crate) fn help(page: &str) {
    say("help", page);
}

/// Says on standard error what is worded already.
pub(crate) fn say_plainly(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", text.trim_end());
}

fn say(what: &str, text: &str) {
    // There is nobody to tell that nobody can be told.
    let _ = writeln!(io::stderr().lock(), "{what}: {}", one_line(&redact(text)));
}
