//! What is found, and what is learned from it before anything is sent.

mod hints;
mod listing;
mod sources;
