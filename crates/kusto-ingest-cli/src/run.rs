//! What the commands do: send, wait, delete, and heed an interrupt.

// Whatever ingests: the sending, and what follows from what became of each source.
mod client;
mod deletion;
mod embedded;
mod finding;
mod header_alone;
mod ingest;
mod receipt_log;
mod resumed;
mod send;
mod status_reader;
mod streamed;
mod wait;

// The other commands.
mod check;
mod doctor;
mod emulator;
mod failures;
mod from_storage;
mod list;
mod merge;
mod query;
mod repeat;
mod status;
mod watch;

// What ends a command early.
mod interrupt;
mod preflight;

pub(crate) use check::{before as check_before, run as check};
pub(crate) use doctor::run as doctor;
pub(crate) use emulator::run as emulator;
pub(crate) use failures::run as failures;
pub(crate) use from_storage::run as from_storage;
pub(crate) use ingest::ingest;
pub(crate) use list::{dry_run, run as list};
pub(crate) use merge::run as merge;
pub(crate) use query::run as query;
pub(crate) use repeat::{pause, repeated};
pub(crate) use resumed::finished;
pub(crate) use status::status;
pub(crate) use streamed::streamed;
pub(crate) use watch::run as watch;
