//! The loop over ranked resources: who is blamed, who is tried next, and when it ends.

use std::sync::{Arc, Mutex};

use futures::executor::block_on;
use futures::future::{FutureExt, ready};
use kusto_ingest_core::{Clock, Error, ErrorKind, ExponentialRetry, ManualClock, Result, Timestamp};
use kusto_ingest_message::IdentityToken;
use kusto_ingest_resources::{Attempts, FixedResources, IngestionResources, Outcome, attempt};
use kusto_storage::ResourceUri;

struct Run {
    tried: Vec<String>,
    result: Result<()>,
    reports: Vec<(String, Outcome)>,
    millis: u64,
}

/// Attempts queues of the given accounts; `fail` tells how each attempt (from 0) ends.
fn run(accounts: &[&str], fail: impl Fn(usize) -> Option<ErrorKind> + Sync) -> Run {
    let queues = accounts.iter().map(|account| {
        ResourceUri::parse(&format!("https://{account}.queue.core.windows.net/q?sig=SECRET"))
            .expect("a good address")
    });
    let lent = IngestionResources::none().with_queues(queues);
    let provider = FixedResources::new(lent, IdentityToken::parse("token").expect("a good token"));
    let manual = ManualClock::advancing(Timestamp::UNIX_EPOCH);
    let clock: Arc<dyn Clock> = Arc::new(manual.clone());
    let retry = ExponentialRetry::new(3);
    let tried = Mutex::new(Vec::new());
    let attempts = Attempts::new("put the message", &provider, &retry, &clock, 999);
    let result = block_on(attempt(attempts, IngestionResources::queues, |queue| {
        let number = tried.lock().expect("unpoisoned").len();
        tried.lock().expect("unpoisoned").push(queue.account().to_owned());
        let outcome = fail(number).map_or(Ok(()), |kind| Err(Error::new(kind, "try")));
        ready(outcome).boxed()
    }));
    let millis = manual.now().since(Timestamp::UNIX_EPOCH).as_millis() as u64;
    Run {
        tried: tried.into_inner().expect("unpoisoned"),
        result,
        reports: provider.reports(),
        millis,
    }
}

#[test]
fn another_account_is_tried_at_once_and_both_are_reported() {
    let run = run(&["a", "b"], |number| {
        (number == 0).then_some(ErrorKind::Unavailable)
    });
    assert!(run.result.is_ok());
    assert_eq!(run.tried, ["a", "b"]);
    assert_eq!(
        run.reports,
        [
            ("a".to_owned(), Outcome::Failure),
            ("b".to_owned(), Outcome::Success)
        ]
    );
    assert_eq!(run.millis, 0);
}

#[test]
fn s02_c59_one_resource_gets_three_attempts_with_waits_between() {
    let run = run(&["a"], |number| (number < 2).then_some(ErrorKind::Unavailable));
    assert!(run.result.is_ok());
    assert_eq!(run.tried, ["a", "a", "a"]);
    assert!(run.millis > 0, "the same account is not tried at once");
}

#[test]
fn s02_c60_what_is_wrong_with_the_data_ends_the_loop_without_blame() {
    let run = run(&["a", "b"], |_| Some(ErrorKind::Rejected));
    assert_eq!(run.result.unwrap_err().kind(), ErrorKind::Rejected);
    assert_eq!((run.tried.len(), run.reports.len()), (1, 0));
}

#[test]
fn a_refusal_moves_on_to_another_account() {
    let run = run(&["a", "b"], |number| {
        (number == 0).then_some(ErrorKind::Forbidden)
    });
    assert!(run.result.is_ok());
    assert_eq!(run.reports[0], ("a".to_owned(), Outcome::Refused));
}

#[test]
fn an_unknown_outcome_is_not_tried_again() {
    let run = run(&["a", "b"], |_| Some(ErrorKind::OutcomeUnknown));
    assert_eq!(run.result.unwrap_err().kind(), ErrorKind::OutcomeUnknown);
    assert_eq!(run.tried, ["a"]);
}

#[test]
fn the_last_word_tells_what_was_tried_without_any_signature() {
    let run = run(&["a", "b"], |_| Some(ErrorKind::Unavailable));
    let error = run.result.unwrap_err();
    assert_eq!(run.tried, ["a", "b", "a"]);
    assert!(
        error
            .chain()
            .starts_with("failed to put the message (attempts 3, last https://a.queue.core.windows.net/q)")
    );
    assert!(!format!("{error:?}").contains("SECRET"));
}
