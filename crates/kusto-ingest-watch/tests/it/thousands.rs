//! Many files for a long time: none is missed, and neither memory nor handles grow.

use std::process::Command;

use kusto_ingest_watch::OnDone;

use crate::world::World;

/// How many come in a second.
const A_SECOND: usize = 100;

/// In a process of its own: what other tests hold there is not counted.
#[test]
fn twelve_thousand_files_at_a_hundred_a_second_are_each_taken_once() {
    let program = std::env::current_exe().expect("this program has a path");
    let alone = ["--exact", "--ignored", "thousands::two_minutes"];
    let child = Command::new(program).args(alone).output().expect("it runs");
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && said.contains("1 passed"), "{said}");
}

#[tokio::test]
#[ignore = "is run by the test above, in a process of its own"]
async fn two_minutes() {
    files_for("thousands", 120).await;
}

/// By hand: `cargo test --release -p kusto-ingest-watch an_hour -- --ignored`.
#[tokio::test]
#[ignore = "360,000 files take minutes"]
async fn an_hour_of_a_hundred_files_a_second_is_taken() {
    files_for("an_hour", 3_600).await;
}

async fn files_for(name: &str, seconds: usize) {
    let world = World::watching_many(name, OnDone::Delete).await;
    *world.client.counts.lock().expect("nobody panics") = vec![0; seconds * A_SECOND];
    let mut early = None;
    for second in 0..seconds {
        for number in 0..A_SECOND {
            let number = second * A_SECOND + number;
            world.write(&format!("{}/{number}.csv", number % 7), "1\n", number as u64);
        }
        world.second().await;
        if second == seconds / 4 {
            early = Some(usage());
        }
    }
    world.seconds(4).await;
    let late = usage();
    let counts = world.client.counts.lock().expect("nobody panics").clone();
    let missed = counts.iter().filter(|count| **count != 1).count();
    assert_eq!(
        (counts.len(), missed),
        (seconds * A_SECOND, 0),
        "each is taken once"
    );
    assert_eq!(
        (
            world.metrics.waiting(),
            world.metrics.failed(),
            world.journal.sources()
        ),
        (0, 0, 0)
    );
    if let (Some((memory, handles)), Some((now, open))) = (early.flatten(), late) {
        assert!(now < memory + 8 * 1024 * 1024, "{memory} bytes have become {now}");
        assert!(open <= handles + 8, "{handles} handles have become {open}");
    }
    let journal = std::fs::metadata(world.journal.path())
        .expect("it is there")
        .len();
    assert!(journal < 20 * 1024 * 1024, "{journal} bytes");
    world.stop().await;
}

/// The bytes of memory and the number of handles that this process has, where the system tells.
fn usage() -> Option<(usize, usize)> {
    let pages = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: usize = pages.split(' ').nth(1)?.parse().ok()?;
    Some((pages * 4096, std::fs::read_dir("/proc/self/fd").ok()?.count()))
}
