//! How much of the service this Kusto has: for the guide, and for who looks before asking.

use crate::{FakeKusto, manage, wire};

/// How much of the service a [`FakeKusto`] has. What is not here is refused with `NotSupportedByEmulator`, or ignored where
/// it says so.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Coverage {
    /// The syntax of every command that it knows, by name.
    pub commands: Vec<&'static str>,
    /// The first words of the service's commands of which it knows none.
    pub refused_verbs: Vec<&'static str>,
    /// The options of requests that it obeys. All others are [ignored](FakeKusto::ignored_options).
    pub obeyed_options: Vec<&'static str>,
}

impl FakeKusto {
    /// How much of the service it has.
    #[must_use]
    pub fn coverage() -> Coverage {
        Coverage {
            commands: manage::syntaxes(),
            refused_verbs: manage::refused_verbs(),
            obeyed_options: wire::OBEYED.to_vec(),
        }
    }
}
