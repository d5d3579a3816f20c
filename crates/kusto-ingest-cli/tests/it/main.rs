//! The command as scripts meet it: arguments in, streams and exit codes out.

mod command;
mod folder;
mod kusto;
mod moment;

mod addresses;
mod bad_input;
mod canary;
mod deletion;
mod ear;
mod emulator;
mod ending;
mod failures;
mod interrupt;
mod main_job;
mod query;
mod receipts;
mod sign_in;
mod sources;
mod status;
mod streaming;
mod ways;
