//! Files in one call: what becomes of each, and which of them are still there afterwards.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use futures::StreamExt as _;
use kusto_fake::{Fault, FaultPlan};
use kusto_ingest_core::testing::properties;
use kusto_ingest_core::{
    AggregateResult, Error, ErrorKind, IngestClient, IngestionProperties, Receipt, ReceiptState, Result,
    Source, SourceId,
};
use kusto_ingest_queued::QueuedIngestClient;
use kusto_ingest_tokio::{Files, SourceFile};
use kusto_storage::Operation;

use super::world::{answering, messages, queued, untouched};
use crate::folder::folder;

#[tokio::test]
async fn s02_c95_a_missing_file_is_an_entry_with_path_and_id_and_the_others_are_queued() {
    let folder = folder("c95");
    let missing = folder.join("missing.csv");
    let (client, storage) = queued();
    let files = [
        folder.write("a.csv", "1,2\n"),
        missing.clone(),
        folder.write("c.csv", "1,2\n"),
    ];
    let result = Files::new(files).ingest_with(&client, &properties()).await;
    assert_eq!(messages(&storage), 2);
    assert!(!result.is_global());
    let outcomes: Vec<bool> = result
        .entries()
        .iter()
        .map(|entry| entry.outcome.is_ok())
        .collect();
    assert_eq!(outcomes, [true, false, true]);
    let errors: Vec<&Error> = result.errors().collect();
    assert_eq!(errors[0].kind(), ErrorKind::SourceNotFound);
    assert_eq!(errors[0].source_id(), Some(result.entries()[1].source_id));
    let path = missing.display().to_string();
    assert_eq!(result.entries()[1].name, Some(path.clone()));
    assert_eq!(errors[0].to_string().matches(&path).count(), 1, "{}", errors[0]);
}

#[tokio::test]
async fn s02_c96_while_the_queue_is_down_all_fail_and_no_file_is_deleted() {
    let folder = folder("c96");
    let (client, storage) = queued();
    storage.plan(
        FaultPlan::new(Fault::Refused(ErrorKind::Unavailable))
            .on(Operation::PutMessage)
            .forever(),
    );
    let files = [folder.write("a.csv", "1,2\n"), folder.write("b.csv", "1,2\n")];
    let result = Files::new(files.clone())
        .with_delete_after_ingestion()
        .ingest_with(&client, &properties())
        .await;
    assert!(result.is_global());
    assert_eq!(result.errors().count(), 2);
    assert!(files.iter().all(|file| file.exists()));
    assert!(!format!("{result:?}").contains("SECRET"), "{result:?}");
}

/// Notes whether the file was still there when the client had its answer.
#[derive(Debug)]
struct Watching(QueuedIngestClient, PathBuf);

#[async_trait]
impl IngestClient for Watching {
    async fn ingest_source(&self, source: Source, properties: &IngestionProperties) -> Result<Receipt> {
        let outcome = self.0.ingest_source(source, properties).await;
        assert!(self.1.exists(), "it was deleted before the post was answered");
        outcome
    }
}

#[tokio::test]
async fn s02_c21_a_file_is_deleted_once_its_message_is_on_the_queue() {
    let folder = folder("c21");
    let file = folder.write("a.csv", "1,2\n");
    let (client, storage) = queued();
    let client: Arc<dyn IngestClient> = Arc::new(Watching(client, file.clone()));
    let result = Files::single(&file)
        .with_delete_after_ingestion()
        .ingest_with(&*client, &properties())
        .await;
    assert!(result.entries()[0].warnings.is_empty(), "{result:?}");
    assert_eq!(result.into_result().expect("it is queued").len(), 1);
    assert_eq!(messages(&storage), 1);
    assert!(!file.exists());
}

#[tokio::test]
async fn a_file_stays_unless_its_deletion_is_asked_for() {
    let folder = folder("kept");
    let file = folder.write("a.csv", "1,2\n");
    let (client, _storage) = queued();
    let result = Files::single(&file).ingest_with(&client, &properties()).await;
    assert!(result.into_result().is_ok());
    assert!(file.exists());
}

