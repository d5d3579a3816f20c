//! Which of several runtimes it is.

use std::hash::{DefaultHasher, Hash, Hasher as _};

/// Which of several runtimes it is. Those of one program are told apart by it, and nothing else is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RuntimeId(u64);

impl RuntimeId {
    /// The runtime with this identity, such as tokio's `runtime::Id`.
    #[must_use]
    pub fn of(identity: &impl Hash) -> Self {
        let mut hasher = DefaultHasher::new();
        identity.hash(&mut hasher);
        Self(hasher.finish())
    }
}
