//! A journal on disk: what a later process knows, and what it refuses.

mod world;

mod client;
mod compaction;
mod damage;
mod file;
mod resume;
