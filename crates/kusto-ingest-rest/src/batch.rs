//! Sources that share a request: they gather while they are uploaded, and leave together.

mod group;
mod key;
mod seat;
mod ticket;

pub(crate) use group::Batches;
pub(crate) use key::GroupKey;
pub(crate) use seat::{Batch, Seat};
pub(crate) use ticket::Ticket;
