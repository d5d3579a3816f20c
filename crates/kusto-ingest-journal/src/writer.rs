//! The thread that owns the file: it writes what many ask for together, and has it on the disk before they go on.

mod compaction;

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::channel::oneshot;
use kusto_ingest_core::{Error, ErrorKind, Result, SourceId};

use crate::JournalRecord;
use crate::failpoint::{Cut, Failpoint};
use crate::file;
use crate::index::Index;
use crate::record::{Chain, Header};

/// How many lines are written together at most.
const TOGETHER: usize = 256;

/// What the thread is asked for, each with who waits for the answer.
pub(crate) enum Request {
    /// Write a line, which is to survive the loss of power before anything follows from it, or only the end of this process.
    Append {
        record: Box<JournalRecord>,
        is_durable: bool,
        reply: Reply<()>,
    },
    /// Read the last line about a source.
    Last(SourceId, Reply<Option<JournalRecord>>),
    /// Write all to the disk and close the file.
    Finish(Reply<()>),
}

pub(crate) type Reply<T> = oneshot::Sender<Result<T>>;

/// The file, and what is known of it.
pub(crate) struct Writer {
    pub(crate) path: PathBuf,
    pub(crate) file: File,
    pub(crate) header: Header,
    pub(crate) chain: Chain,
    pub(crate) length: u64,
    pub(crate) index: Arc<Mutex<Index>>,
    pub(crate) failpoint: Failpoint,
    /// Whether what asks for it is written through to the disk.
    pub(crate) syncs: bool,
    /// Below which length the file is not written anew.
    pub(crate) compact_from: u64,
    pub(crate) failed: Option<String>,
}

impl Writer {
    /// Does what is asked for, until nobody can ask any more.
    pub(crate) fn run(mut self, requests: &Receiver<Request>) {
        while let Ok(first) = requests.recv() {
            let more = requests.try_iter().take(TOGETHER - 1);
            let (mut appended, mut others) = (Vec::new(), Vec::new());
            for request in std::iter::once(first).chain(more) {
                match request {
                    Request::Append {
                        record,
                        is_durable,
                        reply,
                    } => appended.push((record, is_durable, reply)),
                    other => others.push(other),
                }
            }
            let records = appended.iter().map(|(record, ..)| &**record);
            let is_durable = appended.iter().any(|(_, is_durable, _)| *is_durable);
            let written = self.append(records, is_durable);
            for (.., reply) in appended {
                // Who has gone does not wait for it.
                let _ = reply.send(written.clone());
            }
            for other in others {
                if let Some((reply, done)) = self.answer(other) {
                    // The file is closed, and so unlocked, before anybody goes on.
                    drop(self);
                    let _ = reply.send(done);
                    return;
                }
            }
            self.compact_if_due();
        }
        // Nobody waits for it: what follows from the last lines has followed.
        let _ = self.file.sync_data();
    }

    /// Answers what is no line; where the file is to be closed, who is to be told afterwards.
    fn answer(&mut self, request: Request) -> Option<(Reply<()>, Result<()>)> {
        match request {
            Request::Append { .. } => None,
            Request::Last(id, reply) => {
                let _ = reply.send(self.last(id));
                None
            }
            Request::Finish(reply) => {
                let synced = match self.syncs && self.failed.is_none() {
                    true => self.file.sync_data(),
                    false => Ok(()),
                };
                let done = self.checked().and_then(|()| self.noted(synced));
                Some((reply, done))
            }
        }
    }

    /// Writes lines as one, and takes them in once they are written.
    fn append<'r>(
        &mut self,
        records: impl Iterator<Item = &'r JournalRecord> + Clone,
        is_durable: bool,
    ) -> Result<()> {
        self.checked()?;
        let mut text = String::new();
        let mut places = Vec::new();
        for record in records.clone() {
            places.push(self.length + text.len() as u64);
            let line = self.chain.line(record);
            match self.failpoint.next() {
                None => text.push_str(&line),
                Some(cut) => self.end_process(text, &line, cut),
            }
        }
        if text.is_empty() {
            return Ok(());
        }
        let written = file::write_at(&self.file, self.length, &text);
        let synced = match written {
            Ok(()) if is_durable && self.syncs => self.file.sync_data(),
            written => written,
        };
        self.noted(synced)?;
        self.length += text.len() as u64;
        let mut index = lock(&self.index);
        records
            .zip(places)
            .for_each(|(record, place)| index.apply(record, place));
        Ok(())
    }

    /// Ends the process, as a test wants it.
    fn end_process(&mut self, text: String, line: &str, cut: Cut) -> ! {
        let part = match cut {
            Cut::Nothing => 0,
            Cut::Half => line.len() / 2,
            Cut::All => line.len(),
        };
        let text = text + &line[..part];
        let _ = file::write_at(&self.file, self.length, &text);
        std::process::abort()
    }

    /// The last line about a source.
    fn last(&self, id: SourceId) -> Result<Option<JournalRecord>> {
        let Some(offset) = lock(&self.index).offset(id) else {
            return Ok(None);
        };
        let unreadable = |why: &dyn std::fmt::Display| {
            Error::new(ErrorKind::Other, "read the journal")
                .with("journal", self.path.display())
                .because(why.to_string())
        };
        let json = file::json_at(&self.file, offset).map_err(|error| unreadable(&error))?;
        serde_json::from_slice(&json)
            .map(Some)
            .map_err(|error| unreadable(&error))
    }

    /// Whether nothing has failed so far. Behind a line that may not be whole none is written.
    fn checked(&self) -> Result<()> {
        self.failed.as_ref().map_or(Ok(()), |why| Err(self.broken(why)))
    }

    fn noted(&mut self, done: io::Result<()>) -> Result<()> {
        done.map_err(|error| {
            let why = error.to_string();
            let broken = self.broken(&why);
            self.failed = Some(why);
            broken
        })
    }

    fn broken(&self, why: &str) -> Error {
        Error::new(ErrorKind::Other, "write to the journal")
            .with("journal", self.path.display())
            .because(why.to_owned())
    }
}

pub(crate) fn lock(index: &Mutex<Index>) -> MutexGuard<'_, Index> {
    index.lock().unwrap_or_else(PoisonError::into_inner)
}
