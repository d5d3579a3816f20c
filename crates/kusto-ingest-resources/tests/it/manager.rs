//! The resource manager: what it makes of the answers, and in which order it gives what was issued.

mod commands;
mod refresh;
mod world;

use std::sync::Arc;

use futures::executor::block_on;
use futures::future::{join, join_all};
use kusto_endpoint::{Dataset, Table};
use kusto_ingest_core::testing::{HOUR, MINUTE, SECOND, clock};
use kusto_ingest_core::{ErrorKind, ManualClock};
use kusto_ingest_resources::{Outcome, ResourceManager, ResourceProvider};

use self::world::{START, SlowEndpoint, accounts, issuing, manager, token};

#[test]
fn one_dead_sas_among_valid_ones_is_not_offered() {
    let clock = ManualClock::advancing(START + HOUR);
    let mut issued = issuing(&["a"], Some(10 * 3_600));
    let dead = "https://b.queue.core.windows.net/q?se=1970-01-01T00:00:01Z&sig=S";
    issued.tables[0] = issued.tables[0]
        .clone()
        .with_row(["SecuredReadyForAggregationQueue", dead]);
    let endpoint = SlowEndpoint::new(&clock, [Ok(issued)]);
    assert_eq!(accounts(&manager(&endpoint)), ["a"]);
}

#[test]
fn s02_c77_fifty_who_start_together_ask_once() {
    let clock = clock();
    let endpoint = SlowEndpoint::new(&clock, [Ok(issuing(&["a"], None)), Ok(token(&["T"]))]);
    let manager = manager(&endpoint);
    block_on(async {
        let resources = join_all((0..50).map(|_| manager.resources()));
        let tokens = join_all((0..50).map(|_| manager.identity_token()));
        let (resources, tokens) = join(resources, tokens).await;
        assert!(resources.iter().all(Result::is_ok) && tokens.iter().all(Result::is_ok));
    });
    assert_eq!(
        endpoint.commands(),
        [".get ingestion resources", ".get kusto identity token"]
    );
}

#[test]
fn s02_c73_rows_that_cannot_be_read_are_left_out() {
    let clock = clock();
    let mut issued = issuing(&["a"], None);
    let odd = ["SecuredReadyForAggregationQueue", "not a url"];
    issued.tables[0] = issued.tables[0]
        .clone()
        .with_row(odd)
        .with_row(["Novelty", "https://b.queue.core.windows.net/q"]);
    let endpoint = SlowEndpoint::new(&clock, [Ok(issued)]);
    assert_eq!(accounts(&manager(&endpoint)), ["a"]);
}

#[test]
fn s02_c74_no_queue_is_an_error_of_its_own() {
    let clock = clock();
    let endpoint = SlowEndpoint::new(&clock, [Ok(issuing(&[], None)), Ok(issuing(&[], None))]);
    let issued = block_on(manager(&endpoint).resources()).expect("an empty answer is an answer");
    assert_eq!(
        issued.queues().expect_err("none was issued").kind(),
        ErrorKind::NoResources
    );
}

#[test]
fn s02_c78_a_token_must_be_one_text() {
    for values in [&[""][..], &["  "], &["a", "b"], &[]] {
        let clock = clock();
        let endpoint = SlowEndpoint::new(&clock, [Ok(token(values))]);
        assert!(
            block_on(manager(&endpoint).identity_token()).is_err(),
            "{values:?}"
        );
    }
}

#[test]
fn s02_c65_c66_accounts_alternate_and_each_resource_appears_once() {
    let clock = clock();
    let mut issued = issuing(&["a", "b"], None);
    for extra in ["q1", "q2"] {
        let address = format!("https://a.queue.core.windows.net/{extra}?sig=S");
        issued.tables[0] = issued.tables[0]
            .clone()
            .with_row(["SecuredReadyForAggregationQueue".to_owned(), address]);
    }
    let endpoint = SlowEndpoint::new(&clock, [Ok(issued)]);
    let manager = manager(&endpoint);
    for _ in 0..5 {
        let order = accounts(&manager);
        assert_eq!(order.len(), 4);
        assert!(
            order[0] != order[1] && order[2] == "a" && order[3] == "a",
            "{order:?}"
        );
    }
}

