//! The command as scripts meet it: arguments in, streams and exit codes out.

mod setup;

mod args;
mod guide;
mod plan;
mod readme;
mod report;
mod run;
mod sign_in;
