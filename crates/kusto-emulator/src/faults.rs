//! Faults on the wire that a test plans: which requests fail, how, and how often.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use kusto_fake::Place;

use crate::Route;

/// How a request fails on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HttpFault {
    /// The body is read, nothing is done, and this status and code are answered.
    Status(u16, String),
    /// The body is read, nothing is done, and the answer is 429 with a `Retry-After` of so many whole seconds, at
    /// least one.
    Throttled(Duration),
    /// The connection is reset before anything of the body is read.
    ResetBeforeBody,
    /// The connection is reset when so many bytes of the body were read, or all of it when it is shorter.
    ResetAfterBytes(u64),
    /// All is done, and the connection is closed without an answer.
    AnswerLost,
    /// All is done, and the connection is closed when so many bytes of the answer's body were sent.
    AnswerCut(u64),
    /// The request is answered as ever, but so much later by the emulator's clock.
    Delay(Duration),
}

/// Which requests fail, how, and how often: by default the next one, whatever and wherever it is.
///
/// Faults of the storage itself, by the kind of their error, are planned on
/// [`storage`](kusto_fake::FakeKusto::storage), refused commands on the [`FakeKusto`](kusto_fake::FakeKusto); those
/// here are about connections and statuses.
///
/// ```
/// use kusto_emulator::{HttpFault, HttpFaultPlan, Route};
/// use kusto_fake::Place;
/// use kusto_storage::Operation;
///
/// // The connection breaks in the middle of the second block that goes to this container.
/// let container = Place::new("devstoreaccount1", "ingestdata-0");
/// let broken = HttpFaultPlan::new(HttpFault::ResetAfterBytes(1000))
///     .on(Route::Storage(Operation::StageBlock))
///     .at(container)
///     .after(1);
/// ```
#[derive(Clone, Debug)]
pub struct HttpFaultPlan {
    fault: HttpFault,
    route: Option<Route>,
    account: Option<String>,
    name: Option<String>,
    skip: u32,
    left: Option<u32>,
    /// Which share of the requests that fit fails, in percent, and the state of the dice.
    share: Option<(u64, u64)>,
}

impl HttpFaultPlan {
    /// The next request fails.
    #[must_use]
    pub fn new(fault: HttpFault) -> Self {
        Self {
            fault,
            route: None,
            account: None,
            name: None,
            skip: 0,
            left: Some(1),
            share: None,
        }
    }

    /// Only requests that ask for this.
    #[must_use]
    pub fn on(self, route: Route) -> Self {
        Self {
            route: Some(route),
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

    pub(crate) fn named(self, name: &str) -> Self {
        Self {
            name: Some(name.to_owned()),
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

    /// All of them fail, until [`mend`](crate::Emulator::mend).
    #[must_use]
    pub fn forever(self) -> Self {
        Self { left: None, ..self }
    }

    /// Only this share of them fail, in percent, spread by dice that fall the same in every run.
    #[must_use]
    pub fn for_percent(self, percent: u8) -> Self {
        Self {
            share: Some((percent.into(), 0x9E37_79B9_7F4A_7C15)),
            ..self
        }
    }

    /// Whether it is the turn of a request that fits.
    fn hits(&mut self) -> bool {
        let Some((percent, dice)) = &mut self.share else {
            return true;
        };
        *dice ^= *dice << 13;
        *dice ^= *dice >> 7;
        *dice ^= *dice << 17;
        (*dice >> 32) % 100 < *percent
    }

    fn fits(&self, route: Route, place: Option<&Place>) -> bool {
        let account = place.map(|place| &place.account);
        let name = place.map(|place| &place.name);
        self.left != Some(0)
            && self.route.is_none_or(|planned| planned == route)
            && (self.account.is_none() || self.account.as_ref() == account)
            && (self.name.is_none() || self.name.as_ref() == name)
    }
}

/// The plans of an emulator. Of several that fit a request, the oldest counts.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Vec<HttpFaultPlan>>);

impl Faults {
    pub(crate) fn plan(&self, plan: HttpFaultPlan) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(plan);
    }

    pub(crate) fn mend(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The fault that a request meets, if any. The plans count it.
    pub(crate) fn next(&self, route: Route, place: Option<&Place>) -> Option<HttpFault> {
        let mut plans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let plan = plans.iter_mut().find(|plan| plan.fits(route, place))?;
        if plan.skip > 0 {
            plan.skip -= 1;
            return None;
        }
        if !plan.hits() {
            return None;
        }
        plan.left = plan.left.map(|left| left - 1);
        Some(plan.fault.clone())
    }
}
