//! Faults on the wire that a test plans: which requests fail, how, and how often.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kusto_fake::{FaultPlan, FaultPlans, ResourcePath};

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
    /// All is done, and this status and code are answered all the same.
    StatusAfterwards(u16, String),
    /// All is done, and the connection is closed without an answer.
    ResponseLost,
    /// All is done, and the connection is closed when so many bytes of the answer's body were sent.
    ResponseTruncated(u64),
    /// The request is answered as ever, but so much later by the emulator's clock.
    Delay(Duration),
}

/// Which requests fail on the wire, and how.
///
/// Faults of the storage itself, by the kind of their error, are planned on
/// [`storage`](kusto_fake::FakeKusto::storage), those of commands on the [`FakeKusto`](kusto_fake::FakeKusto); those
/// here are about connections and statuses.
///
/// ```
/// use kusto_emulator::{HttpFault, HttpFaultPlan, Route};
/// use kusto_fake::ResourcePath;
/// use kusto_storage::Operation;
///
/// // The connection breaks in the middle of the second block that goes to this container.
/// let container = ResourcePath::new("devstoreaccount1", "ingestdata-0");
/// let broken = HttpFaultPlan::new(HttpFault::ResetAfterBytes(1000))
///     .on(Route::Storage(Operation::StageBlock))
///     .at(container)
///     .after(1);
/// ```
pub type HttpFaultPlan = FaultPlan<HttpFault, Route>;

/// The plans of an emulator.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Plans>);

#[derive(Debug, Default)]
struct Plans {
    plans: FaultPlans<HttpFault, Route>,
    /// What they are called, in the order in which they came.
    names: Vec<String>,
}

impl Faults {
    pub(crate) fn plan(&self, plan: HttpFaultPlan) {
        self.plan_as(plan, "planned");
    }

    /// Plans a fault that is called so; those of one name are told once.
    pub(crate) fn plan_as(&self, plan: HttpFaultPlan, name: &str) {
        let mut plans = self.plans();
        plans.plans.plan(plan);
        if !plans.names.iter().any(|known| known == name) {
            plans.names.push(name.to_owned());
        }
    }

    /// What was planned and not cleared since.
    pub(crate) fn names(&self) -> Vec<String> {
        self.plans().names.clone()
    }

    pub(crate) fn clear_faults(&self) {
        *self.plans() = Plans::default();
    }

    /// The fault that a request meets, if any. The plans count it.
    pub(crate) fn next(&self, route: Route, place: Option<&ResourcePath>) -> Option<HttpFault> {
        // The emulator's own addresses never fail: faults are cleared by them.
        match route {
            Route::Admin => None,
            _ => self.plans().plans.next(&route, place),
        }
    }

    fn plans(&self) -> MutexGuard<'_, Plans> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
