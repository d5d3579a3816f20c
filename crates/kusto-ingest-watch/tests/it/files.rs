//! Which files are taken, when, and what becomes of them afterwards.

use kusto_ingest_watch::{Hint, OnDone, WatchTargets};

use crate::world::{World, target};

#[tokio::test]
async fn complete_files_go_to_their_targets_the_oldest_first() {
    let world = World::watching("targets", OnDone::Keep).await;
    world.write("young.csv", "1\n", 30);
    world.write("b/old.csv", "1\n", 10);
    world.write("deep/below/middle.csv", "1\n", 20);
    for left_alone in [".hidden.csv", "a.csv.tmp", "a.json"] {
        world.write(left_alone, "1\n", 1);
    }
    world.seconds(2).await;
    assert!(world.client.taken().is_empty(), "they may still be written");
    world.second().await;
    let pair = |name: &str, table: &str| (name.to_owned(), table.to_owned());
    assert_eq!(
        world.client.taken(),
        [
            pair("old.csv", "B"),
            pair("middle.csv", "T"),
            pair("young.csv", "T")
        ]
    );
    world.seconds(3).await;
    assert_eq!(world.client.taken().len(), 3, "they stay, and are taken once");
    world.stop().await;
}

#[tokio::test]
async fn a_file_that_grows_is_taken_when_it_does_not_any_more() {
    let world = World::watching("growing", OnDone::Keep).await;
    for size in 1..6 {
        world.write("a.csv", &"1\n".repeat(size), 10);
        world.second().await;
    }
    assert!(world.client.taken().is_empty());
    world.seconds(2).await;
    assert_eq!(world.client.names(), ["a.csv"]);
    world.stop().await;
}

#[tokio::test]
async fn a_file_that_was_renamed_in_is_taken_at_once() {
    let world = World::watching("renamed", OnDone::Keep).await;
    world.write("young.csv", "1\n", 10);
    let renamed = world.write("renamed.csv", "1\n", 20);
    let hint = Hint::RenamedIn(renamed);
    world.hints.unbounded_send(hint).expect("it listens");
    world.second().await;
    assert_eq!(world.client.names(), ["renamed.csv"]);
    world.stop().await;
}

#[tokio::test]
async fn done_files_are_deleted_or_moved_and_the_journal_forgets_them() {
    for is_moved in [false, true] {
        let name = format!("done_{is_moved}");
        let done = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join(&name)
            .join("in/done");
        let on_done = if is_moved {
            OnDone::MoveTo(done)
        } else {
            OnDone::Delete
        };
        let world = World::watching(&name, on_done).await;
        world.write("b/a.csv", "1\n", 10);
        world.seconds(4).await;
        assert_eq!((world.metrics.accepted(), world.journal.sources()), (1, 0));
        assert!(!world.folder.join("in/b/a.csv").exists());
        assert_eq!(world.folder.join("in/done/b/a.csv").exists(), is_moved);
        // Another one of that name, age and size is another file; what it would overwrite stays.
        world.write("b/a.csv", "2\n", 10);
        world.seconds(4).await;
        assert_eq!(world.metrics.accepted(), 2);
        let (folder, _) = world.stop().await;
        let moved = if is_moved {
            folder.join("in/done/b").read_dir().unwrap().count()
        } else {
            0
        };
        assert_eq!(moved, if is_moved { 2 } else { 0 });
    }
}

#[tokio::test]
async fn what_an_earlier_process_took_is_not_taken_again_and_is_deleted_if_it_was_to_be() {
    let world = World::watching("resumed", OnDone::Keep).await;
    let path = world.write("a.csv", "1\n", 10);
    world.seconds(3).await;
    let (folder, client) = world.stop().await;
    let world = World::resumed(folder, OnDone::Delete, client).await;
    world.seconds(3).await;
    assert_eq!(
        (world.client.names(), path.exists()),
        (vec!["a.csv".to_owned()], false)
    );
    world.stop().await;
}

#[tokio::test]
async fn targets_can_be_changed_while_it_runs() {
    let world = World::watching("reloaded", OnDone::Keep).await;
    world.write("a.json", "{}\n", 10);
    world.seconds(3).await;
    assert!(world.client.taken().is_empty());
    world
        .watcher
        .set_targets(WatchTargets::from_iter([target("*.json", "J")]));
    world.seconds(3).await;
    assert_eq!(world.client.taken(), [("a.json".to_owned(), "J".to_owned())]);
    world.stop().await;
}
