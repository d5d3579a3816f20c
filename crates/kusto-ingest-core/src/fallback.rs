//! Why managed streaming gave a source to its queue.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Why managed streaming gave a source to its queued client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum FallbackReason {
    /// A streaming request cannot carry these properties.
    Properties {
        /// Their names on the wire.
        names: Vec<String>,
    },
    /// The data is larger than a streaming request takes.
    TooLarge,
    /// The size of the blob is not known.
    UnknownSize,
    /// After an earlier answer, sources of this table are queued for a while.
    Backoff {
        /// The category of that answer.
        #[serde(alias = "obstacle")]
        category: StreamingErrorCategory,
        /// When streaming is tried again.
        until: Timestamp,
    },
    /// The service refused to stream this source. A queue may take it all the same.
    Refused {
        /// The category of the error.
        #[serde(alias = "obstacle")]
        category: StreamingErrorCategory,
        /// The last error of streaming, in words.
        error: String,
    },
    /// Every attempt met a transient failure.
    Exhausted {
        /// The last error of streaming, in words.
        error: String,
    },
    /// A policy of the caller's has its own reason.
    Other {
        /// The reason, in words.
        reason: String,
    },
}

impl fmt::Display for FallbackReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Properties { names } => write!(f, "streaming cannot carry {}", names.join(", ")),
            Self::TooLarge => f.write_str("the data is too large for streaming"),
            Self::UnknownSize => f.write_str("the size of the blob is not known"),
            Self::Backoff { category, until } => write!(f, "no streaming until {until}: {category}"),
            Self::Refused { category, error } => write!(f, "{category}: {error}"),
            Self::Exhausted { error } => write!(f, "every attempt at streaming failed: {error}"),
            Self::Other { reason } => f.write_str(reason),
        }
    }
}

/// Why a source could not be streamed: the category of the service's error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StreamingErrorCategory {
    /// The service asks to slow down.
    Throttled,
    /// Streaming is off for the table, its database or the cluster.
    #[doc(alias = "STREAMING_INGESTION_OFF")]
    StreamingOff,
    /// The table's configuration prevents streaming, for example its update policy.
    #[doc(alias = "TABLE_CONFIGURATION_PREVENTS_STREAMING")]
    TableConfiguration,
    /// The request is one that streaming does not take, such as a large one.
    #[doc(alias = "REQUEST_PROPERTIES_PREVENT_STREAMING")]
    RequestProperties,
    /// A database, table or mapping is not there, or so new that streaming does not know it yet.
    MissingEntity,
    /// The database is under maintenance.
    Maintenance,
    /// A transient failure: of the service, or on the way to it.
    Transient,
    /// The request was sent, and nobody knows whether it was carried out.
    OutcomeUnknown,
    /// Anything else that trying again does not change.
    #[doc(alias = "OTHER_ERRORS")]
    Permanent,
}

impl fmt::Display for StreamingErrorCategory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Throttled => "the service asks to slow down",
            Self::StreamingOff => "streaming is off",
            Self::TableConfiguration => "the table's configuration prevents streaming",
            Self::RequestProperties => "the request's properties prevent streaming",
            Self::MissingEntity => "a database, table or mapping was not found",
            Self::Maintenance => "the database is under maintenance",
            Self::Transient => "a transient failure",
            Self::OutcomeUnknown => "the outcome is unknown",
            Self::Permanent => "a permanent failure",
        })
    }
}
