//! What fails: set aside with a reason, tried again, or the end.

use kusto_ingest_core::ErrorKind;
use kusto_ingest_core::testing::SECOND;
use kusto_ingest_tokio::testing::TestFolder;
use kusto_ingest_watch::OnDone;

use crate::world::World;

#[tokio::test]
async fn a_file_that_fails_for_good_is_set_aside_with_a_reason_and_others_go_on() {
    let world = World::watching("aside", OnDone::Keep).await;
    world.client.fail(&[ErrorKind::EmptySource]);
    world.write("b/bad.csv", "1\n", 10);
    world.write("good.csv", "1\n", 20);
    world.seconds(3).await;
    assert_eq!(
        (world.client.names(), world.metrics.failed()),
        (vec!["good.csv".to_owned()], 1)
    );
    assert!(world.folder.join("failed/b/bad.csv").exists() && !world.folder.join("in/b/bad.csv").exists());
    let reason = world.folder.join("failed/b/bad.csv.reason.json");
    let text = std::fs::read_to_string(&reason).unwrap();
    let told: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(told["kind"], "EmptySource");
    assert!(text.contains("bad.csv") && !text.contains("SECRET"), "{text}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(
            std::fs::metadata(&reason).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    assert_eq!(world.journal.sources(), 1, "what is set aside is forgotten");
    world.stop().await;
}

#[tokio::test]
async fn a_file_that_fails_for_good_and_may_have_arrived_before_says_so() {
    let world = World::watching("aside_unknown", OnDone::Keep).await;
    world.client.fail(&[
        ErrorKind::OutcomeUnknown,
        ErrorKind::Rejected,
        ErrorKind::EmptySource,
    ]);
    world.write("doubtful.csv", "1\n", 10);
    world.seconds(14).await;
    world.write("plain.csv", "1\n", 20);
    world.seconds(4).await;
    for (name, may_be_ingested) in [("doubtful.csv", true), ("plain.csv", false)] {
        let reason = world.folder.join(format!("failed/{name}.reason.json"));
        let told: serde_json::Value = serde_json::from_slice(&std::fs::read(reason).unwrap()).unwrap();
        assert_eq!(told["may_be_ingested"], may_be_ingested, "{told}");
        assert!(
            world.told().contains(&(name.to_owned(), may_be_ingested)),
            "{:?}",
            world.told()
        );
    }
    world.stop().await;
}

#[tokio::test]
#[cfg(unix)]
async fn a_reason_takes_the_place_of_what_has_its_name_and_follows_no_link() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::watching("aside_link", OnDone::Keep).await;
    world.client.fail(&[ErrorKind::EmptySource; 2]);
    let other = world.folder.write("other", "theirs");
    let older = world.folder.write("failed/older.csv.reason.json", "of last week");
    std::fs::set_permissions(&older, PermissionsExt::from_mode(0o644)).unwrap();
    std::os::unix::fs::symlink(&other, world.folder.join("failed/linked.csv.reason.json")).unwrap();
    world.write("older.csv", "1\n", 10);
    world.write("linked.csv", "1\n", 20);
    world.seconds(4).await;
    assert_eq!(world.metrics.failed(), 2);
    assert_eq!(std::fs::read_to_string(&other).unwrap(), "theirs");
    assert_eq!(
        std::fs::metadata(&older).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert!(std::fs::read_to_string(&older).unwrap().contains("EmptySource"));
    world.stop().await;
}

#[tokio::test]
async fn a_folder_that_is_watched_takes_no_files_that_are_moved() {
    let folder = TestFolder::new(env!("CARGO_TARGET_TMPDIR"), "aside_itself");
    std::fs::create_dir_all(folder.join("in/deep")).unwrap();
    let names = ("in".as_ref(), "in/deep/..".as_ref());
    let error = World::refused(folder, names).await;
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(
        error.chain().contains("it is the folder that is watched"),
        "{}",
        error.chain()
    );
}

#[tokio::test]
async fn while_the_service_is_away_or_forbids_it_files_wait_and_are_tried_one_at_a_time() {
    let world = World::watching("away", OnDone::Delete).await;
    world.client.fail(&[ErrorKind::Unavailable, ErrorKind::Forbidden]);
    for number in 0..4 {
        world.write(&format!("{number}.csv"), "1\n", 10 + number);
    }
    world.seconds(12).await;
    // One at the third second, one ten seconds later; then the pause is twice as long.
    assert_eq!(world.client.fails.lock().unwrap().len(), 1);
    world.seconds(1).await;
    assert_eq!(
        (
            world.client.fails.lock().unwrap().len(),
            world.client.taken().len()
        ),
        (0, 0)
    );
    world.seconds(19).await;
    assert!(world.client.taken().is_empty());
    world.seconds(2).await;
    assert_eq!(world.client.names(), ["0.csv", "1.csv", "2.csv", "3.csv"]);
    assert_eq!(world.metrics.failed(), 0);
    world.stop().await;
}

#[tokio::test]
async fn a_journal_that_cannot_be_written_to_ends_the_watching() {
    let world = World::watching("broken", OnDone::Keep).await;
    world.journal.clone().finish().await.unwrap();
    world.write("a.csv", "1\n", 10);
    for _ in 0..3 {
        world.until("a wait", || world.clock.sleepers() > 0).await;
        let looks = world.metrics.looks();
        world.clock.advance(SECOND);
        world.until("a look", || world.metrics.looks() > looks).await;
    }
    let error = world.ended().await.unwrap_err().chain();
    assert!(error.contains("closed"), "{error}");
}
