//! Uploads as their callers see them.

mod container;
mod world;
