//! The endpoint over a pipeline without sockets.

mod calls;
mod sign_in;
mod streaming;
mod wire;