#[tokio::test]
async fn s02_c22_a_file_whose_post_fails_stays() {
    let folder = folder("c22");
    let file = folder.write("a.csv", "1,2\n");
    let (client, storage) = queued();
    storage.plan(FaultPlan::new(Fault::Refused(ErrorKind::Unavailable)).on(Operation::PutMessage));
    let deleting = || Files::single(&file).with_delete_after_ingestion();
    let result = deleting().ingest_with(&client, &properties()).await;
    let error = Error::from(result.into_result().expect_err("the post failed"));
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(storage.request_count(Operation::PutBlob), 1, "the upload did not");
    assert!(file.exists());

    let again = deleting().ingest_with(&client, &properties()).await;
    assert!(again.into_result().is_ok());
    assert!(!file.exists());
}

#[tokio::test]
async fn a_file_of_which_nobody_knows_whether_it_arrived_stays() {
    let folder = folder("unknown");
    let file = folder.write("a.csv", "1,2\n");
    let (client, storage) = queued();
    storage.plan(FaultPlan::new(Fault::ResponseLost).on(Operation::PutMessage));
    let result = Files::single(&file)
        .with_delete_after_ingestion()
        .ingest_with(&client, &properties())
        .await;
    assert_eq!(result.unknown().count(), 1);
    let error = result.errors().next().expect("nobody knows");
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{}", error.chain());
    let state = error.receipt().map(|receipt| &receipt.state);
    assert!(matches!(state, Some(ReceiptState::Unknown { .. })), "{state:?}");
    assert!(file.exists());
}

#[tokio::test]
async fn each_file_is_told_when_it_ends_and_those_whose_turn_has_not_come_are_not_opened() {
    let folder = folder("each");
    let files = ["a.csv", "b.csv", "c.csv"].map(|name| folder.write(name, "1,2\n"));
    let (client, storage) = queued();
    let properties = properties();
    let missing = Files::new([&folder.join("missing.csv"), &files[0], &files[1], &files[2]]);
    let mut results = Box::pin(
        missing
            .with_concurrency(1)
            .with_delete_after_ingestion()
            .ingest_each(&client, &properties),
    );
    let first = results.next().await.expect("one has ended");
    assert_eq!(
        first.outcome.expect_err("it is missing").kind(),
        ErrorKind::SourceNotFound
    );
    let second = results.next().await.expect("another one has ended");
    assert_eq!(second.name, Some(files[0].display().to_string()));
    assert!(second.outcome.is_ok() && second.warnings.is_empty());
    assert_eq!(messages(&storage), 1);
    drop(results);
    let stay = files.map(|file| file.exists());
    assert_eq!(
        stay,
        [false, true, true],
        "what was told is deleted, and nothing else"
    );
}

/// Ingests, and meanwhile something happens to the file.
pub(crate) async fn disturbed(file: &Path, what: fn(&Path)) -> AggregateResult {
    #[derive(Debug)]
    struct Disturbing(PathBuf, fn(&Path));

    #[async_trait]
    impl IngestClient for Disturbing {
        async fn ingest_source(&self, source: Source, properties: &IngestionProperties) -> Result<Receipt> {
            (self.1)(&self.0);
            answering(ReceiptState::Queued)
                .ingest_source(source, properties)
                .await
        }
    }
    let client = Disturbing(file.to_owned(), what);
    let files = Files::single(file).with_delete_after_ingestion();
    files.ingest_with(&client, &properties()).await
}

