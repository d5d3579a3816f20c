//! The log: what the library tells of its work, on standard error or in a file.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Once};

use kusto_ingest::internal::append_private_file;
use kusto_ingest::secrets::redact;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{fmt, registry};

use super::{CommandError, warning};

/// What is logged, and where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Log<'a> {
    /// How often `-v` was given.
    pub(crate) verbose: u8,
    /// What RUST_LOG says.
    pub(crate) variable: Option<&'a str>,
    /// The file that gets it; standard error without one.
    pub(crate) file: Option<&'a Path>,
}

impl Log<'_> {
    /// Logs from now on, as far as anything is to be logged, and tells whether standard error gets it.
    ///
    /// # Errors
    /// A file that cannot be written, and a variable that cannot be read.
    pub(crate) fn begin(self) -> Result<bool, CommandError> {
        let Some(filter) = self.filter()? else {
            return Ok(false);
        };
        let writer = match self.file {
            Some(path) => Writer::File(Arc::new(LogFile::open(path)?)),
            None => Writer::StandardError,
        };
        let on_standard_error = matches!(writer, Writer::StandardError);
        let lines = fmt::layer()
            .with_ansi(false)
            .with_span_events(FmtSpan::CLOSE)
            .with_writer(writer);
        // There is one already only in a test that runs several commands in one process.
        let _ = registry().with(filter).with(lines).try_init();
        Ok(on_standard_error)
    }

    /// Which events and spans are logged; none where none are.
    fn filter(self) -> Result<Option<Targets>, CommandError> {
        if self.verbose == 0
            && let Some(variable) = self.variable
        {
            // A directive may be a secret in the wrong place, and is not repeated.
            return variable.parse().map(Some).map_err(|_| {
                CommandError::usage(
                    "RUST_LOG cannot be used: it takes TARGET=LEVEL by commas, such as kusto_ingest=debug,hyper=info",
                )
            });
        }
        let level = match (self.verbose, self.file) {
            (0, None) => return Ok(None),
            (1, _) => LevelFilter::INFO,
            (0 | 2, _) => LevelFilter::DEBUG,
            _ => LevelFilter::TRACE,
        };
        // The crates of the library, and none of those below it.
        Ok(Some(Targets::new().with_target("kusto_", level)))
    }
}

/// The file that gets the log.
#[derive(Debug)]
struct LogFile {
    shown: String,
    file: File,
    /// Told when a line is lost for the first time: the others would say the same.
    told: Once,
}

impl LogFile {
    fn open(path: &Path) -> Result<Self, CommandError> {
        let shown = redact(&path.display().to_string());
        let refused = |why: &dyn std::fmt::Display| {
            CommandError::usage(format!("--log-file {shown} cannot be used: {why}"))
        };
        if path.as_os_str() == "-" {
            return Err(refused(&"without it, standard error has the log; name a file"));
        }
        let file = append_private_file(path).map_err(|error| refused(&error))?;
        Ok(Self {
            shown,
            file,
            told: Once::new(),
        })
    }

    fn write_line(&self, line: &str) -> io::Result<()> {
        (&self.file).write_all(line.as_bytes()).inspect_err(|error| {
            self.told.call_once(|| {
                warning(&format!(
                    "the log is not complete: failed to write to {}: {error}",
                    self.shown
                ));
            });
        })
    }
}

/// Where lines go, without whatever looks like a secret: also those of crates that nobody here has written.
#[derive(Clone, Debug)]
enum Writer {
    StandardError,
    File(Arc<LogFile>),
}

impl MakeWriter<'_> for Writer {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl Write for Writer {
    /// A call has a whole line.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let shown = redact(&String::from_utf8_lossy(line));
        match self {
            Self::StandardError => io::stderr().lock().write_all(shown.as_bytes())?,
            Self::File(file) => file.write_line(&shown)?,
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_go_before_the_variable_and_a_file_alone_gets_the_steps() {
        let file = Some(Path::new("log"));
        for (verbose, variable, file, expect) in [
            (0, None, None, None),
            (0, None, file, Some("kusto_=debug")),
            (1, None, None, Some("kusto_=info")),
            (1, Some("hyper=trace"), file, Some("kusto_=info")),
            (2, None, None, Some("kusto_=debug")),
            (3, None, None, Some("kusto_=trace")),
            (9, None, None, Some("kusto_=trace")),
            (
                0,
                Some("hyper=info,kusto_auth=debug"),
                None,
                Some("hyper=info,kusto_auth=debug"),
            ),
            (0, Some("warn"), file, Some("warn")),
        ] {
            let log = Log {
                verbose,
                variable,
                file,
            };
            let expect = expect.map(|text: &str| text.parse::<Targets>().expect("it is written well"));
            assert_eq!(log.filter().expect("it can be used"), expect, "{log:?}");
        }
        let log = Log {
            verbose: 0,
            variable: Some("a=loud"),
            file: None,
        };
        assert!(log.filter().is_err());
    }
}
