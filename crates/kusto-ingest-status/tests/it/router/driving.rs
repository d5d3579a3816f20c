//! Of those who wait, one looks for all.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use futures::executor::block_on;
use futures::future::{join, join_all};
use kusto_ingest_core::{Clock as _, ErrorKind, ManualClock, PollSchedule, SourceId, Timestamp};
use kusto_ingest_status::Watch;
use kusto_storage::Operation;

use super::world::{VISIBILITY, World, is_success_of, outcome, sources, watch};

/// Counts how often it was woken.
#[derive(Debug, Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Woken {
    fn times(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

fn woken() -> (Arc<Woken>, Waker) {
    let woken = Arc::new(Woken::default());
    (woken.clone(), Waker::from(woken))
}

#[test]
fn who_looked_and_is_dropped_hands_over_to_the_next_that_waits() {
    let world = World::with_clock(ManualClock::new(Timestamp::UNIX_EPOCH));
    let router = world.router();
    let [one, two, three] = [0; 3].map(|_| SourceId::random());
    let [mut first, mut second, mut third] = [one, two, three].map(|it| router.watch(it).without_limit());
    let ((_, looking), (told, waiting), (later, last)) = (woken(), woken(), woken());

    let mut first = Box::pin(first.outcome());
    let mut second = Box::pin(second.outcome());
    let mut third = pin!(third.outcome());
    assert!(
        first
            .as_mut()
            .poll(&mut Context::from_waker(&looking))
            .is_pending()
    );
    assert!(
        second
            .as_mut()
            .poll(&mut Context::from_waker(&waiting))
            .is_pending()
    );
    assert!(third.as_mut().poll(&mut Context::from_waker(&last)).is_pending());
    assert_eq!(
        world.reports.clock.sleepers(),
        1,
        "one looks, and nobody else asks anything"
    );
    assert_eq!((told.times(), later.times()), (0, 0));

    drop(first);
    assert_eq!((told.times(), later.times()), (1, 0));
    // The one that was told is dropped before it does anything: the next is told.
    drop(second);
    assert_eq!(later.times(), 1);
    assert!(third.as_mut().poll(&mut Context::from_waker(&last)).is_pending());
    world.succeeds(three);
    world.reports.clock.advance(Duration::from_secs(10));
    let Poll::Ready(record) = third.as_mut().poll(&mut Context::from_waker(&last)) else {
        panic!("it looks itself now");
    };
    assert!(is_success_of(&record.unwrap(), three));
}

#[test]
fn what_one_finds_wakes_those_whom_it_is_for_and_no_other() {
    let world = World::with_clock(ManualClock::new(Timestamp::UNIX_EPOCH));
    let router = world.router();
    let [one, two, three] = [0; 3].map(|_| SourceId::random());
    let (mut first, mut second, mut third) = (router.watch(one), router.watch(two), router.watch(three));
    let ((_, looking), (served, waiting), (other, last)) = (woken(), woken(), woken());
    let mut first = pin!(first.outcome());
    let mut second = pin!(second.outcome());
    let mut third = pin!(third.outcome());
    assert!(
        first
            .as_mut()
            .poll(&mut Context::from_waker(&looking))
            .is_pending()
    );
    assert!(
        second
            .as_mut()
            .poll(&mut Context::from_waker(&waiting))
            .is_pending()
    );
    assert!(third.as_mut().poll(&mut Context::from_waker(&last)).is_pending());

    world.succeeds(two);
    world.reports.clock.advance(Duration::from_secs(10));
    assert!(
        first
            .as_mut()
            .poll(&mut Context::from_waker(&looking))
            .is_pending()
    );
    assert_eq!((served.times(), other.times()), (1, 0));
    assert!(
        second
            .as_mut()
            .poll(&mut Context::from_waker(&waiting))
            .is_ready()
    );
    assert_eq!((other.times(), world.reports.left("ok")), (0, 0));
}

#[test]
fn many_receipts_are_served_by_few_requests() {
    let world = World::new();
    let router = world.router();
    let sources = sources(300);
    let mut watches: Vec<Watch> = sources.iter().map(|source| watch(&router, *source)).collect();
    sources.iter().for_each(|source| world.succeeds(*source));
    let records = block_on(join_all(watches.iter_mut().map(Watch::outcome)));
    for (record, source) in records.into_iter().zip(sources) {
        assert!(is_success_of(&record.unwrap(), source));
    }
    let asked = world.reports.storage.request_count(Operation::PeekMessages) + world.received();
    assert!(asked < 40, "{asked} requests");
    assert_eq!(world.deleted(), 300);
    assert!(world.passed().is_zero());
}

#[test]
fn reports_that_come_one_after_another_reach_everybody() {
    let world = World::new();
    let router = world.router();
    let sources = sources(5);
    let mut watches: Vec<Watch> = sources.iter().map(|source| watch(&router, *source)).collect();
    let service = async {
        for source in sources.iter().rev() {
            world.reports.clock.sleep(Duration::from_secs(60)).await;
            world.succeeds(*source);
        }
    };
    let all = join_all(watches.iter_mut().map(Watch::outcome));
    let (records, ()) = block_on(join(all, service));
    assert!(records.iter().all(Result::is_ok));
    assert!(world.passed() < Duration::from_secs(5 * 60 + 15));
}

#[test]
fn who_does_not_ask_yet_is_served_when_it_does_however_late() {
    let world = World::new();
    let router = world.router();
    let [early, late, last] = [0; 3].map(|_| SourceId::random());
    let (mut first, mut second, mut third) = (router.watch(early), router.watch(late), router.watch(last));
    world.succeeds(late);
    world.succeeds(early);
    block_on(first.outcome()).unwrap();
    // What was delivered to the second reappears, and is received once more, as it lies in front of the third's.
    world.reports.clock.advance(VISIBILITY * 10);
    world.succeeds(last);
    block_on(third.outcome()).unwrap();
    assert_eq!(world.reports.left("ok"), 1);
    assert!(is_success_of(&block_on(second.outcome()).unwrap(), late));
    assert_eq!((world.reports.left("ok"), world.deleted()), (0, 3));
}

#[test]
fn asked_again_it_says_the_same_and_asks_nobody() {
    let world = World::new();
    let router = world.router();
    let source = SourceId::random();
    world.succeeds(source);
    let mut watch = router.watch(source);
    let first = block_on(watch.outcome()).unwrap();
    let asked = (
        world.reports.storage.request_count(Operation::PeekMessages),
        world.received(),
        world.deleted(),
    );
    assert_eq!(block_on(watch.outcome()).unwrap(), first);
    let again = (
        world.reports.storage.request_count(Operation::PeekMessages),
        world.received(),
        world.deleted(),
    );
    assert_eq!(asked, again);
    assert_eq!((watch.source_id(), router.watches()), (source, 1));
    drop(watch);
    assert_eq!(router.watches(), 0);
}

#[test]
fn who_comes_when_nobody_looks_any_more_need_not_wait_for_the_next_look_of_another() {
    let world = World::new();
    let router = world.router();
    let mut gone = router
        .watch(SourceId::random())
        .with_limit(Duration::from_secs(100));
    block_on(gone.outcome()).unwrap_err();
    let source = SourceId::random();
    world.succeeds(source);
    let before = world.passed();
    outcome(&router, source);
    assert_eq!(world.passed(), before);
}

#[test]
fn a_watch_made_after_the_report_finds_it() {
    let world = World::new();
    let source = SourceId::random();
    world.fails("f1", source);
    assert!(outcome(&world.router(), source).status.is_failure());
}

#[test]
fn at_its_limit_a_watch_looks_once_more_and_then_names_its_source() {
    let world = World::new();
    let router = world.router().with_poll_schedule(PollSchedule::standard());
    let source = SourceId::random();
    let limit = Duration::from_secs(25);
    let error = block_on(router.watch(source).with_limit(limit).outcome()).unwrap_err();
    assert_eq!(
        (error.kind(), error.source_id()),
        (ErrorKind::Timeout, Some(source))
    );
    assert!(error.chain().contains(&source.to_string()), "{error}");
    assert_eq!(world.passed(), limit);
    assert_eq!(
        world.reports.storage.request_count(Operation::PeekMessages),
        3 * 3,
        "after 10, 20 and 25 s"
    );

    let at_once = router.watch(source).with_limit(Duration::ZERO);
    let mut at_once = at_once;
    world.succeeds(source);
    assert!(block_on(at_once.outcome()).unwrap().status.is_success());
    assert_eq!(world.passed(), limit);
}

#[test]
fn a_watch_of_which_nobody_said_how_long_ends_after_an_hour() {
    let standard = PollSchedule::standard();
    assert!(standard.limit.is_some(), "it would be waited for, for ever");
    let world = World::new();
    let error = block_on(world.router().watch(SourceId::random()).outcome()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(world.passed(), PollSchedule::DEFAULT_LIMIT);
}

#[test]
fn each_watch_has_its_own_limit_also_when_another_looks() {
    let world = World::new();
    let pauses = PollSchedule::standard().with_limit(Duration::from_secs(60));
    let router = world.router().with_poll_schedule(pauses);
    let [patient, hasty] = [0; 2].map(|_| SourceId::random());
    let (mut patient, mut hasty) = (
        router.watch(patient),
        router.watch(hasty).with_limit(Duration::from_secs(7)),
    );
    let clock = &world.reports.clock;
    let timed = |watch| async move {
        let watch: &mut Watch = watch;
        watch.outcome().await.unwrap_err();
        clock.now().since(Timestamp::UNIX_EPOCH).as_secs()
    };
    let ended = block_on(join(timed(&mut patient), timed(&mut hasty)));
    assert_eq!(ended, (60, 7));
}
