//! What the service should report of an ingestion, and where.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What the service should report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[expect(clippy::exhaustive_enums, reason = "the message format defines exactly these")]
pub enum ReportLevel {
    /// Failures only: Kusto's own default.
    #[default]
    FailuresOnly,
    /// Nothing.
    #[doc(alias = "DoNotReport")]
    None,
    /// Failures and successes.
    FailuresAndSuccesses,
}

impl ReportLevel {
    /// The number in the ingestion message.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::FailuresOnly => 0,
            Self::None => 1,
            Self::FailuresAndSuccesses => 2,
        }
    }
}

/// Where the service should report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[expect(
    clippy::exhaustive_enums,
    reason = "the message format defines exactly these that clients may use"
)]
pub enum ReportMethod {
    /// To the cluster's report queues, which all its clients share.
    #[default]
    Queue,
    /// To a row of the status table, which only the holder of the receipt reads.
    Table,
    /// To both.
    QueueAndTable,
}

impl ReportMethod {
    /// The number in the ingestion message.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Queue => 0,
            Self::Table => 1,
            Self::QueueAndTable => 2,
        }
    }
}

/// What is reported, in words.
impl fmt::Display for ReportLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::FailuresOnly => "failures",
            Self::None => "nothing",
            Self::FailuresAndSuccesses => "failures and successes",
        })
    }
}

/// Where it is reported, in words.
impl fmt::Display for ReportMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Queue => "queue",
            Self::Table => "table",
            Self::QueueAndTable => "queue and table",
        })
    }
}
