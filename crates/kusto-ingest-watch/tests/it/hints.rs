//! Files that are renamed in: taken at once where somebody tells, and found by a look where nobody does.

use std::path::Path;

use kusto_ingest_watch::Hint;

use crate::world::{HOUR, World};

/// Writes a file beside the folder that is watched, and renames it into that.
fn rename_in(world: &World, name: &str) -> std::path::PathBuf {
    let written = world.folder.write(name, "1\n");
    let path = world.folder.join(Path::new("in").join(name));
    std::fs::rename(written, &path).expect("it is one file system");
    path
}

#[tokio::test]
async fn a_hint_right_behind_a_look_is_looked_into_a_moment_later_and_not_at_the_next_look() {
    let world = World::watching_hourly("hint_behind_look").await;
    for (looks, name) in [(2, "a.csv"), (3, "b.csv")] {
        let path = rename_in(&world, name);
        world
            .hints
            .unbounded_send(Hint::RenamedIn(path))
            .expect("it listens");
        world.until("two waits", || world.clock.sleepers() == 2).await;
        world.clock.advance(HOUR / 36_000);
        world
            .until("the file", || world.client.names().contains(&name.to_owned()))
            .await;
        assert_eq!(world.metrics.looks(), looks, "{name}");
        world.settle().await;
    }
    world.stop().await;
}

#[tokio::test]
#[cfg(all(target_os = "linux", feature = "notify"))]
async fn where_the_system_tells_a_file_that_is_renamed_in_is_taken_without_the_next_look() {
    use futures::StreamExt as _;

    let world = World::watching_hourly("hint_of_the_system").await;
    let told = kusto_ingest_watch::system_hints(&world.folder.join("in")).expect("it tells");
    let telling = tokio::spawn(told.map(Ok).forward(world.hints.clone()));
    // From here on, no clock moves.
    world.clock.advance(HOUR / 2);
    rename_in(&world, "a.csv");
    world
        .until("the file", || world.client.names() == ["a.csv"])
        .await;
    assert_eq!(world.metrics.looks(), 2, "the first one, and that of the hint");
    telling.abort();
    world.stop().await;
}

#[tokio::test]
async fn where_nobody_tells_a_file_that_is_renamed_in_is_found_by_looking() {
    let world = World::watching_hourly("no_hint").await;
    rename_in(&world, "a.csv");
    for looks in 2..4 {
        world.settle().await;
        assert!(world.client.names().is_empty(), "it may still be written");
        assert_eq!(world.metrics.looks(), looks - 1);
        world.until("a wait", || world.clock.sleepers() == 1).await;
        world.clock.advance(HOUR);
        world.until("a look", || world.metrics.looks() == looks).await;
    }
    world
        .until("the file", || world.client.names() == ["a.csv"])
        .await;
    world.stop().await;
}
