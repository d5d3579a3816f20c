//! The command as scripts meet it: arguments in, streams and exit codes out.

#[path = "../../../../tests/guide/blocks.rs"]
mod blocks;
mod command;
mod folder;
mod kusto;
mod poll;

mod addresses;
mod bad_input;
mod canary;
mod codes;
mod deletion;
mod emulator;
mod ending;
mod failures;
mod guide;
mod hints;
mod identity;
mod interrupt;
mod main_job;
mod options;
mod query;
mod receipts;
mod receipts_file;
mod recording_server;
mod sign_in;
mod sources;
mod status;
mod streaming;
mod ways;
