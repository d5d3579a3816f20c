//! When a value is fetched again: by either side of the clock, by force, and when the clock is wrong.

use std::sync::{Arc, LazyLock, Mutex};

use kusto_ingest_core::ManualClock;
use kusto_ingest_core::testing::{HOUR, MINUTE, SECOND, clock};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::NoSubscriber;
use tracing::{Dispatch, Event, Level, Metadata, Subscriber};

use super::world::{START, World};

#[test]
fn either_side_of_the_clock_makes_a_value_due() {
    let by_both = World::warm();
    by_both.clock.advance(HOUR - SECOND);
    assert_eq!(by_both.get().expect("a value"), 1, "not yet");
    by_both.clock.advance(SECOND);
    assert_eq!(by_both.get().expect("a value"), 2);

    let after_a_sleep = World::warm();
    after_a_sleep.clock.advance(MINUTE);
    after_a_sleep.clock.set(START + HOUR);
    assert_eq!(after_a_sleep.get().expect("a value"), 2, "the machine slept");

    let set_back = World::warm();
    set_back.clock.advance(HOUR);
    set_back.clock.set(START);
    assert_eq!(
        set_back.get().expect("a value"),
        2,
        "the time of day was set back"
    );
}

#[test]
fn a_deficient_value_is_fetched_again_after_ten_seconds_and_so_after_a_failure() {
    let world = World::at(clock());
    world.service(|service| service.partial = true);
    assert_eq!(world.get().expect("a value"), 1);
    world.clock.advance(9 * SECOND);
    assert_eq!(world.get().expect("a value"), 1);
    world.clock.advance(SECOND);
    world.service(|service| service.fails = true);
    assert_eq!(world.get().expect("the old value"), 1);
    assert_eq!(world.fetches(), (2, 0));
    world.clock.advance(9 * SECOND);
    assert_eq!(world.get().expect("the old value"), 1);
    assert_eq!(world.fetches(), (2, 0));
    world.clock.advance(SECOND);
    world.service(|service| (service.fails, service.partial) = (false, false));
    assert_eq!(world.get().expect("a value"), 3);
    world.clock.advance(MINUTE);
    assert_eq!(
        world.get().expect("a value"),
        3,
        "what is whole is kept for an hour"
    );
}

#[test]
fn a_renewal_is_forced_once_a_minute_counted_from_the_last_forced_one() {
    let world = World::warm();
    world.clock.advance(SECOND);
    assert_eq!(
        world.renew().expect("a value"),
        2,
        "an ordinary fetch a second ago does not count"
    );
    world.clock.advance(59 * SECOND);
    assert_eq!(world.renew().expect("a value"), 2);
    world.clock.advance(SECOND);
    assert_eq!(world.renew().expect("a value"), 3);
    world.clock.advance(HOUR);
    assert_eq!(world.get().expect("a value"), 4, "due");
    assert_eq!(world.renew().expect("a value"), 5);
}

#[test]
fn a_renewal_that_fails_leaves_the_value() {
    let world = World::warm();
    world.service(|service| service.fails = true);
    assert_eq!(world.renew().expect("the old value"), 1);
    assert_eq!(world.fetches(), (2, 0));
}

#[test]
fn a_value_that_is_over_by_our_clock_is_used_and_fetched_once_a_minute_with_a_warning() {
    LazyLock::force(&DEAF);
    let heard = Heard::default();
    let _guard = tracing::subscriber::set_default(heard.clone());
    let world = World::at(ManualClock::advancing(START + 48 * HOUR));
    world.service(|service| service.valid_until = Some(START + 12 * HOUR));
    for _ in 0..300 {
        world.get().expect("it is used all the same");
        world.clock.advance(SECOND / 10);
    }
    assert_eq!(world.fetches(), (1, 0), "in half a minute");
    let warnings = heard.0.lock().expect("unpoisoned").clone();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(
        warnings[0].contains("clock") && warnings[0].contains("now=1970-01-03T00:00:00"),
        "{warnings:?}"
    );

    world.clock.advance(MINUTE / 2);
    assert_eq!(world.get().expect("a new one"), 2);
    world.service(|service| service.fails = true);
    world.clock.advance(30 * MINUTE);
    assert_eq!(world.get().expect("the old one"), 2, "while the service fails");
    world.clock.advance(30 * MINUTE);
    world.get().expect_err("an hour is enough");
}

/// A second listener, so that all listeners are asked whether a warning is heard. Of a single one, only the thread is asked that
/// comes first, and the tests beside this one listen to nothing.
static DEAF: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(NoSubscriber::default()));

/// The warnings of a thread.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<String>>>);

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0.push_str(&format!("{field}={value:?} "));
    }
}

impl Subscriber for Heard {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::WARN
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn event(&self, event: &Event<'_>) {
        let mut text = Text(String::new());
        event.record(&mut text);
        self.0.lock().expect("unpoisoned").push(text.0);
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}
