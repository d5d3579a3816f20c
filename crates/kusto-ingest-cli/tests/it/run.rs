//! What each command does.

mod compression;
mod deletion;
mod doctor;
mod emulator;
mod emulator_limits;
mod emulator_start;
mod failures;
mod from_storage;
mod identity;
mod interrupt;
mod kill_points;
mod lightingest;
mod main_job;
mod persisted;
mod persisted_seed;
mod properties;
mod query;
mod rest;
mod resume;
mod shards;
pub(crate) mod status;
mod streaming;
mod typed_files;
#[cfg(unix)]
mod watch;
mod ways;
