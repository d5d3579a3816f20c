//! Asking again, where asking again can help.

use std::future::Future;
use std::sync::Arc;

use kusto_ingest_core::{Clock, ExponentialRetry, Result, Retry, RetryPolicy};
use uuid::Uuid;

/// How often something is asked at most.
const ATTEMPTS: u32 = 3;

/// How often, and after how long, something is asked again.
#[derive(Clone, Debug)]
pub(crate) struct Attempts {
    clock: Arc<dyn Clock>,
    policy: Arc<dyn RetryPolicy>,
}

impl Attempts {
    /// Three, with waits below 1 s, 2 s, … between them.
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            policy: Arc::new(ExponentialRetry::new(ATTEMPTS)),
        }
    }

    /// Asks until there is an answer, the error is permanent or the attempts are used up.
    pub(crate) async fn run<T, F>(&self, mut ask: impl FnMut() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        Retry::new(&*self.policy, &*self.clock, chance())
            .run(|_| ask())
            .await
    }
}

fn chance() -> u64 {
    Uuid::new_v4().as_u64_pair().1
}
