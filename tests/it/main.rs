//! Whole walks over real sockets, one module a way in.

mod azurite;
mod conformance;
mod queued;
mod refusals;
