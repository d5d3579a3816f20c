//! What each command does.

mod deletion;
mod emulator;
mod failures;
mod identity;
mod interrupt;
mod main_job;
mod properties;
mod query;
pub(crate) mod status;
mod streaming;
mod ways;
