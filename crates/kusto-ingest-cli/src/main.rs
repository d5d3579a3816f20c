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
mod carry;
mod discover;
mod header;
mod input;
mod prepare;
mod route;

// Whatever ingests: doing it.
mod books;
mod deletion;
mod embedded;
mod fault;
mod infer;
mod ingest;
mod outcome;
mod progress;
mod receipt_log;
mod send;
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
