//! The resource manager: asked once for all, served stale while the service fails, refreshed in time.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures::executor::block_on;
use futures::future::{join, join_all};
use kusto_endpoint::{Dataset, ManagementEndpoint, RequestProperties, Table};
use kusto_ingest_core::{Clock, DatabaseName, Error, ErrorKind, ManualClock, Result, Timestamp};
use kusto_ingest_resources::{Outcome, ResourceManager, ResourceProvider};

/// An endpoint that takes a second of the clock for every answer, and counts them.
#[derive(Clone, Debug)]
struct SlowEndpoint {
    clock: ManualClock,
    asked: Arc<Mutex<Vec<String>>>,
    answers: Arc<Mutex<VecDeque<Result<Dataset>>>>,
}

impl SlowEndpoint {
    fn new(clock: &ManualClock, answers: impl IntoIterator<Item = Result<Dataset>>) -> Self {
        let answers = Arc::new(Mutex::new(answers.into_iter().collect()));
        Self {
            clock: clock.clone(),
            asked: Arc::default(),
            answers,
        }
    }

    fn asked(&self) -> usize {
        self.asked.lock().expect("unpoisoned").len()
    }
}

#[async_trait]
impl ManagementEndpoint for SlowEndpoint {
    async fn execute(&self, _: &DatabaseName, command: &str, _: &RequestProperties) -> Result<Dataset> {
        self.asked.lock().expect("unpoisoned").push(command.to_owned());
        let answer = self.answers.lock().expect("unpoisoned").pop_front();
        self.clock.sleep(Duration::from_secs(1)).await;
        answer.expect("the test scripted an answer")
    }
}

const START: Timestamp = Timestamp::UNIX_EPOCH;
const HOUR: Duration = Duration::from_secs(3_600);
const MINUTE: Duration = Duration::from_secs(60);

/// An answer that lends a queue and a container of each account, valid until the given second.
fn lending(accounts: &[&str], expiry: Option<u64>) -> Dataset {
    let signature = expiry.map_or_else(
        || "sig=S".to_owned(),
        |at| format!("se={}&sig=S", START + Duration::from_secs(at)),
    );
    let mut table = Table::of(
        "Table_0",
        &[("ResourceTypeName", "string"), ("StorageRoot", "string")],
    );
    for account in accounts {
        table = table
            .with_row([
                "SecuredReadyForAggregationQueue".to_owned(),
                format!("https://{account}.queue.core.windows.net/q?{signature}"),
            ])
            .with_row([
                "TempStorage".to_owned(),
                format!("https://{account}.blob.core.windows.net/c?{signature}"),
            ]);
    }
    Dataset::single(table)
}

fn token(values: &[&str]) -> Dataset {
    let table = Table::of("Table_0", &[("AuthorizationContext", "string")]);
    Dataset::single(values.iter().fold(table, |table, value| table.with_row([*value])))
}

fn unavailable() -> Error {
    Error::new(ErrorKind::Unavailable, "ask")
}

fn manager(endpoint: &SlowEndpoint) -> ResourceManager {
    ResourceManager::new(Arc::new(endpoint.clone()), Arc::new(endpoint.clock.clone())).with_chance(|| 7)
}

fn accounts(manager: &ResourceManager) -> Vec<String> {
    let lent = block_on(manager.resources()).expect("resources are lent");
    lent.queues()
        .expect("queues are lent")
        .iter()
        .map(|queue| queue.account().to_owned())
        .collect()
}

#[test]
fn s02_c77_fifty_who_start_together_ask_once() {
    let clock = ManualClock::advancing(START);
    let endpoint = SlowEndpoint::new(&clock, [Ok(lending(&["a"], None)), Ok(token(&["T"]))]);
    let manager = manager(&endpoint);
    block_on(async {
        let resources = join_all((0..50).map(|_| manager.resources()));
        let tokens = join_all((0..50).map(|_| manager.identity_token()));
        let (resources, tokens) = join(resources, tokens).await;
        assert!(resources.iter().all(Result::is_ok) && tokens.iter().all(Result::is_ok));
    });
    assert_eq!(
        endpoint.asked.lock().unwrap().as_slice(),
        [".get ingestion resources", ".get kusto identity token"]
    );
}

