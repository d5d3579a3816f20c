//! Words on standard error: what people should know, should change, or what went wrong.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::OnceLock;

use clap::builder::styling::{AnsiColor, Style};
use kusto_ingest::secrets::redact;

use super::grid::one_line;

/// How much this process says on standard error. It is said once, before anything else is.
static VOLUME: OnceLock<Volume> = OnceLock::new();

/// How much is said on standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Volume {
    /// Nothing but errors.
    pub(crate) is_quiet: bool,
    /// The log goes there as well.
    pub(crate) is_logged_to: bool,
    /// Its first words may have colours: it is a terminal that shows them, and nobody has said NO_COLOR.
    pub(crate) is_coloured: bool,
}

impl Volume {
    /// Whether words may have colours, by what the variables NO_COLOR and TERM say. A TERM that is not set promises
    /// nothing.
    pub(crate) fn shows_colours(no_color: Option<&str>, term: Option<&str>) -> bool {
        no_color.is_none() && term.is_some_and(|term| term != "dumb") && io::stderr().is_terminal()
    }
}

/// Says how much is said from now on.
pub(crate) fn set_volume(volume: Volume) {
    // The first word counts.
    let _ = VOLUME.set(volume);
}

pub(super) fn volume() -> Volume {
    VOLUME.get().copied().unwrap_or_default()
}

/// Says something on standard error that people should know.
pub(crate) fn note(text: &str) {
    unless_quiet("note", text);
}

/// Says something on standard error that people should change.
pub(crate) fn warning(text: &str) {
    unless_quiet("warning", text);
}

/// Says on standard error how far it is.
pub(super) fn progress(text: &str) {
    unless_quiet("progress", text);
}

/// Says on standard error what went wrong.
pub(crate) fn error(text: &str) {
    say("error", text);
}

/// Says on standard error which page of the guide explains what went wrong. Whoever installed the command alone is told
/// where the guide is: it has no address of its own.
pub(super) fn help(page: &str) {
    unless_quiet("help", &format!("{page}, in the sources of kusto-ingest"));
}

/// Says on standard error what somebody must read to go on, such as a code to enter.
pub(crate) fn prompt(text: &str) {
    say("note", text);
}

/// Says on standard error what is worded already.
pub(crate) fn say_plainly(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", text.trim_end());
}

fn unless_quiet(what: &str, text: &str) {
    if !volume().is_quiet {
        say(what, text);
    }
}

fn say(what: &str, text: &str) {
    let text = one_line(&redact(text));
    let (begin, end) = match volume().is_coloured {
        true => (colour(what).render(), colour(what).render_reset()),
        false => (Style::new().render(), Style::new().render_reset()),
    };
    // There is nobody to tell that nobody can be told.
    let _ = writeln!(io::stderr().lock(), "{begin}{what}:{end} {text}");
}

fn colour(what: &str) -> Style {
    let colour = match what {
        "error" => AnsiColor::Red,
        "warning" => AnsiColor::Yellow,
        _ => AnsiColor::Cyan,
    };
    colour.on_default().bold()
}
