//! Whole walks over real sockets, one module a way in.

mod queued;
mod refusals;
