//! Storage accounts, ranked by their recent success; the rank of an account that is not used recovers with time.

use std::collections::HashMap;
use std::time::Duration;

use kusto_storage::ResourceUri;

use crate::{IngestionResources, Outcome};

/// How many spans of time are remembered, and how long each is (spec of Kusto's own clients).
const BUCKETS: usize = 6;
const BUCKET: Duration = Duration::from_secs(10);

/// An account belongs to the first tier whose share of successes it reaches.
const TIERS: [f64; 4] = [0.9, 0.7, 0.3, 0.0];

/// The ranks of storage accounts.
///
/// Time, on the monotonic side of a clock, and random numbers are arguments: the same calls give the same order.
#[doc(alias = "RankedStorageAccountSet")]
#[derive(Clone, Debug, Default)]
pub struct RankedAccounts {
    accounts: HashMap<String, Account>,
    /// The accounts as they were listed last, by which a list that is the same is known.
    listed: Vec<String>,
    turn: usize,
    sorting: Sorting,
}

/// What resources are brought in order with. It is kept from one time to the next, and empty between them.
#[derive(Clone, Debug, Default)]
struct Sorting {
    groups: Vec<Group>,
    members: Vec<Member>,
    order: Vec<usize>,
}

/// A resource among others: its place in their list, its group, and its number there.
#[derive(Clone, Copy, Debug)]
struct Member {
    resource: usize,
    group: usize,
    number: usize,
}

/// An account among resources that are brought in order, and how many of them it has.
#[derive(Clone, Debug)]
struct Group {
    /// The first of its resources, in their list.
    first: usize,
    len: usize,
    is_busy: bool,
    tier: usize,
    /// Its place among the accounts.
    place: usize,
}

#[derive(Clone, Debug)]
struct Account {
    buckets: [Bucket; BUCKETS],
    current: usize,
    updated: Duration,
    /// The rank as of then: it is asked for much more often than it changes.
    rank: f64,
    /// Until when it asked for a pause (`Retry-After`).
    busy_until: Duration,
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

    /// Keeps the ranks of the listed accounts, removes all others, and gives new ones the best rank.
    pub fn retain<'a>(&mut self, listed: impl Iterator<Item = &'a str> + Clone, now: Duration) {
        if listed.clone().eq(self.listed.iter()) {
            return;
        }
        self.listed = listed.clone().map(str::to_owned).collect();
        let mut before = std::mem::take(&mut self.accounts);
        for name in listed {
            if !self.accounts.contains_key(name) {
                let account = before.remove(name).unwrap_or_else(|| Account::new(now));
                self.accounts.insert(name.to_owned(), account);
            }
        }
    }

    /// Counts the outcome of the use of an account. An account that is not listed any more is ignored.
    pub fn log(&mut self, account: &str, outcome: Outcome, now: Duration) {
        if let Some(account) = self.accounts.get_mut(account) {
            account.log(outcome == Outcome::Success, now);
            if let Outcome::Throttled(wait) = outcome {
                account.busy_until = account.busy_until.max(now.saturating_add(wait));
            }
        }
    }

    /// Whether an account asked for a pause (`Retry-After`) that is not over.
    #[must_use]
    pub fn is_busy(&self, account: &str, now: Duration) -> bool {
        self.accounts
            .get(account)
            .is_some_and(|account| account.is_busy(now))
    }

    /// The rank of an account: 1 for no failures lately, 0 for nothing else. Unknown accounts rank 1.
    #[must_use]
    pub fn rank(&self, account: &str, now: Duration) -> f64 {
        self.accounts
            .get(account)
            .map_or(1.0, |account| account.rank(now))
    }

    /// Resources in the order in which to try them: the healthiest accounts first, shuffled within a tier,
    /// alternating between accounts, and rotating within an account from call to call; busy accounts last. Each appears
    /// once.
    #[must_use]
    pub fn ordered(&mut self, resources: &[ResourceUri], now: Duration, random: u64) -> Vec<ResourceUri> {
        let mut sorting = std::mem::take(&mut self.sorting);
        let Sorting {
            groups,
            members,
            order,
        } = &mut sorting;
        for (resource, uri) in resources.iter().enumerate() {
            // There are few, so they are looked through.
            let is_of = |group: &Group| resources[group.first].account() == uri.account();
            let group = groups.iter().position(is_of).unwrap_or_else(|| {
                groups.push(self.new_group(resource, uri.account(), now));
                groups.len() - 1
            });
            let number = groups[group].len;
            groups[group].len += 1;
            members.push(Member {
                resource,
                group,
                number,
            });
        }
        order.extend(0..groups.len());
        shuffle(order, random);
        order.sort_by_key(|group| groups[*group].tier);
        for (place, group) in order.iter().enumerate() {
            groups[*group].place = place;
        }
        let turn = self.turn;
        self.turn = turn.wrapping_add(1);
        members.sort_by_key(|member| {
            let group = &groups[member.group];
            let round = (member.number + group.len - turn % group.len) % group.len;
            (group.is_busy, round, group.place)
        });
        let ordered = members.iter().map(|member| resources[member.resource].clone());
        let ordered = ordered.collect();
        sorting.clear();
        self.sorting = sorting;
        ordered
    }

    fn new_group(&self, first: usize, account: &str, now: Duration) -> Group {
        let ranked = self.accounts.get(account);
        Group {
            first,
            len: 0,
            is_busy: ranked.is_some_and(|account| account.is_busy(now)),
            tier: tier(ranked.map_or(1.0, |account| account.rank(now))),
            place: 0,
        }
    }

    /// The issued resources, with queues, containers and tables [in order](Self::ordered), and with the busy accounts
    /// marked. Keeps the ranks of its accounts, as [`retain`](Self::retain) does.
    #[must_use]
    pub fn ranked(&mut self, issued: &IngestionResources, now: Duration, random: u64) -> IngestionResources {
        self.retain(issued.ranked_accounts(), now);
        let busy = self.accounts.iter().filter(|(_, account)| account.is_busy(now));
        let busy = busy.map(|(name, _)| name.clone()).collect();
        issued.ranked(|list| self.ordered(list, now, random), busy)
    }
}