#[test]
fn a_dropped_refresh_leaves_the_next_caller_free_to_ask() {
    let clock = ManualClock::new(START);
    let endpoint = SlowEndpoint::new(&clock, [Ok(lending(&["a"], None)), Ok(lending(&["a"], None))]);
    let manager = manager(&endpoint);
    let mut first = manager.resources();
    let waker = futures::task::noop_waker();
    assert!(
        first
            .as_mut()
            .poll(&mut std::task::Context::from_waker(&waker))
            .is_pending()
    );
    drop(first);
    let second = join(manager.resources(), async { clock.advance(MINUTE) });
    assert!(block_on(second).0.is_ok());
    assert_eq!(endpoint.asked(), 2, "the dropped one asked, and so did the next");
}

#[test]
fn s02_c70_what_was_lent_serves_on_while_the_service_fails() {
    let clock = ManualClock::advancing(START);
    let failures = std::iter::repeat_with(|| Err(unavailable())).take(8);
    let answers = [Ok(lending(&["a"], None))]
        .into_iter()
        .chain(failures)
        .chain([Ok(lending(&["b"], None))]);
    let endpoint = SlowEndpoint::new(&clock, answers);
    let manager = manager(&endpoint);
    assert_eq!(accounts(&manager), ["a"]);
    clock.advance(HOUR);
    assert_eq!(accounts(&manager), ["a"], "stale, and no error");
    assert_eq!(endpoint.asked(), 5, "four attempts of one refresh");
    assert_eq!(accounts(&manager), ["a"]);
    assert_eq!(endpoint.asked(), 5, "not again within a minute");
    clock.advance(MINUTE);
    assert_eq!(accounts(&manager), ["a"]);
    clock.advance(MINUTE);
    assert_eq!(accounts(&manager), ["b"]);
}

#[test]
fn s02_c71_a_throttled_first_refresh_is_tried_again() {
    let clock = ManualClock::advancing(START);
    let busy = || Err(Error::new(ErrorKind::Throttled, "ask"));
    let endpoint = SlowEndpoint::new(&clock, [busy(), busy(), Ok(lending(&["a"], None))]);
    assert_eq!(accounts(&manager(&endpoint)), ["a"]);
    assert_eq!(endpoint.asked(), 3);
}

#[test]
fn s02_c72_a_refusal_is_not_tried_again() {
    let clock = ManualClock::advancing(START);
    let endpoint = SlowEndpoint::new(&clock, [Err(Error::new(ErrorKind::Forbidden, "ask"))]);
    let error = block_on(manager(&endpoint).resources()).expect_err("the service refuses");
    assert!(error.kind() == ErrorKind::Forbidden && error.is_permanent());
    assert_eq!(endpoint.asked(), 1);
}

#[test]
fn s02_c73_rows_that_cannot_be_read_are_left_out() {
    let clock = ManualClock::advancing(START);
    let mut lent = lending(&["a"], None);
    let odd = ["SecuredReadyForAggregationQueue", "not a url"];
    lent.tables[0] = lent.tables[0]
        .clone()
        .with_row(odd)
        .with_row(["Novelty", "https://b.queue.core.windows.net/q"]);
    let endpoint = SlowEndpoint::new(&clock, [Ok(lent)]);
    assert_eq!(accounts(&manager(&endpoint)), ["a"]);
}

#[test]
fn s02_c74_no_queue_is_an_error_of_its_own() {
    let clock = ManualClock::advancing(START);
    let endpoint = SlowEndpoint::new(&clock, [Ok(lending(&[], None)), Ok(lending(&[], None))]);
    let lent = block_on(manager(&endpoint).resources()).expect("an empty answer is an answer");
    assert_eq!(
        lent.queues().expect_err("none was lent").kind(),
        ErrorKind::NoResources
    );
}

