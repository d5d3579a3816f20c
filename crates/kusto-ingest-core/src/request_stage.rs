//! How far a request came, as far as whoever sends it tells.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// How far a request came that is under way: whether it is known that nothing of it was sent yet, such as during the
/// sign-in. Clones share it.
///
/// It travels with a request, so that a caller whose time is over can tell what is lost from what was never sent. Of whoever
/// says nothing, the worst is assumed.
#[derive(Clone, Debug, Default)]
pub struct RequestStage(Arc<AtomicBool>);

impl RequestStage {
    /// Nobody has said anything.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing of it was sent, and nothing is until [`sends`](Self::sends) is said.
    pub fn prepares(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// From now on it may be sent.
    pub fn sends(&self) {
        self.0.store(false, Ordering::Release);
    }

    /// Whether it is known that nothing of it was sent.
    #[must_use]
    pub fn is_unsent(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// A request is the same however far it came.
impl PartialEq for RequestStage {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for RequestStage {}