impl Sorting {
    fn clear(&mut self) {
        self.groups.clear();
        self.members.clear();
        self.order.clear();
    }
}

impl Account {
    fn new(now: Duration) -> Self {
        Self {
            buckets: [Bucket::default(); BUCKETS],
            current: 0,
            updated: now,
            rank: 1.0,
            busy_until: Duration::ZERO,
        }
    }

    fn is_busy(&self, now: Duration) -> bool {
        self.busy_until > now
    }

    fn log(&mut self, succeeded: bool, now: Duration) {
        self.age(now);
        let bucket = &mut self.buckets[self.current];
        bucket.total += 1;
        bucket.succeeded += u32::from(succeeded);
        self.rank = self.worked_out();
    }

    fn rank(&self, now: Duration) -> f64 {
        if now.saturating_sub(self.updated) < BUCKET {
            return self.rank;
        }
        let mut aged = self.clone();
        aged.age(now);
        aged.worked_out()
    }

    /// Newer spans weigh more, spans without use not at all.
    fn worked_out(&self) -> f64 {
        let (mut sum, mut weights) = (0.0, 0.0);
        for age in 1..=BUCKETS {
            let bucket = self.buckets[(self.current + age) % BUCKETS];
            if bucket.total > 0 {
                let weight = f64::from(u8::try_from(age).unwrap_or(u8::MAX));
                sum += weight * f64::from(bucket.succeeded) / f64::from(bucket.total);
                weights += weight;
            }
        }
        if weights == 0.0 { 1.0 } else { sum / weights }
    }

    /// Opens new spans for the time that has passed. A span starts with its first use, so it is at least 10 s long.
    fn age(&mut self, now: Duration) {
        let passed = now.saturating_sub(self.updated).as_secs() / BUCKET.as_secs();
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

/// Fisher-Yates over a small generator that is seeded by the caller's random number.
fn shuffle<T>(items: &mut [T], random: u64) {
    let mut state = random;
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

    fn ranked(log: &[(u64, bool)], at: u64) -> f64 {
        let mut ranks = RankedAccounts::new();
        ranks.retain(["a"].into_iter(), Duration::ZERO);
        for (second, succeeded) in log {
            let outcome = if *succeeded {
                Outcome::Success
            } else {
                Outcome::Failure
            };
            ranks.log("a", outcome, Duration::from_secs(*second));
        }
        ranks.rank("a", Duration::from_secs(at))
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
    fn a_shuffle_brings_each_to_each_place_about_equally_often() {
        let mut places = [[0_u32; 8]; 8];
        for random in 0..8_000 {
            let mut items: Vec<usize> = (0..8).collect();
            shuffle(&mut items, random);
            for (place, item) in items.into_iter().enumerate() {
                places[place][item] += 1;
            }
        }
        let least = places.iter().flatten().min().expect("64 counts");
        let most = places.iter().flatten().max().expect("64 counts");
        assert!(
            *least > 880 && *most < 1_120,
            "{least} to {most}, where 1,000 are expected"
        );
    }
}
