//! What told a command to end, and how that is worded.

use std::fmt;

/// What told a command to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// Ctrl+C.
    Interrupt,
    /// Whoever supervises it, or the machine that shuts down.
    #[cfg(unix)]
    Termination,
    /// The terminal, which is gone.
    #[cfg(unix)]
    HangUp,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            #[cfg(unix)]
            Self::Interrupt => "SIGINT",
            #[cfg(not(unix))]
            Self::Interrupt => "Ctrl+C",
            #[cfg(unix)]
            Self::Termination => "SIGTERM",
            #[cfg(unix)]
            Self::HangUp => "SIGHUP",
        })
    }
}

/// How an end is worded that something told the command to make.
pub(crate) fn interrupted(cause: Option<Cause>) -> String {
    match cause {
        Some(cause) => format!("interrupted by {cause}"),
        None => "interrupted".to_owned(),
    }
}
