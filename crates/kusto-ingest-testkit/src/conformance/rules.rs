//! How a suite says which rule does not hold.

use std::fmt::Debug;

use kusto_ingest_core::{Error, ErrorKind, Result};
use kusto_storage::ResourceUri;

/// The SAS of a forged address.
const FORGED: &str = "FORGED";

/// The seam that is looked at, in the words of its rules.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules(pub(super) &'static str);

impl Rules {
    /// What must be, is; and if not, what was seen instead.
    pub(super) fn holds(self, rule: &str, holds: bool, seen: impl Debug) {
        assert!(holds, "{}: {rule}; but what came was {seen:?}", self.0);
    }

    /// Two things are the same.
    pub(super) fn same<T: PartialEq + Debug>(self, rule: &str, seen: &T, expected: &T) {
        assert!(
            seen == expected,
            "{}: {rule}; but what came was {seen:?}, not {expected:?}",
            self.0
        );
    }

    /// What must succeed, does.
    pub(super) fn done<T>(self, rule: &str, outcome: Result<T>) -> T {
        match outcome {
            Ok(value) => value,
            Err(error) => panic!("{}: {rule}; but it {}", self.0, error.chain()),
        }
    }

    /// What must fail, fails, and with one of these kinds.
    pub(super) fn refused<T: Debug>(self, rule: &str, outcome: Result<T>, kinds: &[ErrorKind]) -> Error {
        match outcome {
            Ok(value) => panic!("{}: {rule}; but it did not fail, and gave {value:?}", self.0),
            Err(error) => {
                let kind = error.kind();
                assert!(
                    kinds.contains(&kind),
                    "{}: {rule}; but the kind of its error is {kind:?}, not one of {kinds:?}: it {}",
                    self.0,
                    error.chain()
                );
                error
            }
        }
    }

    /// A forged SAS opens nothing, and no error shows it.
    pub(super) fn forged_is_refused<T: Debug>(self, outcome: Result<T>) {
        let kinds = [ErrorKind::Forbidden, ErrorKind::Unauthenticated];
        let error = self.refused("a forged SAS is refused", outcome, &kinds);
        let shown = format!("{error} {error:?} {}", error.chain());
        let rule = "an error never shows a SAS";
        self.holds(rule, !shown.contains(FORGED), &error);
    }
}

/// The address with another SAS; none for an address that has none.
pub(super) fn forged(address: &ResourceUri) -> Option<ResourceUri> {
    if !address.is_signed() {
        return None;
    }
    let mut url = address.expose().clone();
    let forged = |pair: &str| match pair.starts_with("sig=") {
        true => format!("sig={FORGED}"),
        false => pair.to_owned(),
    };
    let query = url.query().unwrap_or_default();
    let query: Vec<String> = query.split('&').map(forged).collect();
    url.set_query(Some(&query.join("&")));
    ResourceUri::parse(url.as_str()).ok()
}
