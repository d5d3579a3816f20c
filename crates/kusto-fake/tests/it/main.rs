//! The fake Kusto and its storage, through the ports and as a server sees them.

mod kusto;
mod storage;
