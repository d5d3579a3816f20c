//! Planned HTTP faults: which requests fail, how, and how often.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kusto_fake::{FaultPlan, FaultPlans, ResourcePath};

use crate::Route;

/// How an HTTP request fails.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HttpFault {
    /// The body is read, nothing is done, and the response has this status and code.
    Status(u16, String),
    /// The body is read, nothing is done, and the response is 429 with this `Retry-After`, in whole seconds, at least
    /// one.
    Throttled(Duration),
    /// The connection is reset before the body is read.
    ResetBeforeBody,
    /// The connection is reset after this many bytes of the body, or after all of a shorter one.
    ResetAfterBytes(u64),
    /// The request is carried out, and the response has this status and code all the same.
    StatusAfterwards(u16, String),
    /// The request is carried out, and the connection is closed without a response.
    ResponseLost,
    /// The request is carried out, and the connection is closed after this many bytes of the response's body.
    ResponseTruncated(u64),
    /// The request is carried out, and the response comes after this delay, by the emulator's clock.
    ResponseDelayed(Duration),
    /// The request is carried out after this delay, by the emulator's clock.
    Delay(Duration),
}

impl HttpFault {
    /// The words by which `POST /__emulator/faults` plans them, as `"fault"`.
    pub const WORDS: [&str; 9] = [
        "status",
        "status-afterwards",
        "throttled",
        "reset-before-body",
        "reset-after-bytes",
        "response-lost",
        "response-truncated",
        "response-delayed",
        "delay",
    ];
}

/// A plan of HTTP faults.
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

/// What a fault is called that is no preset's.
const PLANNED: &str = "planned";

/// The plans of an emulator.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Plans>);

#[derive(Debug, Default)]
struct Plans {
    plans: FaultPlans<HttpFault, Route>,
    /// What they are called, in the order in which they came.
    names: Vec<String>,
}

impl Plans {
    /// Tells of faults by name, each once; whether it is a new one.
    fn tell(&mut self, name: &str) -> bool {
        let is_new = !self.names.iter().any(|known| known == name);
        if is_new {
            self.names.push(name.to_owned());
        }
        is_new
    }
}

impl Faults {
    pub(crate) fn plan(&self, plan: HttpFaultPlan) {
        let mut plans = self.plans();
        plans.plans.plan(plan);
        plans.tell(PLANNED);
    }

    /// Plans the faults of a preset, unless they are planned already.
    pub(crate) fn plan_preset(&self, name: &str, preset: Vec<HttpFaultPlan>) {
        let mut plans = self.plans();
        if plans.tell(name) {
            preset.into_iter().for_each(|plan| plans.plans.plan(plan));
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
