//! The mode of commands for blobs, and what a client waits for.

use std::fmt;

use kusto_ingest_core::PollSchedule;

use crate::batching::Batch;

/// The most bytes of uncompressed data that a synchronous command loads by default: seconds of work for an engine.
const LARGEST_SYNC: u64 = 64 * 1024 * 1024;

/// What the engine is asked to do with blobs: load them before it answers, or answer with an operation.
///
/// Data in the command itself is always loaded before the engine answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CommandMode {
    /// [`Sync`](Self::Sync) for a single blob that is known to have 64 MiB of uncompressed data at most,
    /// [`Followed`](Self::Followed) for everything else.
    #[default]
    Auto,
    /// The engine answers when the data is in the table, with the extents. It takes as long as the load; when the
    /// connection breaks meanwhile, nobody knows what became of it.
    Sync,
    /// The engine answers with an operation at once, and so does the client.
    Async,
    /// The engine answers with an operation at once, and the client follows it to its end. When its limit of time is
    /// reached first, the receipt names the operation.
    Followed,
}

impl CommandMode {
    pub(crate) fn wait<'a>(self, batch: &Batch<'_>, schedule: &'a PollSchedule) -> Wait<'a> {
        let is_small = || match batch.members.as_slice() {
            [only] => only.raw_bytes.is_some_and(|bytes| bytes <= LARGEST_SYNC),
            _ => false,
        };
        match self {
            Self::Sync => Wait::Data,
            Self::Async => Wait::Operation,
            Self::Auto if is_small() => Wait::Data,
            Self::Auto | Self::Followed => Wait::End(schedule),
        }
    }
}

/// The mode, in a word.
impl fmt::Display for CommandMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Auto => "auto",
            Self::Sync => "sync",
            Self::Async => "async",
            Self::Followed => "followed",
        })
    }
}

/// What a command waits for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wait<'a> {
    /// The engine answers when the data is loaded.
    Data,
    /// The engine answers with an operation.
    Operation,
    /// The engine answers with an operation, whose end is awaited.
    End(&'a PollSchedule),
}
