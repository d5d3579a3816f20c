//! How a journal is opened.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};

use futures::channel::oneshot;
use kusto_ingest_core::{Clock, Error, ErrorKind, Result};
use uuid::Uuid;

use super::{Journal, Shared};
use crate::JournalScope;
use crate::failpoint::Failpoint;
use crate::file;
use crate::index::Index;
use crate::record::{Chain, Header, VERSION};
use crate::recovery::{self, Recovered};
use crate::writer::{Request, Writer};

/// A file of this length is written anew where most of it is about sources that are gone.
const COMPACT_FROM: u64 = 16 * 1024 * 1024;

/// How a [`Journal`] is opened.
#[derive(Clone, Debug)]
pub struct JournalBuilder {
    path: PathBuf,
    scope: JournalScope,
    syncs: bool,
    compact_from: u64,
}

impl JournalBuilder {
    pub(super) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            scope: JournalScope::new(),
            syncs: true,
            compact_from: COMPACT_FROM,
        }
    }

    /// Says what all runs of the journal have in common. A run that says something else is refused.
    #[must_use]
    pub fn with_scope(self, scope: JournalScope) -> Self {
        Self { scope, ..self }
    }

    /// Leaves it to the system when lines reach the disk. Whatever ends the process, they are there; after a loss of power,
    /// a source may be sent again without being named.
    #[must_use]
    pub fn without_sync(self) -> Self {
        Self { syncs: false, ..self }
    }

    /// From which length on, in bytes, the file is written anew where most of it is about sources that are
    /// [gone](Journal::removed): 16 MiB by default.
    #[must_use]
    pub fn with_compaction_from(self, bytes: u64) -> Self {
        Self {
            compact_from: bytes,
            ..self
        }
    }

    /// Opens the journal and reads what is in it, on a thread of its own.
    ///
    /// The last line may be unfinished, as a process that ends leaves it: it is cut off.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`]: another process uses it, it is of another scope, it is no journal, or damaged. Then
    /// nothing was changed.
    pub async fn open(self, clock: Arc<dyn Clock>) -> Result<Journal> {
        let (opened, answer) = oneshot::channel();
        let (requests, received) = channel();
        let path = self.path.clone();
        let index = Arc::new(Mutex::new(Index::default()));
        let (at, shared) = (clock.now(), index.clone());
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || match self.writer(at, shared) {
                Ok((writer, torn)) => {
                    let known = (writer.header.clone(), torn);
                    if opened.send(Ok(known)).is_ok() {
                        writer.run(&received);
                    }
                }
                Err(error) => drop(opened.send(Err(error))),
            });
        let failed = || Error::new(ErrorKind::Other, "open the journal").because("its thread ended early");
        thread.map_err(|error| failed().caused_by(error))?;
        let (header, torn) = answer.await.map_err(|_| failed())??;
        Ok(Journal::new(path, header, torn, clock, index, requests))
    }

    fn writer(self, at: kusto_ingest_core::Timestamp, index: Arc<Mutex<Index>>) -> Result<(Writer, u64)> {
        let file = file::open(&self.path)?;
        let known = recovery::recover(&file, &self.path)?;
        let refused = |error| file::refused(&self.path, &error);
        let (recovered, is_new) = match known {
            Some(known) => {
                self.scope.check(&known.header.scope)?;
                (known, false)
            }
            None => (self.begun(at), true),
        };
        let mut writer = Writer {
            path: self.path.clone(),
            file,
            header: recovered.header,
            chain: recovered.chain,
            length: recovered.length,
            index,
            failpoint: Failpoint::from_environment(),
            syncs: self.syncs,
            compact_from: self.compact_from,
            failed: None,
        };
        let end = if is_new { 0 } else { writer.length };
        cut(&writer.file, end).map_err(refused)?;
        if is_new {
            let line = writer.chain.line(&writer.header);
            writer.length = line.len() as u64;
            let written = file::write_at(&writer.file, 0, &line);
            written.and_then(|()| writer.file.sync_all()).map_err(refused)?;
            file::sync_folder_of(&self.path).map_err(refused)?;
        }
        *crate::writer::lock(&writer.index) = recovered.index;
        Ok((writer, recovered.torn))
    }

    /// A journal in which nothing is.
    fn begun(&self, at: kusto_ingest_core::Timestamp) -> Recovered {
        Recovered {
            header: Header {
                journal: VERSION,
                id: Uuid::new_v4(),
                at,
                scope: self.scope.clone(),
            },
            index: Index::default(),
            chain: Chain::default(),
            length: 0,
            torn: 0,
        }
    }
}

/// Cuts off what stands behind the last whole line.
fn cut(file: &File, length: u64) -> std::io::Result<()> {
    match file.metadata()?.len() == length {
        true => Ok(()),
        false => file.set_len(length),
    }
}

impl Journal {
    fn new(
        path: PathBuf,
        header: Header,
        torn: u64,
        clock: Arc<dyn Clock>,
        index: Arc<Mutex<Index>>,
        requests: Sender<Request>,
    ) -> Self {
        Self(Arc::new(Shared {
            path,
            id: header.id,
            scope: header.scope,
            torn,
            clock,
            index,
            described: Mutex::default(),
            requests,
            failed: Mutex::default(),
        }))
    }
}
