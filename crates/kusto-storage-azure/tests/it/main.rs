//! What goes over the wire, and what comes of every answer, without a socket.

mod script;

mod blobs;
mod failures;
mod lake;
mod listing;
mod queues;
mod secrets;
mod tables;
