//! Which requests fail as a test planned it: of what kind, where, how many, and which of them.

use kusto_storage::Operation;

use crate::{Fault, ResourcePath};

/// Which requests fail, and how: by default the next one, whatever and wherever it is.
///
/// `F` is how they fail, `R` what a request asks for. There are three pairs: a [`Fault`] of an
/// [`Operation`] for [`MemoryStorage::plan`](crate::MemoryStorage::plan), a [`Fault`] of a
/// [`RequestKind`](crate::RequestKind) for [`FakeKusto::plan`](crate::FakeKusto::plan), and those of a server, which
/// fails on the wire.
///
/// ```
/// use kusto_fake::{Fault, FaultPlan};
/// use kusto_ingest_core::ErrorKind;
/// use kusto_storage::Operation;
///
/// // The third block that goes to this account is refused, once.
/// let third_block = FaultPlan::new(Fault::Refused(ErrorKind::Unavailable))
///     .on(Operation::StageBlock)
///     .in_account("acct1")
///     .after(2);
/// // An account is down.
/// let down: FaultPlan = FaultPlan::new(Fault::Refused(ErrorKind::Connection)).in_account("acct2").forever();
/// ```
#[derive(Clone, Debug)]
pub struct FaultPlan<F = Fault, R = Operation> {
    fault: F,
    request: Option<R>,
    account: Option<String>,
    name: Option<String>,
    skip: u32,
    left: Option<u32>,
    share: Option<FaultRate>,
}

impl<F, R> FaultPlan<F, R> {
    /// The next request fails.
    #[must_use]
    pub fn new(fault: F) -> Self {
        Self {
            fault,
            request: None,
            account: None,
            name: None,
            skip: 0,
            left: Some(1),
            share: None,
        }
    }

    /// Only requests that ask for this.
    #[must_use]
    pub fn on(self, request: R) -> Self {
        Self {
            request: Some(request),
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

    /// Only requests to a container, queue or table of this name.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        Self {
            name: Some(name.into()),
            ..self
        }
    }

    /// Only requests to this container, queue or table.
    #[must_use]
    pub fn at(self, place: ResourcePath) -> Self {
        self.in_account(place.account).named(place.name)
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

    /// All of them fail, until all plans are forgotten.
    #[must_use]
    pub fn forever(self) -> Self {
        Self { left: None, ..self }
    }

    /// Only this share of them fail, in percent, spread by dice that fall the same in every run.
    #[must_use]
    pub fn for_percent(self, percent: u8) -> Self {
        Self {
            share: Some(FaultRate::new(percent)),
            ..self
        }
    }
}

impl<F: Clone, R: PartialEq> FaultPlan<F, R> {
    fn fits(&self, request: &R, place: Option<&ResourcePath>) -> bool {
        let is_there = |planned: &Option<String>, actual: Option<&String>| {
            planned.is_none() || planned.as_ref() == actual
        };
        self.left != Some(0)
            && self.request.as_ref().is_none_or(|planned| planned == request)
            && is_there(&self.account, place.map(|place| &place.account))
            && is_there(&self.name, place.map(|place| &place.name))
    }

    /// Counts a request that fits, and tells the fault if it is its turn.
    fn next(&mut self) -> Option<F> {
        if self.skip > 0 {
            self.skip -= 1;
            return None;
        }
        if !self.share.as_mut().is_none_or(FaultRate::hits) {
            return None;
        }
        self.left = self.left.map(|left| left - 1);
        Some(self.fault.clone())
    }
}

/// Which share of the requests fails, and the state of the dice.
#[derive(Clone, Debug)]
struct FaultRate {
    percent: u64,
    dice: u64,
}

impl FaultRate {
    fn new(percent: u8) -> Self {
        Self {
            percent: percent.into(),
            dice: 0x9E37_79B9_7F4A_7C15,
        }
    }

    fn hits(&mut self) -> bool {
        self.dice ^= self.dice << 13;
        self.dice ^= self.dice >> 7;
        self.dice ^= self.dice << 17;
        (self.dice >> 32) % 100 < self.percent
    }
}

/// The plans of a service. Of several that fit a request, the oldest counts.
#[derive(Clone, Debug)]
pub struct FaultPlans<F = Fault, R = Operation>(Vec<FaultPlan<F, R>>);

impl<F: Clone, R: PartialEq> FaultPlans<F, R> {
    /// Adds a plan.
    pub fn plan(&mut self, plan: FaultPlan<F, R>) {
        self.0.push(plan);
    }

    /// Removes all fault plans.
    pub fn clear_faults(&mut self) {
        self.0.clear();
    }

    /// The fault that a request meets, if any. The plans count it. A request that goes to no container, queue or table
    /// has no place.
    pub fn next(&mut self, request: &R, place: Option<&ResourcePath>) -> Option<F> {
        let mut plans = self.0.iter_mut();
        plans.find(|plan| plan.fits(request, place))?.next()
    }
}

impl<F, R> Default for FaultPlans<F, R> {
    fn default() -> Self {
        Self(Vec::new())
    }
}
