//! Many reads at a time: each takes the time that it takes, and no more of the processor than it needs.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;

use async_trait::async_trait;
use futures::FutureExt as _;
use futures::channel::oneshot;
use futures::executor::block_on;
use kusto_ingest_core::testing::clock;
use kusto_ingest_core::{Error, ManualClock, PollSchedule, Result, SourceId, StatusLocator, Timestamp};
use kusto_ingest_message::{OperationStatus, StatusRecord};
use kusto_ingest_status::{
    MemoryStatusTracker, NewStatusRecord, OpenedStatus, StatusTracker, wait_all_final, wait_until_final,
};

/// Rows that are all final, of which the first is answered when all others are.
#[derive(Debug)]
struct FirstComesLast {
    first: StatusLocator,
    others: AtomicUsize,
    all_others: Mutex<Option<oneshot::Sender<()>>>,
    answered: Mutex<Option<oneshot::Receiver<()>>>,
    polls: AtomicUsize,
}

#[async_trait]
impl StatusTracker for FirstComesLast {
    async fn open(&self, _: SourceId, _: &NewStatusRecord) -> Result<OpenedStatus> {
        unreachable!("nothing is opened")
    }
    async fn fetch(&self, locator: &StatusLocator) -> Result<StatusRecord> {
        if *locator == self.first {
            let answered = self.answered.lock().expect("no test panics with it").take();
            let mut answered = answered.expect("it is read once");
            let answered = poll_fn(|context| {
                self.polls.fetch_add(1, Ordering::Relaxed);
                answered.poll_unpin(context)
            });
            answered.await.expect("the others are read");
        } else {
            pending_once().await;
            if self.others.fetch_sub(1, Ordering::Relaxed) == 1 {
                let all_others = self.all_others.lock().expect("no test panics with it").take();
                all_others
                    .expect("it is sent once")
                    .send(())
                    .expect("the first waits");
            }
        }
        Ok(StatusRecord::new(OperationStatus::Succeeded))
    }
    async fn abandon(&self, _: &StatusLocator, _: &Error) -> Result<()> {
        unreachable!("nothing is abandoned")
    }
}

/// Gives way once.
async fn pending_once() {
    let mut waited = false;
    poll_fn(|context| {
        context.waker().wake_by_ref();
        match std::mem::replace(&mut waited, true) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    })
    .await;
}

#[test]
fn whoever_waits_may_do_so_on_any_thread() {
    fn on_any_thread<T: Send>(waiting: T) -> T {
        waiting
    }
    let waiting = on_any_thread(async move {
        let clock = clock();
        let rows = [StatusLocator::new("https://h/status", SourceId::random())];
        let tracker = MemoryStatusTracker::new();
        tracker.set_status(&rows[0], OperationStatus::Succeeded);
        let tracker: Arc<dyn StatusTracker> = Arc::new(tracker);
        let mut records = wait_all_final(&clock, &*tracker, &rows, &PollSchedule::interactive()).await;
        records.extend([wait_until_final(&clock, &*tracker, &rows[0], &PollSchedule::interactive()).await]);
        records
    });
    assert!(block_on(waiting).iter().all(Result::is_ok));
}

#[test]
fn a_slow_read_holds_up_no_other_and_is_looked_at_only_when_it_has_news() {
    let rows: Vec<_> = (0..100)
        .map(|_| StatusLocator::new("https://h/status", SourceId::random()))
        .collect();
    let (sender, receiver) = oneshot::channel();
    let tracker = FirstComesLast {
        first: rows[0].clone(),
        others: AtomicUsize::new(rows.len() - 1),
        all_others: Mutex::new(Some(sender)),
        answered: Mutex::new(Some(receiver)),
        polls: AtomicUsize::default(),
    };
    let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
    let waiting = PollSchedule::interactive();
    let mut waited_for = pin!(wait_all_final(&clock, &tracker, &rows, &waiting));
    let ended = (0..1_000).find_map(|_| waited_for.as_mut().now_or_never());
    let records = ended.expect("it ends when all are read");
    let is_read =
        |record: &Result<StatusRecord>| record.as_ref().is_ok_and(|record| record.status.is_success());
    assert!(records.iter().all(is_read), "{records:?}");
    assert_eq!(tracker.polls.load(Ordering::Relaxed), 2);
}
