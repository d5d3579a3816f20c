//! What was found already, so that a source that is named twice is taken once.

use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hash};

/// What was found already, as a hash of 16 bytes for each: about 40 MB for a million.
///
/// Two of a billion sources have the same hash with a probability of less than one in 10^20.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Keys are drawn anew for each run, so that nobody can prepare names that collide.
    keys: [RandomState; 2],
    hashes: HashSet<u128>,
}

impl Seen {
    /// Whether this is new.
    pub(super) fn is_new(&mut self, source: impl Hash) -> bool {
        let [high, low] = self.keys.each_ref().map(|key| u128::from(key.hash_one(&source)));
        self.hashes.insert(high << 64 | low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_again_is_not_new() {
        let mut seen = Seen::default();
        for (source, is_new) in [("a", true), ("b", true), ("a", false), ("b", false), ("ab", true)] {
            assert_eq!(seen.is_new(source), is_new, "{source}");
        }
    }
}
