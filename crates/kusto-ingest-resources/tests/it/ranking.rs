//! The order in which accounts are tried, from how they did.

use std::time::Duration;

use kusto_ingest_resources::{IngestionResources, Outcome, RankedAccounts};
use kusto_storage::ResourceUri;

/// Accounts, and how many of a hundred uses of each succeeded.
const DID: [(&str, u32); 10] = [
    ("a", 95),
    ("b", 40),
    ("c", 80),
    ("d", 20),
    ("e", 97),
    ("f", 10),
    ("g", 50),
    ("h", 75),
    ("i", 29),
    ("j", 0),
];

fn queue(account: &str) -> ResourceUri {
    let address = format!("https://{account}.queue.core.windows.net/q?sig=S");
    ResourceUri::parse(&address).expect("a good address")
}

/// The accounts in the order of each of so many draws.
fn drawn(draws: u64) -> Vec<String> {
    let now = Duration::ZERO;
    let mut ranks = RankedAccounts::new();
    ranks.retain(DID.iter().map(|(account, _)| *account), now);
    for (account, succeeded) in DID {
        let outcome = |turn| {
            if turn < succeeded {
                Outcome::Success
            } else {
                Outcome::Failure
            }
        };
        (0..100).for_each(|turn| ranks.log(account, outcome(turn), now));
    }
    let queues = DID.map(|(account, _)| queue(account));
    let mut ordered = |random| ranks.ordered(&queues, now, random);
    (0..draws)
        .map(|random| ordered(random).iter().map(ResourceUri::account).collect())
        .collect()
}

#[test]
fn s02_c67_accounts_are_drawn_within_their_tier_and_never_across() {
    let mut draws = drawn(5_000);
    for draw in &draws {
        let tiers = [&draw[..2], &draw[2..4], &draw[4..6], &draw[6..]].map(|tier| {
            let mut accounts: Vec<char> = tier.chars().collect();
            accounts.sort_unstable();
            accounts.into_iter().collect::<String>()
        });
        assert_eq!(tiers, ["ae", "ch", "bg", "dfij"], "{draw}");
    }
    draws.sort_unstable();
    draws.dedup();
    // What a draw by descending names gives, and all others: 2 × 2 × 2 × 24.
    assert!(draws.binary_search(&"eahcgbjifd".to_owned()).is_ok());
    assert_eq!(draws.len(), 192, "every order within the tiers is drawn");
}

#[test]
fn a_busy_account_comes_last_and_is_told_as_busy_until_its_time_is_over() {
    let mut ranks = RankedAccounts::new();
    let issued = IngestionResources::empty().with_queues(["a", "b", "c"].map(queue));
    let at = |second, ranks: &mut RankedAccounts| {
        let arranged = ranks.ranked(&issued, Duration::from_secs(second), 7);
        let busy = |it: &ResourceUri| (it.account().to_owned(), arranged.is_busy(it));
        arranged
            .queues()
            .expect("three")
            .iter()
            .map(busy)
            .collect::<Vec<_>>()
    };
    assert!(at(0, &mut ranks).iter().all(|(_, is_busy)| !is_busy));
    for second in 0..9 {
        // However bad the others are.
        ranks.log("b", Outcome::Failure, Duration::from_secs(second));
        ranks.log("c", Outcome::Failure, Duration::from_secs(second));
    }
    ranks.log(
        "a",
        Outcome::Throttled(Duration::from_secs(30)),
        Duration::from_secs(9),
    );
    ranks.log(
        "a",
        Outcome::Throttled(Duration::from_secs(3)),
        Duration::from_secs(9),
    );
    for second in [9, 38] {
        let order = at(second, &mut ranks);
        assert_eq!(order[2], ("a".to_owned(), true), "{order:?}");
        assert!(!order[0].1 && !order[1].1, "{order:?}");
    }
    assert!(at(39, &mut ranks).iter().all(|(_, is_busy)| !is_busy));
}
