//! Compression as a program sees it: what the receipt tells, and members that every reader reads.

mod corpus;
mod peers;
mod receipts;
mod strict;
