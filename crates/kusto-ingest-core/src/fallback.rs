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
    /// Nobody says how large the blob is.
    UnknownSize,
    /// An earlier answer told not to stream into this table for a while.
    Backoff {
        /// What stood in the way then.
        obstacle: Obstacle,
        /// When streaming is tried again.
        until: Timestamp,
    },
    /// This source was refused in a way that a queue does not mind.
    Refused {
        /// What stands in the way.
        obstacle: Obstacle,
        /// The last error of streaming, in words.
        error: String,
    },
    /// Every attempt met a failure that passes.
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
            Self::Backoff { obstacle, until } => write!(f, "no streaming until {until}: {obstacle}"),
            Self::Refused { obstacle, error } => write!(f, "{obstacle}: {error}"),
            Self::Exhausted { error } => write!(f, "every attempt at streaming failed: {error}"),
            Self::Other { reason } => f.write_str(reason),
        }
    }
}

/// What stands in the way of streaming.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Obstacle {
    /// The service asks to slow down.
    Throttled,
    /// Streaming is off for the table, its database or the cluster.
    #[doc(alias = "STREAMING_INGESTION_OFF")]
    StreamingOff,
    /// The table is set up in a way that streaming does not suit, such as by its update policy.
    #[doc(alias = "TABLE_CONFIGURATION_PREVENTS_STREAMING")]
    TableConfiguration,
    /// The request is one that streaming does not take, such as a large one.
    #[doc(alias = "REQUEST_PROPERTIES_PREVENT_STREAMING")]
    RequestProperties,
    /// A database, table or mapping is not there, or so new that streaming does not know it yet.
    MissingEntity,
    /// The database is under maintenance.
    Maintenance,
    /// A failure that passes: of the service, or on the way to it.
    Transient,
    /// The request was sent, and nobody knows whether it was carried out.
    OutcomeUnknown,
    /// Anything else that trying again does not change.
    #[doc(alias = "OTHER_ERRORS")]
    Permanent,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Throttled => "the service asks to slow down",
            Self::StreamingOff => "streaming is off",
            Self::TableConfiguration => "the table does not suit streaming",
            Self::RequestProperties => "the request does not suit streaming",
            Self::MissingEntity => "something is missing",
            Self::Maintenance => "the database is under maintenance",
            Self::Transient => "a failure that passes",
            Self::OutcomeUnknown => "the outcome is unknown",
            Self::Permanent => "a permanent failure",
        })
    }
}
