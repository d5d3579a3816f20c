//! Whole walks over real sockets, one module a way in.

mod azurite;
mod conformance;
mod peers;
mod queued;
mod refusals;
