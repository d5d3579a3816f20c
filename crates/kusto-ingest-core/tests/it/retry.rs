//! The engine that tries again: how often, how long, and what it says when it gives up.

use std::error::Error as _;
use std::sync::Mutex;
use std::time::Duration;

use futures::executor::block_on;
use futures::future::ready;
use kusto_ingest_core::testing::{SECOND, clock};
use kusto_ingest_core::{
    Clock, Deadline, Error, ErrorKind, ExponentialRetry, FailedAttempt, ManualClock, MockRetryPolicy,
    NoRetry, Outage, Result, Retry, RetryPolicy, Timestamp,
};

/// Runs attempts that fail with what `fail` gives for their number, by a policy that always waits a second.
struct Run {
    made: u32,
    result: Result<u32>,
    took: Duration,
}

fn run(policy: &dyn RetryPolicy, limit: Option<Duration>, fail: impl Fn(u32) -> Option<Error>) -> Run {
    let clock = clock();
    let made = Mutex::new(0);
    let deadline = limit.map(|limit| Deadline::after(&clock, limit));
    let retry = Retry::new(policy, &clock, 7).with_deadline(deadline);
    let result = block_on(retry.run(|number| {
        let mut made = made.lock().expect("unpoisoned");
        *made += 1;
        assert!(*made < 1_000, "it never ends");
        ready(fail(number).map_or(Ok(number), Err))
    }));
    let made = *made.lock().expect("unpoisoned");
    Run {
        made,
        result,
        took: clock.monotonic(),
    }
}

fn busy() -> Error {
    Error::new(ErrorKind::Unavailable, "ask")
}

#[derive(Debug)]
struct EverySecond;

impl RetryPolicy for EverySecond {
    fn backoff<'a>(&self, _: &FailedAttempt<'a>) -> Option<Duration> {
        Some(SECOND)
    }
}

#[test]
fn attempts_are_made_until_one_succeeds() {
    let run = run(&EverySecond, None, |number| (number < 4).then(busy));
    assert_eq!(
        (run.made, run.result.expect("the fourth succeeds"), run.took),
        (4, 4, 3 * SECOND)
    );
}

#[test]
fn a_service_that_is_away_for_twenty_seconds_is_outlasted_by_the_default() {
    let clock = clock();
    for random in 0..50 {
        let policy = ExponentialRetry::for_up_to(30 * SECOND);
        let begun = clock.monotonic();
        let done = block_on(Retry::new(&policy, &clock, random).run(|_| {
            ready(if clock.monotonic() - begun < 20 * SECOND {
                Err(busy())
            } else {
                Ok(())
            })
        }));
        assert!(done.is_ok(), "{random}");
    }
}

#[test]
fn the_last_error_is_told_with_the_attempts_and_their_time_and_nobody_tries_it_again() {
    let inner = run(&ExponentialRetry::new(3), None, |_| Some(busy()));
    let error = inner.result.expect_err("the service stays away");
    assert_eq!(
        (inner.made, error.attempts(), error.elapsed()),
        (3, Some(3), Some(inner.took))
    );
    assert!(error.is_retried() && error.clone().during("do more").is_retried());
    assert_eq!(error.to_string(), "ask (attempts 3)");

    let outer = run(&EverySecond, None, |_| Some(error.clone().during("do more")));
    assert_eq!(outer.made, 1, "attempts do not multiply");
    let error = outer.result.expect_err("nobody tried again");
    assert_eq!(error.chain(), "failed to do more: ask (attempts 3)");
}

#[test]
fn a_round_goes_on_whatever_an_inner_engine_has_done_and_both_numbers_are_told() {
    let clock = clock();
    let inner = || busy().with_attempts(3, SECOND).during("do more");
    let error = block_on(async {
        let mut rounds = Retry::new(&EverySecond, &clock, 7).start();
        rounds.wait_after_round(inner()).await?;
        rounds.wait_after_round(inner()).await?;
        Err::<(), Error>(rounds.give_up(inner()))
    })
    .expect_err("it gives up");
    assert_eq!(clock.monotonic(), 2 * SECOND);
    assert_eq!((error.attempts(), error.elapsed()), (Some(3), Some(2 * SECOND)));
    let cause = error.source().expect("the inner error").to_string();
    assert_eq!(
        (error.to_string(), cause),
        ("do more (attempts 3)".into(), "ask (attempts 3)".into())
    );
}

