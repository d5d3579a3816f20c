//! When what was issued is fetched anew, and what serves until then.

use std::time::Duration;

use futures::FutureExt;
use futures::executor::block_on;
use kusto_endpoint::Dataset;
use kusto_ingest_core::testing::{HOUR, MINUTE, SECOND, clock};
use kusto_ingest_core::{Clock, Error, ErrorKind, ManualClock, Result, drive_refresh, within};
use kusto_ingest_resources::{Outcome, ResourceManager, ResourceProvider};

use super::world::{
    START, SlowEndpoint, accounts, container, issuing, manager, queue, rows, token, unavailable,
};

/// A manager that has what is good for twelve hours, and whose service answers at once.
fn warm() -> (SlowEndpoint, ResourceManager) {
    let clock = clock();
    let endpoint = SlowEndpoint::new(&clock, []);
    endpoint.always(Duration::ZERO, Ok(issuing(&["a"], Some(12 * 3_600))));
    let manager = manager(&endpoint);
    assert_eq!(accounts(&manager), ["a"]);
    (endpoint, manager)
}

fn dead() -> Result<Dataset> {
    Err(Error::new(ErrorKind::Forbidden, "ask"))
}

#[test]
fn a_dropped_fetch_leaves_the_next_caller_free_to_ask() {
    let clock = ManualClock::new(START);
    let endpoint = SlowEndpoint::new(&clock, []);
    endpoint.always(SECOND, Ok(issuing(&["a"], None)));
    let manager = manager(&endpoint);
    let mut first = manager.resources();
    assert!((&mut first).now_or_never().is_none());
    drop(first);
    let mut second = manager.resources();
    assert!((&mut second).now_or_never().is_none());
    clock.advance(SECOND);
    assert!(second.now_or_never().expect("it is answered").is_ok());
    assert_eq!(endpoint.asked(), 2, "the dropped one asked, and so did the next");
}

#[test]
fn what_is_at_hand_is_told_without_a_fetch_though_one_is_due() {
    let (endpoint, manager) = warm();
    let asked = endpoint.asked();
    endpoint.clock.advance(HOUR);
    let at_hand = manager.peek().expect("something was issued");
    assert_eq!(at_hand.containers().map(<[_]>::len).ok(), Some(1));
    assert_eq!(endpoint.asked(), asked, "nobody was asked");
    assert_eq!(accounts(&manager), ["a"]);
    assert!(
        endpoint.asked() > asked,
        "and what is due is fetched by the next who needs it"
    );
    let clock = ManualClock::new(START);
    assert!(self::manager(&SlowEndpoint::new(&clock, [])).peek().is_none());
}

#[test]
fn s02_c70_what_was_issued_serves_on_while_the_service_fails() {
    let (endpoint, manager) = warm();
    endpoint.clock.advance(HOUR);
    endpoint.always(Duration::ZERO, Err(unavailable()));
    assert_eq!(accounts(&manager), ["a"], "stale, and no error");
    let asked = endpoint.asked();
    assert!(asked > 1);
    endpoint.clock.advance(57 * SECOND);
    assert_eq!(accounts(&manager), ["a"]);
    assert_eq!(endpoint.asked(), asked, "not again within a minute");
    endpoint.always(Duration::ZERO, Ok(issuing(&["b"], None)));
    endpoint.clock.advance(SECOND);
    assert_eq!(accounts(&manager), ["b"]);
    assert_eq!(endpoint.asked(), asked + 1);
}

#[test]
fn while_the_service_is_silent_every_call_within_a_deadline_succeeds() {
    let (endpoint, manager) = warm();
    let clock = &endpoint.clock;
    clock.advance(HOUR);
    endpoint.is_silent();
    for _ in 0..20 {
        let flow = drive_refresh(clock, manager.refresh(), manager.resources());
        let before = clock.monotonic();
        let done = block_on(within(clock, MINUTE, "queue the source", flow));
        assert!(done.is_ok(), "{done:?}");
        let waited = clock.monotonic() - before;
        assert!(waited <= 30 * SECOND, "{waited:?}");
        clock.advance(10 * SECOND);
    }
}

#[test]
fn s02_c80_a_sas_is_replaced_before_it_expires() {
    let clock = clock();
    let answers = [Ok(issuing(&["a"], Some(1_800))), Ok(issuing(&["b"], Some(3_600)))];
    let endpoint = SlowEndpoint::new(&clock, answers);
    let manager = manager(&endpoint);
    assert_eq!(accounts(&manager), ["a"]);
    clock.advance(Duration::from_secs(1_800 - 301 - 1));
    assert_eq!(accounts(&manager), ["a"], "more than five minutes are left");
    clock.advance(181 * SECOND);
    assert_eq!(
        accounts(&manager),
        ["b"],
        "two minutes before the end, a new one is fetched first"
    );
    endpoint.always(SECOND, dead());
    clock.advance(Duration::from_secs(3_600));
    let error = block_on(manager.resources()).expect_err("all are dead, and the service refuses");
    assert_eq!(error.kind(), ErrorKind::Forbidden);
}

#[test]
fn what_is_valid_of_each_kind_serves_while_the_service_fails_and_what_is_over_is_not_given() {
    let clock = clock();
    let endpoint = SlowEndpoint::new(&clock, []);
    let issued = [
        queue("a", Some(3_600)),
        queue("b", Some(7_200)),
        container("a", Some(3_600)),
        container("b", Some(10_800)),
    ];
    endpoint.always(Duration::ZERO, Ok(rows(issued)));
    let manager = manager(&endpoint);
    assert_eq!(accounts(&manager).len(), 2);
    endpoint.always(Duration::ZERO, dead());
    clock.advance(HOUR);
    assert_eq!(
        accounts(&manager),
        ["b"],
        "the first SAS is over, and nothing has failed"
    );
    clock.advance(HOUR);
    let error = block_on(manager.resources()).expect_err("no queue is left");
    assert_eq!(
        error.kind(),
        ErrorKind::Forbidden,
        "the word of the service, and not that queues are lacking"
    );
}

