//! Faults that a test plans: which requests fail, how, and how often.

use kusto_ingest_core::{Ending, Error, ErrorKind};
use kusto_storage::Operation;

use super::Place;
use super::errors::Code;

/// How a request fails.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Fault {
    /// Nothing is done; the error is of this kind, with the service's code and HTTP status where it has them.
    Refused(ErrorKind),
    /// Nothing is done; this is the error.
    Error(Error),
    /// All is done, and the client never learns: an error of kind [`ErrorKind::OutcomeUnknown`], or [`ErrorKind::Io`]
    /// where the request may simply be made again.
    AnswerLost,
}

impl Fault {
    pub(super) fn error(self, operation: Operation, place: &Place) -> Error {
        let new = |kind| Error::new(kind, operation.attempt()).with("resource", place);
        match self {
            Self::Error(error) => error,
            Self::AnswerLost => {
                let kind = match operation.effect().is_unknown_after(Ending::Lost) {
                    true => ErrorKind::OutcomeUnknown,
                    false => ErrorKind::Io,
                };
                new(kind).because("the answer was lost")
            }
            Self::Refused(kind) => {
                let error = new(kind).because("a test planned it");
                match Code::of(kind) {
                    Some(code) => error
                        .with_code(format!("{code:?}"))
                        .with_http_status(code.http_status()),
                    None => error,
                }
            }
        }
    }
}

/// Which requests fail, how, and how often: by default the next one, whatever and wherever it is.
///
/// ```
/// use kusto_ingest_core::ErrorKind;
/// use kusto_fake::{Fault, FaultPlan};
/// use kusto_storage::Operation;
///
/// // The third block that goes to this account is refused, once.
/// let third_block = FaultPlan::new(Fault::Refused(ErrorKind::Unavailable))
///     .on(Operation::StageBlock)
///     .in_account("acct1")
///     .after(2);
/// // An account is down.
/// let down = FaultPlan::new(Fault::Refused(ErrorKind::Connection)).in_account("acct2").forever();
/// ```
#[derive(Clone, Debug)]
pub struct FaultPlan {
    fault: Fault,
    operation: Option<Operation>,
    account: Option<String>,
    name: Option<String>,
    skip: u32,
    left: Option<u32>,
}

impl FaultPlan {
    /// The next request fails.
    #[must_use]
    pub fn new(fault: Fault) -> Self {
        Self {
            fault,
            operation: None,
            account: None,
            name: None,
            skip: 0,
            left: Some(1),
        }
    }

    /// Only requests for this operation.
    #[must_use]
    pub fn on(self, operation: Operation) -> Self {
        Self {
            operation: Some(operation),
            ..self
        }
    }

    /// Only requests to this account.
    #[must_use]
    pub fn in_account(self, account: impl Into<String>) -> Self {
        Self {
            account: Some(account.into()),
            ..self
        }
    }

    /// Only requests to this container, queue or table.
    #[must_use]
    pub fn at(self, place: Place) -> Self {
        Self {
            account: Some(place.account),
            name: Some(place.name),
            ..self
        }
    }

    /// Lets so many of them pass first.
    #[must_use]
    pub fn after(self, passed: u32) -> Self {
        Self { skip: passed, ..self }
    }

    /// So many of them fail, instead of one.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self {
            left: Some(times),
            ..self
        }
    }

    /// All of them fail, until [`mend`](super::MemoryStorage::mend).
    #[must_use]
    pub fn forever(self) -> Self {
        Self { left: None, ..self }
    }

    fn fits(&self, operation: Operation, place: &Place) -> bool {
        self.operation.is_none_or(|planned| planned == operation)
            && self
                .account
                .as_ref()
                .is_none_or(|account| *account == place.account)
            && self.name.as_ref().is_none_or(|name| *name == place.name)
            && self.left != Some(0)
    }
}

/// The fault that a request meets, if any. The plans count it.
pub(super) fn next(plans: &mut [FaultPlan], operation: Operation, place: &Place) -> Option<Fault> {
    let plan = plans.iter_mut().find(|plan| plan.fits(operation, place))?;
    if plan.skip > 0 {
        plan.skip -= 1;
        return None;
    }
    plan.left = plan.left.map(|left| left - 1);
    Some(plan.fault.clone())
}
