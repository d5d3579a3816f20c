//! The endpoint over a pipeline without sockets.

mod calls;
mod queued;
mod sign_in;
mod streaming;
mod wire;
