//! The `kusto-ingest` command: files into Kusto.

// What was asked for.
mod args;

// How a command ends.
mod exit;
mod interrupt;

// Where it goes, and in whose name.
mod sign_in;

// Whatever ingests: what there is, which way it goes, and what is to be done with it.
mod archive;
mod discover;
mod header;
mod input;
mod preflight;
mod prepare;
mod route;

// Whatever ingests: doing it.
mod deletion;
mod embedded;
mod infer;
mod ingest;
mod outcome;
mod progress;
mod receipt_log;
mod send;
mod source_failure;
mod status_reader;
mod wait;

// The other commands.
mod emulator;
mod failures;
mod query;
mod receipts;
mod status;

// What is printed, and what never is.
mod report;
mod secrets;

mod run;

use std::process::ExitCode;

fn main() -> ExitCode {
    run::main()
}
