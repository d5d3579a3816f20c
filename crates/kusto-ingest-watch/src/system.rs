//! What the system tells of a folder, by inotify and its like.

use std::path::Path;

use futures::channel::mpsc;
use futures::stream::{BoxStream, StreamExt as _};
use kusto_ingest_core::{Error, ErrorKind, Result};
use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind, RenameMode};
use notify::{RecursiveMode, Watcher as _};

use crate::Hint;

/// How many hints wait at most. What does not fit is not missed: a look finds it.
const WAITING: usize = 1024;

/// What the system tells of a folder and all below it, until the stream is dropped.
///
/// # Errors
/// [`ErrorKind::Unsupported`] where the system does not tell, such as for want of watches (`fs.inotify.max_user_watches`).
/// Watching without hints works all the same. Network file systems tell nothing of what other machines do.
pub fn system_hints(folder: &Path) -> Result<BoxStream<'static, Hint>> {
    let (mut told, heard) = mpsc::channel(WAITING);
    let failed = |error: notify::Error| {
        Error::new(ErrorKind::Unsupported, "be told of changes of the folder").caused_by(error)
    };
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        for hint in hints_of(event) {
            // A full channel has a hint in it already.
            let _ = told.try_send(hint);
        }
    })
    .map_err(failed)?;
    watcher.watch(folder, RecursiveMode::Recursive).map_err(failed)?;
    // The watcher lives as long as the stream.
    Ok(
        futures::stream::unfold((heard, watcher), |(mut heard, watcher)| async move {
            let hint = heard.next().await?;
            Some((hint, (heard, watcher)))
        })
        .boxed(),
    )
}

fn hints_of(event: notify::Result<notify::Event>) -> Vec<Hint> {
    let Ok(event) = event else {
        return vec![Hint::Changed];
    };
    match event.kind {
        EventKind::Modify(ModifyKind::Name(RenameMode::To)) => {
            event.paths.into_iter().map(Hint::RenamedIn).collect()
        }
        EventKind::Modify(ModifyKind::Name(RenameMode::Both)) => {
            event.paths.into_iter().skip(1).map(Hint::RenamedIn).collect()
        }
        EventKind::Create(_) | EventKind::Access(AccessKind::Close(AccessMode::Write)) => vec![Hint::Changed],
        _ => Vec::new(),
    }
}
