//! What became of several sources that were ingested in one call.

use std::error::Error as StdError;
use std::fmt;

use crate::{Error, ErrorKind, Receipt, Result, SourceId};

/// What became of several sources that were ingested in one call: one entry for each, in the order given.
#[derive(Clone, Debug, Default)]
pub struct AggregateResult {
    entries: Vec<SourceResult>,
}

impl AggregateResult {
    /// The result of these sources.
    #[must_use]
    pub fn new(entries: Vec<SourceResult>) -> Self {
        Self { entries }
    }

    /// What became of each source, in the order given.
    #[must_use]
    pub fn entries(&self) -> &[SourceResult] {
        &self.entries
    }

    /// The same, to take apart.
    #[must_use]
    pub fn into_entries(self) -> Vec<SourceResult> {
        self.entries
    }

    /// The receipts of the sources that did not fail.
    pub fn receipts(&self) -> impl Iterator<Item = &Receipt> {
        self.entries
            .iter()
            .filter_map(|entry| entry.outcome.as_ref().ok())
    }

    /// The errors of the sources of which nobody knows whether they were ingested. Each carries a
    /// [receipt](Error::receipt). They are among the [errors](Self::errors), too.
    pub fn unknown(&self) -> impl Iterator<Item = &Error> {
        self.errors()
            .filter(|error| error.kind() == ErrorKind::OutcomeUnknown)
    }

    /// The errors of the sources that failed, or of which nobody knows. Each knows which source it is about.
    #[doc(alias = "IngestionErrors")]
    pub fn errors(&self) -> impl Iterator<Item = &Error> {
        self.entries
            .iter()
            .filter_map(|entry| entry.outcome.as_ref().err())
    }

    /// Whether all failed, as they do when the reason lies with none of them.
    #[doc(alias = "IsGlobalError")]
    #[must_use]
    pub fn is_global(&self) -> bool {
        !self.entries.is_empty() && self.receipts().next().is_none()
    }

    /// All receipts, or one error for the whole call. That one turns into an [`Error`] by `?`.
    ///
    /// # Errors
    /// [`AggregateError`] when any source failed; it still has the receipts of the others.
    pub fn into_result(self) -> Result<Vec<Receipt>, AggregateError> {
        if self.errors().next().is_some() {
            return Err(AggregateError(Box::new(self)));
        }
        let outcomes = self.entries.into_iter().map(|entry| entry.outcome);
        Ok(outcomes.filter_map(Result::ok).collect())
    }
}

impl FromIterator<SourceResult> for AggregateResult {
    fn from_iter<I: IntoIterator<Item = SourceResult>>(entries: I) -> Self {
        Self::new(entries.into_iter().collect())
    }
}

/// What became of one source among several.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SourceResult {
    /// The identity of the source.
    pub source_id: SourceId,
    /// What it is called: its name or path, or the address of a blob without its secrets.
    pub name: Option<String>,
    /// The receipt, or why there is none.
    pub outcome: Result<Receipt>,
    /// What went wrong without harm to the ingestion, such as the removal of a file.
    pub warnings: Vec<Error>,
}

impl SourceResult {
    /// The result of a source. An error without a source id gets this one.
    #[must_use]
    pub fn new(source_id: SourceId, name: Option<String>, outcome: Result<Receipt>) -> Self {
        let outcome = outcome.map_err(|error| match &name {
            Some(name) if !error.context().any(|(_, value)| value == name) => {
                error.with_source_id(source_id).with("source", name)
            }
            _ => error.with_source_id(source_id),
        });
        Self {
            source_id,
            name,
            outcome,
            warnings: Vec::new(),
        }
    }

    /// Adds what went wrong without harm to the ingestion.
    #[must_use]
    pub fn with_warning(mut self, warning: Error) -> Self {
        self.warnings.push(warning.with_source_id(self.source_id));
        self
    }
}

/// Some or all of the sources of one call failed.
#[doc(alias = "IngestClientAggregateException")]
#[derive(Clone, Debug)]
pub struct AggregateError(Box<AggregateResult>);

impl AggregateError {
    /// What became of each source, those that did not fail included.
    #[must_use]
    pub fn result(&self) -> &AggregateResult {
        &self.0
    }

    fn numbers(&self) -> String {
        let unknown = self.0.unknown().count();
        let failed = self.0.errors().count() - unknown;
        let all = self.0.entries.len();
        match (failed, unknown) {
            (_, 0) => format!("{failed} of {all} failed"),
            (0, _) => format!("the outcome of {unknown} of {all} is unknown"),
            _ => format!("{failed} of {all} failed, and the outcome of {unknown} is unknown"),
        }
    }
}

impl fmt::Display for AggregateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ingest all sources: {}", self.numbers())
    }
}

impl StdError for AggregateError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0
            .errors()
            .next()
            .map(|first| first as &(dyn StdError + 'static))
    }
}

impl From<AggregateError> for Error {
    /// The error itself where there was one source only. Otherwise one with the kind that all failures have in
    /// common, permanent when all are, and caused by the first; it has the receipts of those that were
    /// [accepted](Error::accepted), and that of the first where nobody knows of any.
    fn from(aggregate: AggregateError) -> Self {
        let mut errors = aggregate.0.errors();
        let Some(first) = errors.next().cloned() else {
            return Self::new(ErrorKind::Other, "ingest all sources");
        };
        if aggregate.0.entries.len() == 1 {
            return first;
        }
        let (kind, permanent) =
            errors.fold((first.kind(), first.is_permanent()), |(kind, permanent), next| {
                let same = if next.kind() == kind {
                    kind
                } else {
                    ErrorKind::Other
                };
                (same, permanent && next.is_permanent())
            });
        let receipts = aggregate.0.receipts();
        let accepted = receipts.filter(|receipt| receipt.state.is_accepted());
        let error = Self::new(kind, "ingest all sources")
            .because(aggregate.numbers())
            .with_permanence(permanent)
            .with_accepted(accepted.cloned());
        let error = match first.receipt() {
            Some(receipt) if kind == ErrorKind::OutcomeUnknown => error.with_receipt(receipt.clone()),
            _ => error,
        };
        error.caused_by(first)
    }
}
