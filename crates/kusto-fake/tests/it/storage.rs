//! The storage in memory, through the ports and as a server sees it.

mod world;

mod blobs;
mod faults;
mod queues;
mod tables;
