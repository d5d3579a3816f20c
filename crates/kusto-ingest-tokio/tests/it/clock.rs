//! The clock that sleeps.

use std::time::Duration;

use kusto_ingest_core::{Clock, ErrorKind, Timestamp, within};
use kusto_ingest_tokio::TokioClock;

#[tokio::test(start_paused = true)]
async fn sleeps_follow_the_timer_of_tokio() {
    let error = within(
        &TokioClock::new(),
        Duration::from_secs(3_600),
        "wait",
        std::future::pending::<kusto_ingest_core::Result<()>>(),
    )
    .await
    .expect_err("the hour is over first");
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

#[tokio::test(start_paused = true)]
async fn a_shorter_sleep_ends_first() {
    let order = std::sync::Mutex::new(Vec::new());
    let sleep = async |minutes: u64| {
        TokioClock::new().sleep(Duration::from_secs(minutes * 60)).await;
        order.lock().expect("nobody panics").push(minutes);
    };
    tokio::join!(sleep(3), sleep(1), sleep(2));
    assert_eq!(order.into_inner().expect("nobody panics"), [1, 2, 3]);
}

#[test]
fn the_time_of_day_is_later_than_this_line_was_written() {
    let written = Timestamp::parse("2025-11-23").expect("it is a date");
    assert!(TokioClock::new().now() > written);
}
