//! The operations of a storage.

use std::fmt;

use kusto_ingest_core::Idempotency;

/// What a storage may be asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// Create a container, queue or table.
    Create,
    /// Remove a container, queue or table.
    Remove,
    /// Check a SAS.
    Authorize,
    /// Put a whole blob.
    PutBlob,
    /// Stage a block.
    StageBlock,
    /// Commit staged blocks.
    CommitBlocks,
    /// Tell a blob's length and properties.
    HeadBlob,
    /// Read a blob.
    GetBlob,
    /// Delete a blob.
    DeleteBlob,
    /// List blobs.
    ListBlobs,
    /// List a blob's blocks.
    ListBlocks,
    /// Copy a blob.
    CopyBlob,
    /// Put a message.
    PutMessage,
    /// Look at messages.
    PeekMessages,
    /// Take messages.
    ReceiveMessages,
    /// Change a message, or hide it for longer.
    UpdateMessage,
    /// Delete a message.
    DeleteMessage,
    /// Delete all messages.
    ClearMessages,
    /// Insert an entity.
    InsertEntity,
    /// Read an entity.
    GetEntity,
    /// Set some properties of an entity.
    MergeEntity,
    /// Set all properties of an entity.
    ReplaceEntity,
    /// Delete an entity.
    DeleteEntity,
    /// Read the entities of a partition.
    QueryEntities,
}

impl Operation {
    /// Whether a request for it is idempotent. A message would be put twice; for a blob, a look tells whether it is
    /// there.
    #[must_use]
    pub const fn idempotency(self) -> Idempotency {
        match self {
            Self::PutMessage => Idempotency::NonIdempotent,
            Self::PutBlob | Self::CommitBlocks | Self::CopyBlob => Idempotency::Verifiable,
            _ => Idempotency::Idempotent,
        }
    }

    /// What is attempted, as a fragment that completes "failed to …".
    #[must_use]
    pub fn attempt(self) -> &'static str {
        match self {
            Self::Create => "create the resource",
            Self::Remove => "remove the resource",
            Self::Authorize => "check the SAS",
            Self::PutBlob => "put the blob",
            Self::StageBlock => "stage the block",
            Self::CommitBlocks => "commit the blocks",
            Self::HeadBlob => "read the blob's properties",
            Self::GetBlob => "read the blob",
            Self::DeleteBlob => "delete the blob",
            Self::ListBlobs => "list the blobs",
            Self::ListBlocks => "list the blocks",
            Self::CopyBlob => "copy the blob",
            Self::PutMessage => "put the message",
            Self::PeekMessages => "peek at messages",
            Self::ReceiveMessages => "receive messages",
            Self::UpdateMessage => "update the message",
            Self::DeleteMessage => "delete the message",
            Self::ClearMessages => "clear the queue",
            Self::InsertEntity => "insert the entity",
            Self::GetEntity => "read the entity",
            Self::MergeEntity => "merge the entity",
            Self::ReplaceEntity => "replace the entity",
            Self::DeleteEntity => "delete the entity",
            Self::QueryEntities => "query the entities",
        }
    }
}

/// What is attempted, in words.
impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.attempt())
    }
}
