//! What each command does.

mod compression;
mod deletion;
mod doctor;
mod emulator;
mod emulator_limits;
mod emulator_start;
mod failures;
mod from_storage;
#[cfg(unix)]
mod from_storage_interrupt;
mod hostile_files;
mod identity;
mod interrupt;
mod kill_points;
mod lightingest;
#[cfg(unix)]
mod long_run_secrets;
mod main_job;
mod only_once;
mod own_files;
mod persisted;
mod persisted_seed;
#[cfg(unix)]
mod private_files;
mod properties;
mod query;
mod rest;
mod resume;
mod resume_again;
mod shards;
pub(crate) mod status;
mod streaming;
mod typed_files;
#[cfg(unix)]
mod watch;
#[cfg(unix)]
mod watch_by_link;
#[cfg(all(target_os = "linux", feature = "notify"))]
mod watch_hints;
mod ways;