#[test]
fn s02_c79_the_containers_of_one_account_take_turns() {
    let clock = clock();
    let mut table = Table::of(
        "Table_0",
        &[("ResourceTypeName", "string"), ("StorageRoot", "string")],
    );
    for place in 0..5 {
        table = table.with_row([
            "TempStorage".to_owned(),
            format!("https://a.blob.core.windows.net/c{place}?sig=S"),
        ]);
    }
    let endpoint = SlowEndpoint::new(&clock, [Ok(Dataset::single(table))]);
    let manager = manager(&endpoint);
    let mut firsts: Vec<String> = (0..10)
        .map(|_| {
            block_on(manager.resources()).unwrap().containers().unwrap()[0]
                .name()
                .to_owned()
        })
        .collect();
    firsts.sort();
    assert_eq!(
        firsts,
        ["c0", "c0", "c1", "c1", "c2", "c2", "c3", "c3", "c4", "c4"]
    );
}

#[test]
fn a_failing_account_is_tried_last_until_it_has_healed() {
    let clock = clock();
    let endpoint = SlowEndpoint::new(&clock, [Ok(issuing(&["a", "b"], None))]);
    let manager = manager(&endpoint);
    let bad = block_on(manager.resources()).unwrap().queues().unwrap()[0].clone();
    manager.report(&bad, Outcome::Failure);
    assert!((0..5).all(|_| accounts(&manager)[1] == bad.account()));
    clock.advance(MINUTE);
    manager.report(&bad, Outcome::Success);
    assert_eq!(endpoint.asked(), 1);
}

#[test]
fn what_is_issued_over_plain_http_is_used_only_where_that_was_accepted() {
    let issued = || {
        let mut issued = issuing(&["a"], None);
        let plain = [
            "SecuredReadyForAggregationQueue",
            "http://127.0.0.1:10000/plain/q?sig=S",
        ];
        issued.tables[0] = issued.tables[0].clone().with_row(plain);
        issued
    };
    let clock = clock();
    let endpoint = SlowEndpoint::new(&clock, [Ok(issued()), Ok(issued())]);
    assert_eq!(accounts(&manager(&endpoint)), ["a"]);
    let mut both = accounts(&manager(&endpoint).with_plain_http());
    both.sort();
    assert_eq!(both, ["a", "plain"]);
}

#[test]
fn folders_are_used_only_where_that_was_accepted_and_never_in_place_of_a_queue() {
    let issued = || {
        let mut issued = issuing(&[], None);
        let table = issued.tables[0].clone();
        issued.tables[0] = table
            .with_row(["TempStorage", r"\\server\share\staging"])
            .with_row(["TempStorage", "file:///mnt/staging"])
            .with_row(["TempStorage", "ftp://server/staging"])
            .with_row(["SecuredReadyForAggregationQueue", "file:///mnt/queue"]);
        issued
    };
    let clock = clock();
    let endpoint = SlowEndpoint::new(&clock, [Ok(issued()), Ok(issued())]);
    let refusing = block_on(manager(&endpoint).resources()).expect("the answer is good");
    let error = refusing.containers().expect_err("folders were not accepted");
    assert_eq!(error.kind(), ErrorKind::NoResources);
    assert!(error.to_string().contains("folders"), "{error}");

    let accepting = block_on(manager(&endpoint).with_folders().resources());
    let accepting = accepting.expect("the answer is good");
    let containers = accepting.containers().expect("two are issued");
    let mut accounts: Vec<&str> = containers.iter().map(|folder| folder.account()).collect();
    accounts.sort_unstable();
    assert_eq!(accounts, ["file-system", "server"]);
    assert!(accepting.queues().is_err(), "a folder is no queue");
}

