//! Watches a folder: looks at it, takes what is complete, and goes on until somebody says that it is enough.

mod course;
mod looks;

use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::{Either, select};
use futures::stream::BoxStream;
use kusto_ingest_core::{Clock, Error, ErrorKind, IngestClient, Result};
use kusto_ingest_journal::Journal;

use self::course::Course;
use crate::event::Listener;
use crate::metrics::WatchMetrics;
use crate::process::Processor;
use crate::{Hint, OnDone, WatchEvent, WatchOptions, WatchTargets};

/// Watches a folder, and ingests its files once they are complete, the oldest first.
///
/// A file is complete when its size and time have not changed for a while, or when somebody tells that it was
/// [renamed in](Hint::RenamedIn). Hidden files, links and names such as `….tmp` are left alone.
///
/// What the service does not take is tried again, ever more seldom and for as long as it takes; the files wait in the folder. A
/// file that fails for good is set aside with a reason. What becomes of the rows of an accepted file is told by the service's
/// own reports.
///
/// The journal makes it certain that no file is left out, and names those that may be ingested twice, whatever ends the
/// process. The client is to be a [`JournaledClient`](kusto_ingest_journal::JournaledClient) of the same journal.
#[derive(Debug)]
pub struct Watcher {
    folder: PathBuf,
    targets: Mutex<WatchTargets>,
    processor: Processor,
}

impl Watcher {
    /// Watches a folder; nothing happens yet.
    #[must_use]
    pub fn new(
        folder: impl Into<PathBuf>,
        targets: WatchTargets,
        client: Arc<dyn IngestClient>,
        journal: Journal,
        clock: Arc<dyn Clock>,
        options: WatchOptions,
    ) -> Self {
        Self {
            folder: folder.into(),
            targets: Mutex::new(targets),
            processor: Processor {
                client,
                journal,
                clock,
                options,
                metrics: WatchMetrics::default(),
                listener: Listener::default(),
            },
        }
    }

    /// Tells of each file what became of it, while it is watched. It is called on the task that watches, and should not wait.
    #[must_use]
    pub fn with_listener(mut self, listener: impl Fn(&WatchEvent<'_>) + Send + Sync + 'static) -> Self {
        self.processor.listener = Listener::new(listener);
        self
    }

    /// How it goes, as numbers that go on.
    #[must_use]
    pub fn metrics(&self) -> WatchMetrics {
        self.processor.metrics.clone()
    }

    /// Other targets, from the next look on. What is under way goes where it was to go.
    pub fn set_targets(&self, targets: WatchTargets) {
        *self.targets.lock().unwrap_or_else(PoisonError::into_inner) = targets;
    }

    /// Watches until that is enough; what is under way by then goes on to its end.
    ///
    /// Hints make it faster, and nothing depends on them; [`futures::stream::pending`] gives none.
    ///
    /// # Errors
    /// The folder or those that files are moved to cannot be used, or the journal cannot be written to any more: without it
    /// nothing is sent.
    ///
    /// # Cancel safety
    /// Dropping the future ends everything at once. Files that were being sent are unknown, as after the end of the process.
    pub async fn run(
        &self,
        until: impl Future<Output = ()> + Send,
        hints: BoxStream<'static, Hint>,
    ) -> Result<()> {
        let left_out = self.prepare().await?;
        let mut course = Course::new(self, left_out, hints);
        let mut until = pin!(until);
        loop {
            course.begin();
            let happened = match select(pin!(course.next()), until.as_mut()).await {
                Either::Left((event, _)) => event,
                Either::Right(_) => break,
            };
            course.take(happened);
            self.checked()?;
        }
        while course.is_under_way() {
            let event = course.next().await;
            course.take(event);
        }
        self.checked()
    }

    /// Whether the journal has everything.
    fn checked(&self) -> Result<()> {
        self.processor.journal.failure().map_or(Ok(()), |why| {
            Err(Error::new(ErrorKind::Other, "watch the folder").because(why))
        })
    }

    pub(crate) fn targets(&self) -> WatchTargets {
        self.targets
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The folders that files are moved to.
    fn folders(&self) -> Vec<PathBuf> {
        let options = &self.processor.options;
        let done = match &options.on_done {
            OnDone::MoveTo(folder) => Some(folder.clone()),
            OnDone::Keep | OnDone::Delete => None,
        };
        std::iter::once(options.failed.clone()).chain(done).collect()
    }

    /// Makes the folders that files are moved to, and looks whether they can be. Those that are below the folder that is
    /// watched are given, by the paths that a look has them under: however they are named, they are not looked into. So is
    /// what the options leave out.
    async fn prepare(&self) -> Result<Vec<PathBuf>> {
        let of_watched = |error| refused(&self.folder, &error);
        let watched = tokio::fs::canonicalize(&self.folder).await.map_err(of_watched)?;
        let mut left_out = Vec::new();
        for path in &self.processor.options.left_out {
            let real = real(path).await;
            let below = real.as_deref().and_then(|real| real.strip_prefix(&watched).ok());
            left_out.extend(below.map(|below| self.folder.join(below)));
        }
        for folder in self.folders() {
            let made = tokio::fs::create_dir_all(&folder).await;
            made.map_err(|error| refused(&folder, &error))?;
            if !are_together(&self.folder, &folder).await.map_err(of_watched)? {
                let why = "it is on another file system than the folder that is watched, and files are moved there in one step";
                return Err(refused(&folder, &io::Error::other(why)));
            }
            let real = tokio::fs::canonicalize(&folder).await;
            let real = real.map_err(|error| refused(&folder, &error))?;
            if real == watched {
                let why = "it is the folder that is watched, where files that are moved would be found again";
                return Err(refused(&folder, &io::Error::other(why)));
            }
            let below = real.strip_prefix(&watched).ok();
            left_out.extend(below.map(|below| self.folder.join(below)));
        }
        Ok(left_out)
    }
}

/// The real path of what is there, or may be some day where its folder is.
async fn real(path: &Path) -> Option<PathBuf> {
    if let Ok(real) = tokio::fs::canonicalize(path).await {
        return Some(real);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = tokio::fs::canonicalize(folder.unwrap_or(Path::new(".")))
        .await
        .ok()?;
    Some(folder.join(path.file_name()?))
}

fn refused(folder: &Path, error: &io::Error) -> Error {
    Error::new(ErrorKind::InvalidInput, "watch the folder")
        .with("folder", folder.display())
        .because(error.to_string())
}

/// Whether two folders are on one file system.
#[cfg(unix)]
async fn are_together(one: &Path, other: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    Ok(tokio::fs::metadata(one).await?.dev() == tokio::fs::metadata(other).await?.dev())
}

/// Whether two folders are there: what file systems they are on is not told.
#[cfg(not(unix))]
async fn are_together(one: &Path, other: &Path) -> io::Result<bool> {
    Ok(tokio::fs::metadata(one).await?.is_dir() && tokio::fs::metadata(other).await?.is_dir())
}
