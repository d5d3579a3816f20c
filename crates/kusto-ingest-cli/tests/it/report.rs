//! What people, scripts and later processes are told.

mod codes;
mod ending;
mod events;
mod log;
mod receipts;
mod receipts_file;
mod shapes;
#[cfg(unix)]
mod terminal;
