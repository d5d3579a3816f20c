//! Rows by way of files: gone once they are taken, kept where an ingestion fails.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::AsyncReadExt as _;
use futures::stream;
use kusto_fake::{BlobPage, Fault, FaultPlan, MemoryStorage, ResourcePath};
use kusto_ingest_core::testing::properties;
use kusto_ingest_core::{
    Error, ErrorKind, IngestClient, IngestionProperties, ManualClock, MockIngestClient, Receipt,
    ReceiptState, Result, Source, Timestamp,
};
use kusto_ingest_rows::{RowWriter, Rows};
use kusto_ingest_tokio::RowSpool;
use kusto_ingest_tokio::testing::TestFolder;
use kusto_storage::Operation;

use super::world::{answering, messages, queued, untouched};
use crate::folder::folder;

fn clock() -> ManualClock {
    ManualClock::new(Timestamp::parse("2026-01-02T03:04:05.678Z").expect("a good moment"))
}

/// Five rows that come once, two to a chunk.
fn rows() -> Rows {
    Rows::from_iter(0..5, RowWriter::csv()).with_max_raw_bytes(4)
}

fn spool(rows: Rows, root: &TestFolder) -> RowSpool {
    RowSpool::new(rows).with_folder(root.path())
}

/// The only folder that is left, and what its files hold.
fn left_in(root: &TestFolder) -> (PathBuf, Vec<(String, String)>) {
    let names = root.names();
    assert_eq!(names.len(), 1, "{names:?}");
    let within = |(path, text): (String, String)| {
        let name = path.strip_prefix(&format!("{}/", names[0])).map(str::to_owned);
        (name.expect("all files are in the one folder"), text)
    };
    let files = root.files().into_iter().map(within).collect();
    (root.join(&names[0]), files)
}

fn blob_names(storage: &MemoryStorage) -> Vec<String> {
    let page = storage.list_blobs(&ResourcePath::new("a", "c"), "", None, 100);
    let BlobPage { blobs, .. } = page.expect("the container is there");
    blobs.into_iter().map(|blob| blob.name).collect()
}

#[tokio::test]
async fn s02_c93_after_success_the_folder_is_gone() {
    let root = folder("c93 success");
    let (client, storage) = queued();
    let rows = rows();
    let id = rows.id();
    let result = spool(rows, &root)
        .ingest_with(&client, &properties(), &clock())
        .await;
    assert!(
        result.entries().iter().all(|entry| entry.warnings.is_empty()),
        "{result:?}"
    );
    let receipts = result.into_result().expect("all are queued");
    assert_eq!(receipts.len(), 3);
    assert!(receipts.iter().all(|receipt| receipt.source_id == id));
    assert_eq!(messages(&storage), 3);
    let names = blob_names(&storage);
    assert_eq!(names.len(), 3);
    for (chunk, name) in names.iter().enumerate() {
        let expect = format!("db__t__{id}__rows__{chunk:05}__");
        assert!(name.starts_with(&expect) && name.ends_with(".csv.gz"), "{name}");
    }
    assert_eq!(root.names(), [""; 0]);
}

#[tokio::test]
async fn s02_c93_where_a_post_fails_the_folder_is_kept_and_the_error_tells_where() {
    let root = folder("c93 failure");
    let (client, storage) = queued();
    storage.plan(
        FaultPlan::new(Fault::Refused(ErrorKind::Unavailable))
            .on(Operation::PutMessage)
            .after(1),
    );
    let rows = rows();
    let id = rows.id();
    let one_by_one = spool(rows, &root).with_concurrency(1);
    let result = one_by_one.ingest_with(&client, &properties(), &clock()).await;
    assert_eq!(messages(&storage), 2, "the others are queued");
    let (folder, files) = left_in(&root);
    assert_eq!(
        files,
        [(format!("{id}_00001.csv"), "2\n3\n".to_owned())],
        "what was taken is gone"
    );
    let name = folder.file_name().expect("it has a name").to_string_lossy();
    assert!(name.starts_with("Ingestions_2026-01-02-03-04-05-678_"), "{name}");

    assert!(
        result.entries().iter().all(|entry| entry.warnings.is_empty()),
        "{result:?}"
    );
    let errors: Vec<&Error> = result.errors().collect();
    assert_eq!(errors.len(), 1);
    assert_eq!(
        (errors[0].kind(), errors[0].source_id()),
        (ErrorKind::Unavailable, Some(id))
    );
    let path = folder.display().to_string();
    assert!(
        errors[0].context().any(|pair| pair == ("kept in", &path)),
        "{}",
        errors[0]
    );
    let file = folder.join(&files[0].0).display().to_string();
    assert_eq!(result.entries()[1].name, Some(file));
}

/// Fails to read half of the source, and reads it whole at the second attempt.
#[derive(Debug, Default)]
struct Stumbling(Mutex<Vec<String>>);

#[async_trait]
impl IngestClient for Stumbling {
    async fn ingest_source(&self, source: Source, properties: &IngestionProperties) -> Result<Receipt> {
        let Source::Local(local) = &source else {
            return Err(Error::new(ErrorKind::InvalidInput, "read a blob"));
        };
        let mut first = local.payload().open(0).await?;
        first.read_exact(&mut [0; 1]).await.expect("there are bytes");
        let mut text = String::new();
        let mut second = local.payload().open(0).await?;
        second.read_to_string(&mut text).await.expect("it is text");
        self.0.lock().expect("no test panicked").push(text);
        answering(ReceiptState::Queued)
            .ingest_source(source, properties)
            .await
    }
}

