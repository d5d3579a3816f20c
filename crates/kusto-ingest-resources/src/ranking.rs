//! Storage accounts, ranked by how they did lately; accounts that were not used heal with time.

use std::collections::HashMap;
use std::time::Duration;

use kusto_ingest_core::Timestamp;
use kusto_storage::ResourceUri;

/// How many spans of time are remembered, and how long each is (spec of Kusto's own clients).
const BUCKETS: usize = 6;
const BUCKET: Duration = Duration::from_secs(10);

/// An account belongs to the first tier whose share of successes it reaches.
const TIERS: [f64; 4] = [0.9, 0.7, 0.3, 0.0];

/// The ranks of storage accounts.
///
/// Time and chance are arguments: the same calls give the same order.
#[doc(alias = "RankedStorageAccountSet")]
#[derive(Clone, Debug, Default)]
pub struct RankedAccounts {
    accounts: HashMap<String, Account>,
    turn: usize,
}

#[derive(Clone, Debug)]
struct Account {
    buckets: [Bucket; BUCKETS],
    current: usize,
    updated: Timestamp,
}

#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    succeeded: u32,
    total: u32,
}

impl RankedAccounts {
    /// No accounts yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps the ranks of the accounts that are listed, forgets the others, and greets new ones with the best rank.
    pub fn keep<'a>(&mut self, listed: impl Iterator<Item = &'a str>, now: Timestamp) {
        let mut before = std::mem::take(&mut self.accounts);
        for name in listed {
            if !self.accounts.contains_key(name) {
                let account = before.remove(name).unwrap_or_else(|| Account::new(now));
                self.accounts.insert(name.to_owned(), account);
            }
        }
    }

    /// Counts a success or failure of an account; one that is not listed any more is ignored.
    pub fn log(&mut self, account: &str, succeeded: bool, now: Timestamp) {
        if let Some(account) = self.accounts.get_mut(account) {
            account.log(succeeded, now);
        }
    }

    /// The rank of an account: 1 for no failures lately, 0 for nothing else. Unknown accounts rank 1.
    #[must_use]
    pub fn rank(&self, account: &str, now: Timestamp) -> f64 {
        self.accounts
            .get(account)
            .map_or(1.0, |account| account.rank(now))
    }

    /// Resources in the order in which to try them: the healthiest accounts first, shuffled within a tier,
    /// alternating between accounts, and rotating within an account from call to call. Each appears once.
    #[must_use]
    pub fn ordered(&mut self, resources: &[ResourceUri], now: Timestamp, chance: u64) -> Vec<ResourceUri> {
        let mut groups: Vec<Vec<ResourceUri>> = Vec::new();
        for resource in resources {
            match groups
                .iter_mut()
                .find(|group| group[0].account() == resource.account())
            {
                Some(group) => group.push(resource.clone()),
                None => groups.push(vec![resource.clone()]),
            }
        }
        for group in &mut groups {
            let start = self.turn % group.len();
            group.rotate_left(start);
        }
        self.turn = self.turn.wrapping_add(1);
        shuffle(&mut groups, chance);
        groups.sort_by_key(|group| tier(self.rank(group[0].account(), now)));
        let longest = groups.iter().map(Vec::len).max().unwrap_or(0);
        (0..longest)
            .flat_map(|place| groups.iter().filter_map(move |group| group.get(place).cloned()))
            .collect()
    }
}

impl Account {
    fn new(now: Timestamp) -> Self {
        Self {
            buckets: [Bucket::default(); BUCKETS],
            current: 0,
            updated: now,
        }
    }

    fn log(&mut self, succeeded: bool, now: Timestamp) {
        self.age(now);
        let bucket = &mut self.buckets[self.current];
        bucket.total += 1;
        bucket.succeeded += u32::from(succeeded);
    }