#[test]
fn only_what_passes_is_tried_again() {
    for kind in [
        ErrorKind::Rejected,
        ErrorKind::Forbidden,
        ErrorKind::OutcomeUnknown,
        ErrorKind::Data,
    ] {
        let run = run(&EverySecond, None, |_| Some(Error::new(kind, "ask")));
        assert_eq!(
            (run.made, run.result.expect_err("no other").attempts()),
            (1, Some(1)),
            "{kind:?}"
        );
    }
    let proxy = run(&EverySecond, None, |_| Some(busy().with_http_status(407)));
    assert_eq!(
        proxy.made, 1,
        "a proxy that wants a password wants it tomorrow, too"
    );
    let once = run(&NoRetry, None, |_| Some(busy()));
    assert_eq!(once.made, 1);
}

#[test]
fn a_wait_that_would_use_up_the_time_ends_the_trying_with_the_last_error() {
    let run = run(&EverySecond, Some(3 * SECOND), |_| Some(busy()));
    let error = run.result.expect_err("the service stays away");
    assert_eq!(
        (run.made, run.took, error.kind()),
        (3, 2 * SECOND, ErrorKind::Unavailable)
    );
}

#[test]
fn a_retry_after_beyond_the_time_left_ends_it_at_once() {
    let asked = |seconds: u32| move |_| Some(busy().with_retry_after(seconds * SECOND));
    let policy = ExponentialRetry::default();
    assert_eq!(run(&policy, Some(5 * SECOND), asked(6)).took, Duration::ZERO);
    assert_eq!(run(&policy, None, asked(61)).took, Duration::ZERO);
    let waited = run(&policy, Some(5 * SECOND), asked(3));
    assert_eq!(waited.made, 2);
    assert!(waited.took >= 3 * SECOND, "not sooner than it was asked for");
}

#[test]
fn the_policy_is_told_the_attempt_the_times_and_another_random_number_each_time() {
    let told = std::sync::Arc::new(Mutex::new(Vec::new()));
    let mut policy = MockRetryPolicy::new();
    let hears = told.clone();
    policy.expect_backoff().returning(move |failed| {
        let mut told = hears.lock().expect("unpoisoned");
        told.push((failed.attempt, failed.elapsed, failed.remaining, failed.random));
        (failed.attempt < 3).then_some(SECOND)
    });
    run(&policy, Some(10 * SECOND), |_| Some(busy()))
        .result
        .expect_err("it ends");
    let told = told.lock().expect("unpoisoned").clone();
    let times: Vec<_> = told
        .iter()
        .map(|(attempt, elapsed, remaining, _)| (*attempt, *elapsed, *remaining))
        .collect();
    let left = |seconds: u32| Some(seconds * SECOND);
    assert_eq!(
        times,
        [
            (1, Duration::ZERO, left(10)),
            (2, SECOND, left(9)),
            (3, 2 * SECOND, left(8))
        ]
    );
    assert!(told[0].3 != told[1].3 && told[1].3 != told[2].3);
}

#[test]
fn an_outage_is_known_to_all_until_somebody_answers_or_nobody_has_asked_for_long() {
    let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
    let (outage, other) = (Outage::new(), Outage::new());
    let shared = outage.clone();
    let lasts = |outage: &Outage, seconds: u32| {
        outage.record_failure(&ExponentialRetry::for_up_to(seconds * SECOND), &clock)
    };
    assert!(lasts(&outage, 0) && !lasts(&outage, 1));
    clock.advance(40 * SECOND);
    assert!(lasts(&shared, 40) && !lasts(&shared, 41));
    assert!(!lasts(&other, 1), "another client's");
    assert!(!shared.record_failure(&NoRetry, &clock), "no limit of time");
    clock.advance(299 * SECOND);
    assert!(lasts(&shared, 339) && !lasts(&shared, 340));
    clock.advance(300 * SECOND);
    assert!(!lasts(&shared, 1), "what is five minutes old is forgotten");
    clock.advance(SECOND);
    outage.record_success();
    assert!(!lasts(&shared, 1));
}
