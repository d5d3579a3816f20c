//! What people, scripts and later processes are told.

mod codes;
mod ending;
mod events;
#[cfg(target_os = "linux")]
mod every_code;
mod golden;
mod log;
mod receipts;
mod receipts_file;
mod shapes;
#[cfg(unix)]
mod terminal;