    /// Newer spans weigh more, spans without use not at all.
    fn rank(&self, now: Timestamp) -> f64 {
        let mut aged = self.clone();
        aged.age(now);
        let (mut sum, mut weights) = (0.0, 0.0);
        for age in 1..=BUCKETS {
            let bucket = aged.buckets[(aged.current + age) % BUCKETS];
            if bucket.total > 0 {
                let weight = f64::from(u8::try_from(age).unwrap_or(u8::MAX));
                sum += weight * f64::from(bucket.succeeded) / f64::from(bucket.total);
                weights += weight;
            }
        }
        if weights == 0.0 { 1.0 } else { sum / weights }
    }

    /// Opens new spans for the time that has passed. A span starts with its first use, so it is at least 10 s long.
    fn age(&mut self, now: Timestamp) {
        let passed = now.since(self.updated).as_secs() / BUCKET.as_secs();
        if passed == 0 {
            return;
        }
        let passed = usize::try_from(passed).unwrap_or(BUCKETS).min(BUCKETS);
        for step in 1..=passed {
            self.buckets[(self.current + step) % BUCKETS] = Bucket::default();
        }
        self.current = (self.current + passed) % BUCKETS;
        self.updated = now;
    }
}

/// The place of a rank's tier; the tolerance forgives what binary fractions make of nine tenths.
fn tier(rank: f64) -> usize {
    TIERS
        .iter()
        .position(|least| rank + 1e-9 >= *least)
        .unwrap_or(TIERS.len())
}

/// Fisher-Yates over a small generator that is seeded by the caller's chance.
fn shuffle<T>(items: &mut [T], chance: u64) {
    let mut state = chance;
    for last in (1..items.len()).rev() {
        // SplitMix64: a full-period step and a mix, enough to spread load.
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let pick = (mixed ^ (mixed >> 31)) % (last as u64 + 1);
        items.swap(last, usize::try_from(pick).unwrap_or(last));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::UNIX_EPOCH;

    fn ranked(log: &[(u64, bool)], at: u64) -> f64 {
        let mut ranks = RankedAccounts::new();
        ranks.keep(["a"].into_iter(), START);
        for (second, succeeded) in log {
            ranks.log("a", *succeeded, START + Duration::from_secs(*second));
        }
        ranks.rank("a", START + Duration::from_secs(at))
    }

    #[test]
    fn s02_c68_ranks_follow_the_worked_values() {
        for (log, expect) in [
            (vec![(0, false), (11, true)], 6.0 / 11.0),
            (vec![(0, false), (0, false), (21, true)], 0.6),
            (vec![(0, false), (4, true), (8, true), (12, false)], 0.303),
            (
                vec![
                    (0, true),
                    (11, true),
                    (22, true),
                    (33, false),
                    (44, false),
                    (55, false),
                ],
                6.0 / 21.0,
            ),
            (vec![(0, true), (11, true), (22, true), (112, false)], 0.0),
            (
                vec![
                    (0, true),
                    (0, true),
                    (0, true),
                    (0, false),
                    (0, false),
                    (0, false),
                ],
                0.5,
            ),
        ] {
            let at = log.last().map_or(0, |(second, _)| *second);
            let rank = ranked(&log, at);
            assert!((rank - expect).abs() < 0.001, "{log:?}: {rank} is not {expect}");
        }
        let every_tenth_fails: Vec<_> = (0..60).map(|second| (second, second % 10 != 9)).collect();
        assert_eq!(
            tier(ranked(&every_tenth_fails, 59)),
            0,
            "nine tenths are the first tier"
        );
    }

    #[test]
    fn s02_c69_an_account_that_was_not_used_for_a_minute_ranks_best_again() {
        assert!(ranked(&[(0, false), (5, false)], 5) < 0.1);
        assert!((ranked(&[(0, false), (5, false)], 65) - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn chance_shuffles_and_equal_chance_shuffles_equally() {
        let shuffled = |chance| {
            let mut items: Vec<u8> = (0..10).collect();
            shuffle(&mut items, chance);
            items
        };
        assert_eq!(shuffled(7), shuffled(7));
        assert_ne!(shuffled(7), shuffled(8));
    }
}