#[tokio::test]
async fn a_removal_that_does_not_happen_is_a_warning_and_no_error() {
    let folder = folder("warnings");
    for (what, word) in [
        (
            (|path| fs::write(path, "1,2\n3,4\n").expect("it can be written")) as fn(&Path),
            "changed",
        ),
        (|path| fs::remove_file(path).expect("it is there"), "gone"),
        (
            |path| {
                fs::remove_file(path).expect("it is there");
                fs::create_dir(path).expect("it can be made");
            },
            "changed",
        ),
    ] {
        let file = folder.write("a.csv", "1,2\n");
        let result = disturbed(&file, what).await;
        let entry = &result.entries()[0];
        assert!(entry.outcome.is_ok(), "{entry:?}");
        assert_eq!(entry.warnings.len(), 1, "{entry:?}");
        let warning = &entry.warnings[0];
        assert!(warning.chain().contains(word), "{}", warning.chain());
        assert!(warning.to_string().contains("a.csv"), "{warning}");
        assert_eq!(warning.source_id(), Some(entry.source_id));
        drop((fs::remove_file(&file), fs::remove_dir(&file)));
    }
}

#[tokio::test]
async fn the_same_file_or_identity_twice_is_refused_before_anything_is_sent() {
    let folder = folder("twice");
    let (file, other) = (folder.write("a.csv", "1,2\n"), folder.write("b.csv", "1,2\n"));
    let id = SourceId::random();
    let with_id = |path: &Path| SourceFile::new(path).with_id(id);
    let missing = folder.join("missing.csv");
    let (here, there) = (folder.path().file_name(), folder.join("."));
    let roundabout = there.join("..").join(here.expect("it has a name")).join("a.csv");
    for twice in [
        vec![SourceFile::new(&file), SourceFile::new(roundabout)],
        vec![SourceFile::new(&missing), SourceFile::new(&missing)],
        vec![
            SourceFile::new(&file),
            SourceFile::new(&other),
            SourceFile::new(&file),
        ],
        vec![with_id(&file), with_id(&other)],
    ] {
        let client = untouched();
        let files = Files::new(twice).with_delete_after_ingestion();
        let result = files.ingest_with(&client, &properties()).await;
        assert!(result.is_global());
        assert!(
            result
                .errors()
                .all(|error| error.kind() == ErrorKind::InvalidInput)
        );
    }
    assert!(file.exists() && other.exists());
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_and_what_it_leads_to_are_one_file_and_relative_paths_are_as_good_as_others() {
    let folder = folder("linked");
    let (file, link) = (folder.write("a.csv", "1,2\n"), folder.join("link.csv"));
    std::os::unix::fs::symlink(&file, &link).expect("links can be made");
    // As tests run in the folder of their crate.
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let up = "../".repeat(crate_folder.components().count() - 1);
    let relative = PathBuf::from(up).join(file.strip_prefix("/").expect("it is absolute"));
    for other in [&link, &relative] {
        let client = untouched();
        let files = Files::new([&file, other]).with_delete_after_ingestion();
        let result = files.ingest_with(&client, &properties()).await;
        let error = result.errors().next().expect("it is refused");
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let named = format!("{} is named twice", other.display());
        assert!(error.to_string().contains(&named), "{error}");
    }
    assert!(file.exists());
}

#[tokio::test]
async fn files_bear_the_callers_identity_and_can_be_ingested_on_another_task() {
    let folder = folder("identity");
    let id = SourceId::random();
    let files: Vec<SourceFile> = (0..20)
        .map(|number| folder.write(format!("{number}.csv"), "1,2\n"))
        .map(SourceFile::new)
        .chain([SourceFile::new(folder.write("mine.csv", "1,2\n")).with_id(id)])
        .collect();
    let task = tokio::spawn(async move {
        let files = Files::new(files)
            .with_concurrency(3)
            .with_delete_after_ingestion();
        let client = answering(ReceiptState::Streamed);
        files.ingest_with(&client, &properties()).await
    });
    let receipts = task.await.expect("it does not panic").into_result();
    let receipts = receipts.expect("all were taken");
    assert_eq!(receipts.len(), 21);
    assert_eq!(receipts[20].source_id, id);
    let left = fs::read_dir(&folder).expect("it is there").count();
    assert_eq!(left, 0, "all are deleted");
}