#[tokio::test]
async fn rows_that_come_once_can_be_read_again_for_another_attempt() {
    let root = folder("attempts");
    let client = Arc::new(Stumbling::default());
    let shared: Arc<dyn IngestClient> = client.clone();
    let task = {
        let spool = spool(rows(), &root);
        tokio::spawn(async move { spool.ingest_with(&*shared, &properties(), &clock()).await })
    };
    let result = task.await.expect("it does not panic");
    assert!(result.into_result().is_ok());
    let mut texts = client.0.lock().expect("no test panicked").clone();
    texts.sort();
    assert_eq!(texts, ["0\n1\n", "2\n3\n", "4\n"]);
    assert_eq!(root.names(), [""; 0]);
}

#[tokio::test]
async fn rows_of_which_nobody_knows_whether_they_arrived_are_kept() {
    let root = folder("unknown rows");
    let unknown = ReceiptState::Unknown {
        status: None,
        reason: "the answer was lost".to_owned(),
    };
    let result = spool(rows(), &root)
        .ingest_with(&answering(unknown), &properties(), &clock())
        .await;
    let (folder, files) = left_in(&root);
    assert_eq!(files.len(), 3);
    for entry in result.entries() {
        let warning = entry.warnings[0].to_string();
        assert!(warning.contains(&folder.display().to_string()), "{warning}");
    }
    assert!(result.into_result().is_ok());
}

#[tokio::test]
async fn chunks_that_the_client_skips_are_not_kept() {
    let root = folder("skipped rows");
    let result = spool(rows(), &root)
        .ingest_with(&answering(ReceiptState::Skipped), &properties(), &clock())
        .await;
    assert_eq!(result.entries().len(), 3);
    assert!(
        result.entries().iter().all(|entry| entry.warnings.is_empty()),
        "{result:?}"
    );
    assert_eq!(root.names(), [""; 0]);
}

#[tokio::test]
async fn a_row_that_fails_ends_the_spool_and_what_was_written_does_not_look_complete() {
    let root = folder("bad row");
    let failing = stream::iter([
        Ok(0),
        Ok(1),
        Ok(2),
        Err(std::io::Error::other("the cursor is gone")),
    ]);
    let rows = Rows::from_try_stream(failing, RowWriter::csv()).with_max_raw_bytes(4);
    let id = rows.id();
    let result = spool(rows, &root)
        .ingest_with(&answering(ReceiptState::Queued), &properties(), &clock())
        .await;
    let outcomes: Vec<bool> = result
        .entries()
        .iter()
        .map(|entry| entry.outcome.is_ok())
        .collect();
    assert_eq!(outcomes, [true, false]);
    let error = result.errors().next().expect("one failed");
    assert!(error.chain().contains("the cursor is gone"), "{}", error.chain());
    assert_eq!(error.source_id(), Some(id));
    let (folder, files) = left_in(&root);
    assert!(
        error.to_string().contains(&folder.display().to_string()),
        "{error}"
    );
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, [format!("{id}_00001.csv.partial")]);
}

#[tokio::test]
async fn s02_c92_no_rows_make_no_folder_and_are_skipped() {
    let root = folder("no rows");
    let client = untouched();
    let none = Rows::from_iter(Vec::<u8>::new(), RowWriter::csv());
    let result = spool(none, &root)
        .ingest_with(&client, &properties(), &clock())
        .await;
    let receipts = result.into_result().expect("nothing to do");
    assert_eq!(receipts[0].state, ReceiptState::Skipped);
    assert_eq!(root.names(), [""; 0]);
}

#[tokio::test]
async fn s02_c91_tags_for_ingesting_once_keep_the_rows_in_one_file() {
    let root = folder("tags");
    let (client, storage) = queued();
    let once = properties().with_ingest_by_tags(["day:1"]);
    let result = spool(rows(), &root).ingest_with(&client, &once, &clock()).await;
    assert_eq!(result.into_result().expect("it is queued").len(), 1);
    let name = &blob_names(&storage)[0];
    assert!(name.contains("__rows__"), "{name}");
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_told_before_rows_are_taken_away() {
    let root = folder("nowhere");
    let missing = root.join("missing");
    let client = untouched();
    let result = RowSpool::new(rows())
        .with_folder(&missing)
        .ingest_with(&client, &properties(), &clock())
        .await;
    assert!(result.is_global());
    let error = result.errors().next().expect("it failed");
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(
        error.to_string().contains(&missing.display().to_string()),
        "{error}"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_may_look_into_the_folder() {
    use std::os::unix::fs::PermissionsExt as _;

    let root = folder("private");
    let mut client = MockIngestClient::new();
    client
        .expect_ingest_source()
        .returning(|_, _| Err(Error::new(ErrorKind::Unavailable, "post")));
    drop(
        spool(rows(), &root)
            .ingest_with(&client, &properties(), &clock())
            .await,
    );
    let (folder, _) = left_in(&root);
    let mode = fs::metadata(folder).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}
