//! What is found, and what is learned from it before anything is sent.

mod check;
mod hints;
mod listing;
mod many;
mod sources;
