//! However folders are named, what is done or failed is not taken again; and what is replaced is taken once.

use std::path::Path;

use kusto_ingest_core::ErrorKind;
use kusto_ingest_core::testing::SECOND;
use kusto_ingest_tokio::testing::TestFolder;
use kusto_ingest_watch::OnDone;

use crate::world::World;

/// Watches a folder by one name and moves files below it by another, and looks what was taken of a file that is done and of one
/// that fails.
async fn takes_each_once(name: &str, watched: &str, moved: &str) {
    let folder = TestFolder::new(env!("CARGO_TARGET_TMPDIR"), name);
    std::fs::create_dir_all(folder.join("in/deep")).expect("it can be made");
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.join("in"), folder.join("link")).expect("it can be made");
    let [done, failed] = ["done", "failed"].map(|below| Path::new(moved).join(below));
    let on_done = OnDone::MoveTo(folder.join(done));
    let world = World::watching_by(folder, on_done, (watched.as_ref(), &failed)).await;
    world.client.fail(&[ErrorKind::EmptySource]);
    world.write("bad.csv", "1\n", 10);
    world.write("good.csv", "1\n", 20);
    world.seconds(9).await;
    assert_eq!(
        (world.client.names(), world.metrics.failed()),
        (vec!["good.csv".to_owned()], 1),
        "{watched}"
    );
    assert_eq!(world.metrics.waiting(), 0, "{watched}");
    for file in ["in/done/good.csv", "in/failed/bad.csv"] {
        assert!(world.folder.join(file).exists(), "{watched}: {file}");
    }
    world.stop().await;
}

#[tokio::test]
#[cfg(unix)]
async fn files_that_are_moved_are_not_taken_again_where_a_link_leads_to_the_folder() {
    takes_each_once("by_link", "in", "link").await;
    takes_each_once("by_link", "link", "in").await;
}

#[tokio::test]
async fn files_that_are_moved_are_not_taken_again_where_the_folder_is_named_roundabout() {
    takes_each_once("by_roundabout", "in", "in/deep/..").await;
    takes_each_once("by_roundabout", "in/deep/..", "in").await;
}

#[tokio::test]
async fn a_file_that_is_replaced_by_one_of_its_length_before_it_is_opened_is_taken_once() {
    let world = World::watching("replaced", OnDone::Keep).await;
    let gate = world.client.gate.lock().await;
    world.write("a.csv", "1\n", 10);
    let path = world.write("b.csv", "2\n", 20);
    for _ in 0..3 {
        world.until("a wait", || world.clock.sleepers() > 0).await;
        let looks = world.metrics.looks();
        world.clock.advance(SECOND);
        world.until("a look", || world.metrics.looks() > looks).await;
    }
    world
        .until("a file under way", || world.metrics.under_way() == 1)
        .await;
    // The other waits behind it, as the last look found it.
    let other = world.write("b.csv.tmp", "3\n", 30);
    std::fs::rename(other, path).expect("it is there");
    drop(gate);
    world.settle().await;
    assert_eq!(world.client.names(), ["a.csv"], "what was looked at is gone");
    world.seconds(4).await;
    assert_eq!(world.client.names(), ["a.csv", "b.csv"]);
    world.stop().await;
}