#[test]
fn s02_c78_a_token_must_be_one_text() {
    for values in [&[""][..], &["  "], &["a", "b"], &[]] {
        let clock = ManualClock::advancing(START);
        let endpoint = SlowEndpoint::new(&clock, [Ok(token(values))]);
        assert!(
            block_on(manager(&endpoint).identity_token()).is_err(),
            "{values:?}"
        );
    }
}

#[test]
fn s02_c80_signatures_are_replaced_before_they_expire() {
    let clock = ManualClock::advancing(START);
    let dead = Err(Error::new(ErrorKind::Forbidden, "ask"));
    let endpoint = SlowEndpoint::new(
        &clock,
        [
            Ok(lending(&["a"], Some(1_800))),
            Ok(lending(&["b"], Some(3_600))),
            dead,
        ],
    );
    let manager = manager(&endpoint);
    assert_eq!(accounts(&manager), ["a"]);
    clock.set(START + Duration::from_secs(1_800 - 301));
    assert_eq!(accounts(&manager), ["a"], "more than five minutes are left");
    clock.set(START + Duration::from_secs(1_800 - 120));
    assert_eq!(
        accounts(&manager),
        ["b"],
        "two minutes before the end, new ones are fetched first"
    );
    clock.set(START + Duration::from_secs(3_601));
    let error = block_on(manager.resources()).expect_err("all are dead, and the service refuses");
    assert_eq!(error.kind(), ErrorKind::Forbidden);
}

#[test]
fn one_dead_signature_among_valid_ones_is_not_offered() {
    let clock = ManualClock::advancing(START + HOUR);
    let mut lent = lending(&["a"], Some(10 * 3_600));
    let dead = "https://b.queue.core.windows.net/q?se=1970-01-01T00:00:01Z&sig=S";
    lent.tables[0] = lent.tables[0]
        .clone()
        .with_row(["SecuredReadyForAggregationQueue", dead]);
    let endpoint = SlowEndpoint::new(&clock, [Ok(lent)]);
    assert_eq!(accounts(&manager(&endpoint)), ["a"]);
}

#[test]
fn s02_c65_c66_accounts_alternate_and_each_resource_appears_once() {
    let clock = ManualClock::advancing(START);
    let mut lent = lending(&["a", "b"], None);
    for extra in ["q1", "q2"] {
        let address = format!("https://a.queue.core.windows.net/{extra}?sig=S");
        lent.tables[0] = lent.tables[0]
            .clone()
            .with_row(["SecuredReadyForAggregationQueue".to_owned(), address]);
    }
    let endpoint = SlowEndpoint::new(&clock, [Ok(lent)]);
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
    let clock = ManualClock::advancing(START);
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
    let clock = ManualClock::advancing(START);
    let endpoint = SlowEndpoint::new(&clock, [Ok(lending(&["a", "b"], None))]);
    let manager = manager(&endpoint);
    let bad = block_on(manager.resources()).unwrap().queues().unwrap()[0].clone();
    manager.report(&bad, Outcome::Failure);
    assert!((0..5).all(|_| accounts(&manager)[1] == bad.account()));
    clock.advance(MINUTE);
    manager.report(&bad, Outcome::Success);
    assert_eq!(endpoint.asked(), 1);
}

#[test]
fn s02_c61_a_refused_signature_is_asked_for_anew_once() {
    let clock = ManualClock::advancing(START);
    let endpoint = SlowEndpoint::new(&clock, [Ok(lending(&["a"], None)), Ok(lending(&["b"], None))]);
    let manager = manager(&endpoint);
    let refused = block_on(manager.resources()).unwrap().queues().unwrap()[0].clone();
    clock.advance(MINUTE);
    manager.report(&refused, Outcome::Refused);
    manager.report(&refused, Outcome::Refused);
    assert_eq!(accounts(&manager), ["b"]);
    assert_eq!(accounts(&manager), ["b"]);
    assert_eq!(endpoint.asked(), 2);
}

