//! What the facade settles before anything is sent, through the public API.

mod endpoints;
mod limits;
