//! Messages, reports and status records, through the public API.

mod decode;
mod failures;
mod message;
mod reports;
mod secrets;