#[test]
fn what_is_lent_over_plain_http_is_used_only_where_that_was_accepted() {
    let lent = || {
        let mut lent = lending(&["a"], None);
        let plain = [
            "SecuredReadyForAggregationQueue",
            "http://127.0.0.1:10000/plain/q?sig=S",
        ];
        lent.tables[0] = lent.tables[0].clone().with_row(plain);
        lent
    };
    let clock = ManualClock::advancing(START);
    let endpoint = SlowEndpoint::new(&clock, [Ok(lent()), Ok(lent())]);
    assert_eq!(accounts(&manager(&endpoint)), ["a"]);
    let mut both = accounts(&manager(&endpoint).accepting_plain_http());
    both.sort();
    assert_eq!(both, ["a", "plain"]);
}

#[test]
fn folders_are_used_only_where_that_was_accepted_and_never_in_place_of_a_queue() {
    let lent = || {
        let mut lent = lending(&[], None);
        let table = lent.tables[0].clone();
        lent.tables[0] = table
            .with_row(["TempStorage", r"\\server\share\staging"])
            .with_row(["TempStorage", "file:///mnt/staging"])
            .with_row(["TempStorage", "ftp://server/staging"])
            .with_row(["SecuredReadyForAggregationQueue", "file:///mnt/queue"]);
        lent
    };
    let clock = ManualClock::advancing(START);
    let endpoint = SlowEndpoint::new(&clock, [Ok(lent()), Ok(lent())]);
    let refusing = block_on(manager(&endpoint).resources()).expect("the answer is good");
    let error = refusing.containers().expect_err("folders were not accepted");
    assert_eq!(error.kind(), ErrorKind::NoResources);
    assert!(error.to_string().contains("folders"), "{error}");

    let accepting = block_on(manager(&endpoint).accepting_folders().resources());
    let accepting = accepting.expect("the answer is good");
    let containers = accepting.containers().expect("two are lent");
    let mut accounts: Vec<&str> = containers.iter().map(|folder| folder.account()).collect();
    accounts.sort_unstable();
    assert_eq!(accounts, ["file-system", "server"]);
    assert!(accepting.queues().is_err(), "a folder is no queue");
}

#[test]
fn an_engine_lends_containers_and_nothing_else() {
    let clock = ManualClock::new(START);
    let root = "https://acct.blob.core.windows.net/temp?sig=S";
    let table = Table::of("Table_0", &[("StorageRoot", "string")]).with_row([root]);
    let endpoint = SlowEndpoint::new(&clock, [Ok(Dataset::single(table))]);
    let manager = ResourceManager::of_engine(Arc::new(endpoint.clone()), Arc::new(clock.clone()));
    let both = join(manager.resources(), async {
        clock.advance(Duration::from_secs(1));
    });
    let lent = block_on(both).0.expect("it lends a container");
    assert_eq!(lent.containers().expect("one")[0].expose().as_str(), root);
    assert_eq!(lent.queues().expect_err("none").kind(), ErrorKind::NoResources);
    block_on(manager.resources()).expect("from memory");
    let token = block_on(manager.identity_token()).expect_err("an engine gives none");
    assert_eq!(token.kind(), ErrorKind::Unsupported);
    let asked = endpoint.asked.lock().expect("unpoisoned").clone();
    assert_eq!(asked, [".create tempstorage"]);
}

#[test]
fn an_engine_that_names_no_container_is_not_understood() {
    let clock = ManualClock::advancing(START);
    let empty = Table::of("Table_0", &[("StorageRoot", "string")]);
    let endpoint = SlowEndpoint::new(&clock, [Ok(Dataset::single(empty))]);
    let manager = ResourceManager::of_engine(Arc::new(endpoint), Arc::new(clock));
    let error = block_on(manager.resources()).expect_err("nothing is lent");
    assert_eq!(error.kind(), ErrorKind::Protocol);
}
