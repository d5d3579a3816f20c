//! The order in which accounts are tried, from how they did.

use kusto_ingest_core::Timestamp;
use kusto_ingest_resources::RankedAccounts;
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

/// The accounts in the order of each of so many draws.
fn drawn(draws: u64) -> Vec<String> {
    let now = Timestamp::UNIX_EPOCH;
    let mut ranks = RankedAccounts::new();
    ranks.keep(DID.iter().map(|(account, _)| *account), now);
    for (account, succeeded) in DID {
        (0..100).for_each(|turn| ranks.log(account, turn < succeeded, now));
    }
    let queues = DID.map(|(account, _)| {
        let address = format!("https://{account}.queue.core.windows.net/q?sig=S");
        ResourceUri::parse(&address).expect("a good address")
    });
    let mut ordered = |chance| ranks.ordered(&queues, now, chance);
    (0..draws)
        .map(|chance| ordered(chance).iter().map(ResourceUri::account).collect())
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
