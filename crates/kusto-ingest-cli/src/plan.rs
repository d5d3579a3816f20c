//! What there is to ingest, and what is to be done with it: found out before anything is sent.

pub(crate) mod archive;
pub(crate) mod check;
pub(crate) mod deletion;
pub(crate) mod discover;
pub(crate) mod header;
pub(crate) mod infer;
pub(crate) mod input;
pub(crate) mod receipts;
pub(crate) mod source;
