//! How the manager asks: how often, how long, and what it says when there is no answer.

use std::sync::Arc;
use std::time::Duration;

use futures::executor::block_on;
use kusto_ingest_core::testing::{SECOND, clock};
use kusto_ingest_core::{CallLimits, Clock, Error, ErrorKind, ExponentialRetry, ManualClock};
use kusto_ingest_resources::ResourceProvider;

use super::world::{START, SlowEndpoint, accounts, issuing, manager, unavailable};

#[test]
fn s02_c71_a_throttled_first_refresh_is_tried_again() {
    let clock = clock();
    let busy = || Err(Error::new(ErrorKind::Throttled, "ask"));
    let endpoint = SlowEndpoint::new(&clock, [busy(), busy(), Ok(issuing(&["a"], None))]);
    assert_eq!(accounts(&manager(&endpoint)), ["a"]);
    assert_eq!(endpoint.asked(), 3);
}

#[test]
fn s02_c72_a_refusal_is_not_tried_again() {
    let clock = clock();
    let endpoint = SlowEndpoint::new(&clock, [Err(Error::new(ErrorKind::Forbidden, "ask"))]);
    let error = block_on(manager(&endpoint).resources()).expect_err("the service refuses");
    assert!(error.kind() == ErrorKind::Forbidden && error.is_permanent());
    assert_eq!(endpoint.asked(), 1);
}

#[test]
fn a_silent_service_is_an_error_within_thirty_seconds_that_names_what_was_asked_and_whom() {
    let clock = clock();
    let endpoint = SlowEndpoint::new(&clock, []);
    endpoint.is_silent();
    let error = block_on(manager(&endpoint).resources()).expect_err("nobody answers");
    assert_eq!(clock.monotonic(), 30 * SECOND);
    assert_eq!(endpoint.limits()[..2], [Some(12 * SECOND); 2], "12 s an attempt");
    assert!(
        endpoint.limits()[2] < Some(6 * SECOND + SECOND),
        "and what is left for the last"
    );
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, Some(3)));
    assert_eq!(
        error.chain(),
        "failed to ask the Data Management endpoint (command .get ingestion resources): run the command \
         (endpoint https://ingest-c.kusto.windows.net/, attempts 3)"
    );
}

#[test]
fn a_service_that_is_unavailable_for_twenty_seconds_is_outlasted() {
    for kind in [ErrorKind::Unavailable, ErrorKind::Connection, ErrorKind::Io] {
        let clock = ManualClock::new(START);
        let endpoint = SlowEndpoint::new(&clock, []);
        endpoint.always(Duration::ZERO, Err(Error::new(kind, "ask")));
        let manager = manager(&endpoint);
        let mut asking = Box::pin(manager.resources());
        for tenth in 0..300 {
            if tenth == 200 {
                endpoint.always(Duration::ZERO, Ok(issuing(&["a"], None)));
            }
            if let Some(answer) = futures::FutureExt::now_or_never(&mut asking) {
                assert!(tenth >= 200 && answer.is_ok(), "{kind:?} {tenth}");
                break;
            }
            clock.advance(SECOND / 10);
        }
        assert_eq!(accounts(&manager), ["a"], "{kind:?}");
    }
}

#[test]
fn a_proxy_that_drops_every_connection_sees_four_of_them_for_one_question() {
    for kind in [ErrorKind::Connection, ErrorKind::Io] {
        for random in 0..20 {
            let clock = clock();
            let endpoint = SlowEndpoint::new(&clock, []);
            endpoint.always(Duration::ZERO, Err(Error::new(kind, "connect")));
            let manager = manager(&endpoint).with_random(move || random);
            block_on(manager.resources()).expect_err("no connection is made");
            assert!(endpoint.asked() <= 4, "{kind:?} {}", endpoint.asked());
            assert!(clock.monotonic() > 20 * SECOND, "{kind:?}");
        }
    }
}

#[test]
fn the_limits_of_an_attempt_and_of_all_of_them_can_be_set() {
    let clock = clock();
    let endpoint = SlowEndpoint::new(&clock, []);
    endpoint.is_silent();
    let manager = manager(&endpoint)
        .with_limits(CallLimits::new().with_overall(SECOND))
        .with_retry(Arc::new(ExponentialRetry::for_up_to(4 * SECOND)));
    block_on(manager.resources()).expect_err("nobody answers");
    assert_eq!(endpoint.limits()[0], Some(SECOND));
    assert!(endpoint.asked() > 1 && clock.monotonic() <= 4 * SECOND);
}

#[test]
fn an_unavailable_service_is_told_with_its_own_word() {
    let clock = clock();
    let endpoint = SlowEndpoint::new(&clock, []);
    endpoint.always(Duration::ZERO, Err(unavailable()));
    let error = block_on(manager(&endpoint).identity_token()).expect_err("it stays away");
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.to_string().contains(".get kusto identity token"), "{error}");
    assert!(clock.monotonic() <= 30 * SECOND);
}
