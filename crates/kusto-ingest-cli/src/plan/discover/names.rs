//! The names of sources: those of the command line, then those of a list, which is read as they are wanted.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read};
use std::path::Path;

use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use crate::args::is_standard_input;
use crate::report::{CommandError, Exit};

/// How many lines of a list are read ahead.
const READ_AHEAD: usize = 256;

/// The longest line of a list, in bytes.
const LONGEST: u64 = 64 * 1024;

/// The names of sources.
#[derive(Debug)]
pub(super) struct Names {
    arguments: VecDeque<OsString>,
    list: Option<mpsc::Receiver<io::Result<String>>>,
}

/// A name, and whether it is on the command line.
#[derive(Debug)]
pub(super) struct Name {
    pub(super) text: OsString,
    pub(super) is_argument: bool,
}

impl Names {
    /// The names of the arguments, and those of a list.
    ///
    /// # Errors
    /// A list that cannot be opened, or standard input that is to be read twice.
    pub(super) fn of(arguments: &[OsString], list: Option<&Path>) -> Result<Self, CommandError> {
        let list = list.map(|list| open(arguments, list)).transpose()?;
        Ok(Self {
            arguments: arguments.iter().cloned().collect(),
            list: list.map(lines),
        })
    }

    /// The next name; none in the end.
    ///
    /// # Errors
    /// The list cannot be read on.
    pub(super) async fn next(&mut self) -> Result<Option<Name>, CommandError> {
        if let Some(text) = self.arguments.pop_front() {
            return Ok(Some(Name {
                text,
                is_argument: true,
            }));
        }
        let Some(list) = &mut self.list else {
            return Ok(None);
        };
        let line = list.recv().await.transpose();
        let line = line.map_err(|error| {
            CommandError::new(Exit::Usage, format!("--from-file cannot be read: {error}"))
        })?;
        Ok(line.map(|line| Name {
            text: line.into(),
            is_argument: false,
        }))
    }
}

fn open(arguments: &[OsString], list: &Path) -> Result<Box<dyn Read + Send>, CommandError> {
    if !is_standard_input(list) {
        let file = File::open(list);
        let file =
            file.map_err(|error| CommandError::usage(format!("--from-file cannot be opened: {error}")))?;
        return Ok(Box::new(file));
    }
    if arguments.iter().any(|name| name == "-") {
        return Err(CommandError::usage(
            "standard input can be read only once: it cannot be a source and --from-file",
        ));
    }
    Ok(Box::new(io::stdin()))
}

/// Reads the lines on a thread, a few ahead.
fn lines(list: Box<dyn Read + Send>) -> mpsc::Receiver<io::Result<String>> {
    let (told, heard) = mpsc::channel(READ_AHEAD);
    spawn_blocking(move || {
        let mut list = BufReader::new(list);
        loop {
            let mut line = String::new();
            let read = list.by_ref().take(LONGEST).read_line(&mut line);
            let line = match read {
                Ok(0) => return,
                Ok(_) => Ok(line.trim().trim_start_matches('\u{FEFF}').to_owned()),
                Err(error) => Err(error),
            };
            let is_last = line.is_err();
            let is_name = line
                .as_ref()
                .map_or(true, |line| !line.is_empty() && !line.starts_with('#'));
            // Nobody listens any more where a limit was reached.
            if is_name && told.blocking_send(line).is_err() || is_last {
                return;
            }
        }
    });
    heard
}
