//! The queued client over storage in memory: what is sent, in which order, and what a failure leaves behind.

mod world;

mod prepare;

mod chunks;
mod sizes;

mod observed;
mod send;

mod outcome;

mod deadlines;
