//! A job that is killed anywhere and run again: nothing is missing, and only what was named is there twice.

use std::time::Duration;

use kusto_emulator::Route;
use kusto_ingest::testing::Operation;

use crate::setup::killed::{Doubles, KillPoint, KilledJob, Numbers};

const BLOB: Route = Route::Storage(Operation::PutBlob);
const MESSAGE: Route = Route::Storage(Operation::PutMessage);

/// Each file has two lines in the journal: that it is about to be sent, and that it is.
const POINTS: [KillPoint; 20] = [
    KillPoint::Line("1"),
    KillPoint::Line("1half"),
    KillPoint::Line("1+"),
    KillPoint::Line("2"),
    KillPoint::Line("2half"),
    KillPoint::Line("2+"),
    KillPoint::Line("3+"),
    KillPoint::Line("4half"),
    KillPoint::Line("5+"),
    KillPoint::Line("6"),
    KillPoint::Before(Route::Management, 0),
    KillPoint::After(Route::Management, 1),
    KillPoint::Before(BLOB, 0),
    KillPoint::After(BLOB, 1),
    KillPoint::After(BLOB, 2),
    KillPoint::Before(MESSAGE, 0),
    KillPoint::Before(MESSAGE, 2),
    KillPoint::After(MESSAGE, 0),
    KillPoint::After(MESSAGE, 1),
    KillPoint::After(MESSAGE, 2),
];

/// What is sent twice tells on which side of a message a command was ended.
fn is_where_it_says(point: KillPoint, doubles: Doubles) {
    if point.is_behind_a_message() {
        assert!(doubles.doubled > 0 && doubles.named > 0, "{point:?}: {doubles:?}");
    }
    if matches!(point, KillPoint::Before(_, 0)) {
        assert_eq!(doubles.doubled, 0, "{point:?}: {doubles:?}");
    }
}

#[test]
fn a_run_that_is_killed_at_any_point_and_run_again_has_every_row_and_names_what_may_be_twice() {
    for (place, point) in POINTS.into_iter().enumerate() {
        let job = KilledJob::new(&format!("killed_{place}"), 6, 1);
        job.kill(0, point);
        job.finish(0);
        let doubles = job.check(&format!("{point:?}"));
        is_where_it_says(point, doubles);
        let is_before_any_message = matches!(
            point,
            KillPoint::Before(Route::Management | BLOB, _)
                | KillPoint::After(Route::Management, _)
                | KillPoint::Line("1")
        );
        assert!(
            !is_before_any_message || doubles.named == 0,
            "{point:?}: {doubles:?}"
        );
    }
}

#[test]
fn three_shards_at_once_of_which_one_is_killed_have_every_row_when_it_is_run_again() {
    for (place, point) in POINTS.into_iter().enumerate() {
        let job = KilledJob::new(&format!("killed_shards_{place}"), 24, 3);
        let killed = place % 3;
        // A fault of the emulator's would meet all three: they go on beside the one that is killed by its journal.
        let beside = matches!(point, KillPoint::Line(_));
        let others: Vec<usize> = (0..3).filter(|shard| *shard != killed).collect();
        let running: Vec<_> = others
            .iter()
            .filter(|_| beside)
            .map(|shard| job.start(*shard, None))
            .collect();
        job.kill(killed, point);
        for child in running {
            assert_eq!(crate::setup::command::end(child).code, 0);
        }
        let rest: Vec<_> = (0..3)
            .filter(|shard| !beside || *shard == killed)
            .map(|shard| job.start(shard, None))
            .collect();
        for child in rest {
            assert_eq!(crate::setup::command::end(child).code, 0);
        }
        is_where_it_says(point, job.check(&format!("{point:?}")));
    }
}

/// By hand: `cargo test -p kusto-ingest-cli --test it two_hundred -- --ignored --nocapture`.
#[test]
#[ignore = "two hundred commands are killed at random moments"]
#[expect(clippy::print_stdout, reason = "whoever runs it by hand reads the figures")]
fn two_hundred_random_kills_lose_nothing_and_double_only_what_was_named() {
    let mut numbers = Numbers(42);
    let (mut kills, mut jobs, mut named, mut doubled) = (0, 0, 0, 0);
    while kills < 200 {
        jobs += 1;
        let job = KilledJob::new("killed_at_random", 60, 3);
        for _ in 0..3 {
            let mut children: Vec<_> = (0..3).map(|shard| job.start(shard, None)).collect();
            for child in &mut children {
                std::thread::sleep(Duration::from_millis(numbers.below(40)));
                // One that has ended already is none that was killed.
                if child.try_wait().expect("it was started").is_none() {
                    kills += 1;
                    child.kill().expect("it runs");
                }
                child.wait().expect("it ends");
            }
        }
        (0..3).for_each(|shard| job.finish(shard));
        let doubles = job.check(&format!("job {jobs}"));
        (named, doubled) = (named + doubles.named, doubled + doubles.doubled);
    }
    println!("{kills} kills in {jobs} jobs of 60 files: {named} files named, {doubled} there once more");
}
