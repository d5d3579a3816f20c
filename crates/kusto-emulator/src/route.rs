//! Routes of requests: requests are counted and faults are planned by them.

use std::fmt;

use kusto_storage::Operation;

/// The route of a request. `Display` writes it in one word, as the admin API does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Route {
    /// The sign-in metadata: `GET /v1/rest/auth/metadata`.
    Metadata,
    /// A question to the emulator's own authority, such as for a token.
    Authority,
    /// A health check: `GET /v1/rest/ping`.
    Ping,
    /// A management command.
    Management,
    /// A query, answered as V1 or V2.
    Query,
    /// Streaming ingestion: `POST /v1/rest/ingest/{database}/{table}`.
    Streaming,
    /// What is offered to queued ingestion over REST: `GET /v1/rest/ingestion/configuration`.
    IngestionConfiguration,
    /// Blobs that are named for ingestion: `POST /v1/rest/ingestion/queued/{database}/{table}`.
    QueuedSubmission,
    /// How they stand: `GET /v1/rest/ingestion/queued/{database}/{table}/{operation}`.
    QueuedOperation,
    /// A storage operation.
    Storage(Operation),
    /// The properties of a container or queue.
    Properties,
    /// A transaction of a table, `$batch`.
    Batch,
    /// A Data Lake path: created, appended to, flushed, or listed.
    Path,
    /// The admin API, below `/__emulator/`.
    Admin,
    /// Any other request.
    Unknown,
}

impl Route {
    /// Every route that a fault can be planned for.
    pub const ALL: [Self; 32] = {
        use Operation::{
            ClearMessages, CommitBlocks, CopyBlob, DeleteBlob, DeleteEntity, DeleteMessage, GetBlob,
            GetEntity, HeadBlob, InsertEntity, ListBlobs, ListBlocks, MergeEntity, PeekMessages, PutBlob,
            PutMessage, QueryEntities, ReceiveMessages, ReplaceEntity, StageBlock, UpdateMessage,
        };
        [
            Self::Metadata,
            Self::Authority,
            Self::Management,
            Self::Query,
            Self::Streaming,
            Self::IngestionConfiguration,
            Self::QueuedSubmission,
            Self::QueuedOperation,
            Self::Properties,
            Self::Batch,
            Self::Path,
            Self::Storage(CopyBlob),
            Self::Storage(ListBlocks),
            Self::Storage(UpdateMessage),
            Self::Storage(PutBlob),
            Self::Storage(StageBlock),
            Self::Storage(CommitBlocks),
            Self::Storage(HeadBlob),
            Self::Storage(GetBlob),
            Self::Storage(DeleteBlob),
            Self::Storage(ListBlobs),
            Self::Storage(PutMessage),
            Self::Storage(PeekMessages),
            Self::Storage(ReceiveMessages),
            Self::Storage(DeleteMessage),
            Self::Storage(ClearMessages),
            Self::Storage(InsertEntity),
            Self::Storage(GetEntity),
            Self::Storage(MergeEntity),
            Self::Storage(ReplaceEntity),
            Self::Storage(DeleteEntity),
            Self::Storage(QueryEntities),
        ]
    };

    /// The route of a word, in any case.
    pub(crate) fn named(word: &str) -> Option<Self> {
        let is_it = |route: &Self| route.to_string().eq_ignore_ascii_case(word);
        Self::ALL.into_iter().find(is_it)
    }

    /// Whether a Kusto that wants a sign-in wants one for it. Who steers an emulator is on its machine.
    pub(crate) fn needs_token(self) -> bool {
        !matches!(self, Self::Metadata | Self::Authority | Self::Ping | Self::Admin)
    }

    /// The largest body that such a request may have, in bytes.
    pub(crate) fn largest_body(self) -> u64 {
        const MIB: u64 = 1024 * 1024;
        match self {
            Self::Storage(Operation::PutBlob) => 256 * MIB,
            Self::Storage(Operation::StageBlock) => 100 * MIB,
            Self::Storage(Operation::PutMessage) => MIB,
            Self::Streaming => 10 * MIB,
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

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Storage(operation) => fmt::Debug::fmt(operation, f),
            other => fmt::Debug::fmt(other, f),
        }
    }
}