#[test]
fn an_engine_issues_containers_and_nothing_else() {
    let clock = ManualClock::new(START);
    let root = "https://acct.blob.core.windows.net/temp?sig=S";
    let table = Table::of("Table_0", &[("StorageRoot", "string")]).with_row([root]);
    let endpoint = SlowEndpoint::new(&clock, [Ok(Dataset::single(table))]);
    let manager = ResourceManager::of_engine(Arc::new(endpoint.clone()), Arc::new(clock.clone()));
    let both = join(manager.resources(), async {
        clock.advance(SECOND);
    });
    let issued = block_on(both).0.expect("it issues a container");
    assert_eq!(issued.containers().expect("one")[0].expose().as_str(), root);
    assert_eq!(issued.queues().expect_err("none").kind(), ErrorKind::NoResources);
    block_on(manager.resources()).expect("from memory");
    let token = block_on(manager.identity_token()).expect_err("an engine gives none");
    assert_eq!(token.kind(), ErrorKind::Unsupported);
    assert_eq!(endpoint.commands(), [".create tempstorage"]);
}

#[test]
fn an_engine_that_names_no_container_is_not_understood() {
    let clock = clock();
    let empty = Table::of("Table_0", &[("StorageRoot", "string")]);
    let endpoint = SlowEndpoint::new(&clock, [Ok(Dataset::single(empty))]);
    let manager = ResourceManager::of_engine(Arc::new(endpoint), Arc::new(clock));
    let error = block_on(manager.resources()).expect_err("nothing is issued");
    assert_eq!(error.kind(), ErrorKind::Protocol);
}

#[test]
fn two_programs_try_the_accounts_in_different_orders() {
    let clock = clock();
    let ten = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    let order = |_| {
        let endpoint = SlowEndpoint::new(&clock, [Ok(issuing(&ten, None))]);
        accounts(&ResourceManager::new(Arc::new(endpoint), Arc::new(clock.clone())))
    };
    let orders: Vec<_> = (0..8).map(order).collect();
    assert!(orders.iter().any(|order| *order != orders[0]), "{orders:?}");
}

#[test]
fn a_busy_account_is_given_last_and_marked_as_long_as_it_asked_for() {
    let clock = clock();
    let endpoint = SlowEndpoint::new(&clock, [Ok(issuing(&["a", "b"], None))]);
    let manager = manager(&endpoint);
    let issued = block_on(manager.resources()).expect("two accounts");
    let busy = issued.queues().expect("two")[0].clone();
    manager.report(&busy, Outcome::Throttled(MINUTE));
    let at_once = block_on(manager.resources()).expect("from memory");
    assert!(at_once.is_busy(&busy) && accounts(&manager)[1] == busy.account());
    clock.advance(MINUTE);
    assert!(!block_on(manager.resources()).expect("from memory").is_busy(&busy));
}

#[test]
fn status_tables_are_given_the_healthiest_account_first_as_well() {
    let clock = clock();
    let table = |account: &str| {
        let address = format!("https://{account}.table.core.windows.net/t?sig=S");
        ["IngestionsStatusTable".to_owned(), address]
    };
    let mut issued = issuing(&["q"], None);
    issued.tables[0] = ["a", "b", "c"]
        .iter()
        .fold(issued.tables[0].clone(), |rows, account| {
            rows.with_row(table(account))
        });
    let endpoint = SlowEndpoint::new(&clock, [Ok(issued)]);
    let manager = manager(&endpoint);
    let given = || {
        block_on(manager.resources())
            .expect("three tables")
            .status_tables()
            .expect("three")
            .to_vec()
    };
    for place in 0..2 {
        let bad = given()[place].clone();
        manager.report(&bad, Outcome::Failure);
        assert!(
            given().iter().rev().take(place + 1).any(|table| *table == bad),
            "{:?}",
            given()
        );
    }
    let good = given()[0].clone();
    assert!((0..9).all(|_| given()[0] == good));
}
