//! What became of many sources, when not all of them made it.

use std::error::Error as StdError;
use std::fmt;

use kusto_ingest_core::{Error, Receipt, Result, SourceId};

/// What became of one source.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SourceOutcome {
    /// The identity of the source.
    pub source_id: SourceId,
    /// The receipt, or why there is none.
    pub result: Result<Receipt>,
}

/// At least one of many sources failed: which, why, and what became of the others.
///
/// As a [`kusto_ingest_core::Error`] it is the first failure, with how many there are.
#[doc(alias = "AggregateIngestError")]
#[doc(alias = "DirectIngestClientException")]
#[derive(Clone, Debug)]
pub struct IngestionErrors(Vec<SourceOutcome>);

impl IngestionErrors {
    /// The receipts, in the order of the sources, if every source has one.
    pub(crate) fn unless_all_are_well(outcomes: Vec<SourceOutcome>) -> Result<Vec<Receipt>, Self> {
        if outcomes.iter().any(|outcome| outcome.result.is_err()) {
            return Err(Self(outcomes));
        }
        Ok(outcomes
            .into_iter()
            .filter_map(|outcome| outcome.result.ok())
            .collect())
    }

    /// What became of every source, in the order in which they were given.
    #[must_use]
    #[doc(alias = "IngestionErrors")]
    pub fn outcomes(&self) -> &[SourceOutcome] {
        &self.0
    }

    /// The receipts of the sources that made it.
    pub fn receipts(&self) -> impl Iterator<Item = &Receipt> {
        self.0.iter().filter_map(|outcome| outcome.result.as_ref().ok())
    }

    /// The errors of the sources that failed, each with the source's identity.
    pub fn errors(&self) -> impl Iterator<Item = &Error> {
        self.0.iter().filter_map(|outcome| outcome.result.as_ref().err())
    }

    /// Whether every source failed.
    #[must_use]
    #[doc(alias = "IsGlobalError")]
    pub fn is_global(&self) -> bool {
        self.receipts().next().is_none()
    }
}

impl fmt::Display for IngestionErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ingest {} of {} sources", self.errors().count(), self.0.len())
    }
}

impl StdError for IngestionErrors {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.errors()
            .next()
            .map(|error| error as &(dyn StdError + 'static))
    }
}

impl From<IngestionErrors> for Error {
    fn from(errors: IngestionErrors) -> Self {
        let summary = errors.to_string();
        let Some(first) = errors.errors().next() else {
            return Self::new(kusto_ingest_core::ErrorKind::Other, summary);
        };
        let error = Self::new(first.kind(), summary).with_permanence(first.is_permanent());
        match first.source_id() {
            Some(id) => error.with_source_id(id),
            None => error,
        }
        .caused_by(first.clone())
    }
}