#[test]
fn an_answer_without_queues_is_asked_for_again_after_ten_seconds() {
    let clock = clock();
    let endpoint = SlowEndpoint::new(&clock, []);
    endpoint.always(Duration::ZERO, Ok(rows([container("a", None)])));
    let manager = manager(&endpoint);
    let issued = block_on(manager.resources()).expect("it is an answer");
    assert_eq!(issued.queues().expect_err("none").kind(), ErrorKind::NoResources);
    endpoint.always(Duration::ZERO, Ok(issuing(&["a"], None)));
    clock.advance(10 * SECOND);
    assert_eq!(accounts(&manager), ["a"]);
    clock.advance(MINUTE);
    accounts(&manager);
    assert_eq!(endpoint.asked(), 2, "a whole answer is kept for an hour");
}

#[test]
fn what_an_answer_lacks_is_taken_from_the_one_before_as_long_as_that_is_valid() {
    let (endpoint, manager) = warm();
    endpoint.clock.advance(HOUR);
    endpoint.always(Duration::ZERO, Ok(rows([container("b", Some(48 * 3_600))])));
    let issued = block_on(manager.resources()).expect("it is completed");
    assert_eq!(issued.queues().expect("from before")[0].account(), "a");
    assert_eq!(issued.containers().expect("the new one")[0].account(), "b");
    endpoint.clock.advance(10 * SECOND);
    accounts(&manager);
    assert_eq!(endpoint.asked(), 3, "and asked for again");
    endpoint.clock.advance(11 * HOUR);
    let issued = block_on(manager.resources()).expect("it is an answer");
    assert!(issued.queues().is_err(), "the queue of before is over");
}

#[test]
fn an_engine_issues_no_queues_and_is_not_asked_again_for_them() {
    let clock = clock();
    let endpoint = SlowEndpoint::new(&clock, []);
    let address = "https://a.blob.core.windows.net/c?sig=S";
    let table = kusto_endpoint::Table::of("Table_0", &[("StorageRoot", "string")]).with_row([address]);
    endpoint.always(Duration::ZERO, Ok(Dataset::single(table)));
    let shared = std::sync::Arc::new(endpoint.clone());
    let manager = ResourceManager::of_engine(shared, std::sync::Arc::new(clock.clone()));
    block_on(manager.resources()).expect("a container");
    clock.advance(30 * MINUTE);
    block_on(manager.resources()).expect("a container");
    assert_eq!(endpoint.asked(), 1);
}

#[test]
fn with_a_clock_two_days_ahead_three_hundred_files_cost_two_commands() {
    let clock = ManualClock::advancing(START + 48 * HOUR);
    let endpoint = SlowEndpoint::new(&clock, []);
    endpoint.always(Duration::ZERO, Ok(issuing(&["a"], Some(12 * 3_600))));
    let manager = manager(&endpoint);
    for _ in 0..300 {
        assert_eq!(accounts(&manager), ["a"]);
        clock.advance(SECOND / 3);
    }
    assert_eq!(endpoint.asked(), 2, "100 s, one a minute");
}

#[test]
fn a_clock_that_is_set_back_does_not_keep_a_value_longer() {
    let clock = ManualClock::advancing(START + 24 * HOUR);
    let endpoint = SlowEndpoint::new(&clock, []);
    endpoint.always(Duration::ZERO, Ok(issuing(&["a"], None)));
    let manager = manager(&endpoint);
    accounts(&manager);
    clock.set(START);
    clock.advance(HOUR);
    accounts(&manager);
    assert_eq!(endpoint.asked(), 2);
    clock.set(START);
    block_on(manager.renew()).expect("it answers");
    assert_eq!(endpoint.asked(), 3, "and a refusal has it fetched at once");
}

#[test]
fn s02_c61_resources_that_were_refused_are_fetched_anew_once() {
    let (endpoint, manager) = warm();
    let refused = block_on(manager.resources())
        .expect("from memory")
        .queues()
        .expect("one")[0]
        .clone();
    endpoint.always(Duration::ZERO, Ok(issuing(&["b"], None)));
    endpoint.clock.advance(SECOND);
    manager.report(&refused, Outcome::Refused);
    let renewed = block_on(manager.renew()).expect("it answers");
    assert_eq!(renewed.queues().expect("one")[0].account(), "b");
    block_on(manager.renew()).expect("from memory");
    assert_eq!(accounts(&manager), ["b"]);
    assert_eq!(endpoint.asked(), 2);
}

#[test]
fn the_identity_token_is_refreshed_every_hour_and_serves_no_longer_than_half_a_day() {
    let clock = clock();
    let endpoint = SlowEndpoint::new(&clock, [Ok(token(&["one"])), Ok(token(&["two"]))]);
    let manager = manager(&endpoint);
    let given = || block_on(manager.identity_token()).map(|token| token.expose().to_owned());
    assert_eq!(given().expect("a token"), "one");
    clock.advance(HOUR - SECOND);
    assert_eq!(given().expect("a token"), "one");
    clock.advance(SECOND);
    block_on(drive_refresh(&clock, manager.refresh(), clock.sleep(2 * SECOND)));
    assert_eq!(given().expect("a token"), "two");
    endpoint.always(SECOND, dead());
    clock.advance(11 * HOUR);
    assert_eq!(given().expect("while no other can be had"), "two");
    clock.advance(HOUR);
    assert_eq!(given().expect_err("it is too old").kind(), ErrorKind::Forbidden);
}
