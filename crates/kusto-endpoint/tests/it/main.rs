//! Requests, answers and errors of endpoints, and the endpoints for tests, through the public API.

mod answers;
mod errors;
mod queued;
mod requests;
mod scripted;
mod streaming;
