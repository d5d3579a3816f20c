//! The router: many receipts, served from the queues that all clients share.

mod driving;
mod failing;
mod sharing;
mod world;
