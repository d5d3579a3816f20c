//! The `kusto-ingest` command: files into Kusto.

mod args;
mod plan;
mod report;
mod run;
mod sign_in;

use std::process::ExitCode;

fn main() -> ExitCode {
    run::main()
}
