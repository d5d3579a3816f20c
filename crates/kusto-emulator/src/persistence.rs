//! Keeps an emulator's data in a folder: what was answered is on the disk before the answer goes out.

mod frame;
mod log_file;
mod log_folder;

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use kusto_fake::FakeKusto;
use kusto_ingest_core::{Error, ErrorKind, Result};
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

use crate::EmulatorClock;
use log_file::LogFile;
use log_folder::LogFolder;

/// From this size on, a log that is twice as long as it began is written anew.
const SMALLEST_REWRITE: u64 = 64 << 20;

/// The log of one emulator in its folder.
pub(crate) struct Persistence {
    writer: Arc<Mutex<Writer>>,
    fake: FakeKusto,
    clock: EmulatorClock,
    /// Whether there was a log when the folder was opened.
    has_log: bool,
}

struct Writer {
    /// `None` once it is closed, and free for another emulator.
    folder: Option<LogFolder>,
    /// `None` before the first commit.
    log: Option<LogFile>,
    /// How much the clock was ahead when that was last written.
    ahead: std::time::Duration,
    /// How the log could not be written. It is not tried again: nobody knows what is on the disk.
    failure: Option<Error>,
}

impl Persistence {
    /// Locks a folder, and puts back what its log has.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) where another process has the folder, or its log is damaged or of another
    /// version; [`Io`](ErrorKind::Io).
    pub(crate) async fn open(path: &Path, fake: &FakeKusto, clock: &EmulatorClock) -> Result<Self> {
        let (path, kusto, moved) = (path.to_owned(), fake.clone(), clock.clone());
        let opened = spawn_blocking(move || {
            let folder = LogFolder::lock(&path)?;
            let has_log = folder.read(|record| match record {
                frame::Content::Change(bytes) => kusto.restore(&bytes),
                frame::Content::Ahead(ahead) => {
                    moved.advance(ahead.saturating_sub(moved.ahead()));
                    Ok(())
                }
            })?;
            Ok((folder, has_log))
        });
        let (folder, has_log) = opened.await.unwrap_or_else(|_| Err(interrupted()))?;
        let writer = Writer {
            folder: Some(folder),
            log: None,
            ahead: std::time::Duration::ZERO,
            failure: None,
        };
        Ok(Self {
            writer: Arc::new(Mutex::new(writer)),
            fake: fake.clone(),
            clock: clock.clone(),
            has_log,
        })
    }

    /// Whether it goes on with what a log had.
    pub(crate) fn has_log(&self) -> bool {
        self.has_log
    }

    /// Returns when all that has happened so far is on the disk.
    ///
    /// Cancel safe: what was begun is written to its end.
    ///
    /// # Errors
    /// [`Unavailable`](ErrorKind::Unavailable) where the log cannot be written, from then on.
    pub(crate) async fn commit(&self) -> Result<()> {
        // Whoever comes while another writes finds nothing left to write then, or writes what many others wait for.
        let mut writer = Arc::clone(&self.writer).lock_owned().await;
        if let Some(failure) = &writer.failure {
            return Err(failure.clone());
        }
        if writer.log.is_some() && writer.ahead == self.clock.ahead() && !self.fake.has_changes() {
            return Ok(());
        }
        let (fake, ahead) = (self.fake.clone(), self.clock.ahead());
        let written = spawn_blocking(move || writer.attempt(|writer| writer.write(&fake, ahead)));
        written.await.unwrap_or_else(|_| Err(interrupted()))
    }

    /// Commits, and gives the folder away: it is free for another emulator when this returns. Nothing is committed any more.
    pub(crate) async fn close(&self) {
        // Who is answered no more is told nothing: all that was answered is there.
        drop(self.commit().await);
        let mut writer = self.writer.lock().await;
        writer.failure = Some(interrupted());
        (writer.log, writer.folder) = (None, None);
    }
}

impl Writer {
    /// Has something be written. Where it fails or panics, all that comes later fails as well.
    fn attempt(&mut self, write: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        self.failure = Some(interrupted());
        let outcome = write(self);
        self.failure = outcome.as_ref().err().cloned();
        outcome
    }

    fn write(&mut self, fake: &FakeKusto, ahead: std::time::Duration) -> Result<()> {
        let failed = |error: std::io::Error| {
            Error::new(ErrorKind::Unavailable, "keep the emulator's data")
                .because("the log cannot be written: end the emulator, and start it when there is room")
                .with_code("LogNotWritten")
                .with_http_status(503)
                .caused_by(error)
        };
        if self.log.as_ref().is_none_or(LogFile::is_long) {
            // The old one is closed first: some systems replace no open file.
            self.log = None;
            let folder = self.folder.as_ref().ok_or_else(interrupted)?;
            let contents = records(fake.take_everything(), ahead);
            self.log = Some(folder.begin(contents).map_err(failed)?);
        } else if let Some(log) = &mut self.log {
            let contents = records(fake.take_changes(), ahead);
            log.append(contents).map_err(failed)?;
        }
        self.ahead = ahead;
        Ok(())
    }
}

/// What a commit has: changes, and how much the clock is ahead.
fn records(
    changes: Vec<kusto_fake::ChangeRecord>,
    ahead: std::time::Duration,
) -> impl Iterator<Item = std::io::Result<frame::Pieces>> {
    let changes = changes.into_iter().map(|change| {
        let bytes: Vec<Bytes> = change.into_bytes().map_err(std::io::Error::other)?;
        Ok(frame::Pieces::change(bytes))
    });
    changes.chain(std::iter::once_with(move || Ok(frame::Pieces::ahead(ahead))))
}

fn interrupted() -> Error {
    Error::new(ErrorKind::Unavailable, "keep the emulator's data")
        .because("the work on the log was cut short")
        .with_code("LogNotWritten")
        .with_http_status(503)
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use kusto_ingest_tokio::testing::TestFolder;

    use super::*;

    #[test]
    fn a_panic_while_the_log_is_written_is_a_failure_that_stays_and_a_success_is_none() {
        let name = format!("kusto-emulator-panic-{}", std::process::id());
        let folder = TestFolder::new(std::env::temp_dir(), &name);
        let mut writer = Writer {
            folder: Some(LogFolder::lock(folder.path()).expect("it is free")),
            log: None,
            ahead: std::time::Duration::ZERO,
            failure: None,
        };
        assert!(writer.attempt(|_| Ok(())).is_ok() && writer.failure.is_none());
        catch_unwind(AssertUnwindSafe(|| writer.attempt(|_| panic!("of a test")))).expect_err("it panics");
        let failure = writer.failure.expect("it stays");
        assert_eq!(
            (failure.kind(), failure.http_status()),
            (ErrorKind::Unavailable, Some(503))
        );
    }
}
