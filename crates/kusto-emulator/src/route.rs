//! What a request asks for: the word by which requests are counted and faults are planned.

use kusto_storage::Operation;

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Route {
    /// How to sign in: `GET /v1/rest/auth/metadata`.
    Metadata,
    /// Whether somebody is there: `GET /v1/rest/ping`.
    Ping,
    /// A management command.
    Management,
    /// A query, answered in either shape.
    Query,
    /// What a storage does.
    Storage(Operation),
    /// Whether a container or queue is there.
    Properties,
    /// The emulator's own addresses, below `/__emulator/`.
    Admin,
    /// None of these.
    Unknown,
}

impl Route {
    /// The largest body that such a request may have, in bytes.
    pub(crate) fn largest_body(self) -> u64 {
        const MIB: u64 = 1024 * 1024;
        match self {
            Self::Storage(Operation::PutBlob) => 256 * MIB,
            Self::Storage(Operation::StageBlock) => 100 * MIB,
            Self::Storage(Operation::PutMessage) => MIB,
            _ => 16 * MIB,
        }
    }

    /// Whether the client must tell the length of the body before it comes.
    pub(crate) fn needs_length(self) -> bool {
        matches!(
            self,
            Self::Storage(Operation::PutBlob | Operation::StageBlock | Operation::CommitBlocks)
        )
    }
}
