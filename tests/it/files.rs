//! Files of a program's own: sent as they were, or not at all, and deleted only if they are what was sent.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use futures::AsyncRead;
use kusto_emulator::Emulator;
use kusto_ingest::properties::{DatabaseName, TableName};
use kusto_ingest::sources::Payload;
use kusto_ingest::{
    Error, ErrorKind, Files, IngestClient, IngestionProperties, Kusto, Receipt, Result, Source,
};
use kusto_ingest_core::PayloadReader;
use kusto_ingest_tokio::testing::TestFolder;

struct World {
    emulator: Emulator,
    kusto: Kusto,
    database: DatabaseName,
    table: TableName,
    properties: IngestionProperties,
}

impl World {
    async fn start() -> Self {
        let (database, table) = (DatabaseName::parse("D"), TableName::parse("T"));
        let (database, table) = (database.expect("a name"), table.expect("a name"));
        let emulator = Emulator::builder().with_table(
            database.clone(),
            table.clone(),
            "text:string".parse().expect("a schema"),
        );
        let emulator = emulator.start().await.expect("a free port");
        let kusto = Kusto::connect(&emulator.cluster()).expect("a good address");
        Self {
            emulator,
            kusto,
            properties: IngestionProperties::new(database.clone(), table.clone()),
            database,
            table,
        }
    }

    /// Every way into the table.
    fn clients(&self) -> [Arc<dyn IngestClient>; 4] {
        let kusto = &self.kusto;
        [
            Arc::new(kusto.queued()),
            Arc::new(kusto.streaming()),
            Arc::new(kusto.managed()),
            Arc::new(kusto.direct()),
        ]
    }

    async fn rows(&self) -> usize {
        self.emulator.drained().await;
        self.emulator.fake().rows(&self.database, &self.table).len()
    }
}

fn folder(name: &str) -> TestFolder {
    TestFolder::new(env!("CARGO_TARGET_TMPDIR"), name)
}

type Change = fn(&Path);

/// Rewrites a file in its place, with as many bytes, at another time.
fn rewrite(path: &Path) {
    let length = fs::metadata(path).expect("it is there").len();
    let length = usize::try_from(length).expect("it is small");
    fs::write(path, vec![b'y'; length]).expect("it can be written");
    let file = fs::File::options().append(true).open(path).expect("it is there");
    let later = SystemTime::UNIX_EPOCH + Duration::from_secs(2_000_000_000);
    file.set_modified(later).expect("its time can be set");
}

/// Puts another file in the place of the first.
fn replace(path: &Path) {
    let new = path.with_extension("new");
    fs::write(&new, "y\n").expect("it can be written");
    fs::rename(new, path).expect("it is ours");
}

/// A client of the library, and what happens to a file once so many of its bytes were read, or after all.
#[derive(Debug)]
struct Disturbed {
    client: Arc<dyn IngestClient>,
    path: PathBuf,
    after: Option<usize>,
    change: Change,
}

#[async_trait]
impl IngestClient for Disturbed {
    async fn ingest_source(&self, source: Source, properties: &IngestionProperties) -> Result<Receipt> {
        let source = match (source, self.after) {
            (Source::Local(local), Some(after)) => {
                let (inner, path, change) = (local.payload().clone(), self.path.clone(), self.change);
                let payload = Payload::replayable(inner.len(), move |offset| {
                    let (inner, path) = (inner.clone(), path.clone());
                    async move {
                        let inner = inner.open(offset).await.map_err(io::Error::other)?;
                        let left = Some(after);
                        Ok(Box::pin(Disturbing {
                            inner,
                            path,
                            change,
                            left,
                        }) as PayloadReader)
                    }
                });
                local.with_payload(payload).into()
            }
            (source, _) => source,
        };
        let outcome = self.client.ingest_source(source, properties).await;
        if self.after.is_none() {
            (self.change)(&self.path);
        }
        outcome
    }
}

struct Disturbing {
    inner: PayloadReader,
    path: PathBuf,
    change: Change,
    left: Option<usize>,
}

impl AsyncRead for Disturbing {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if self.left == Some(0) {
            (self.change)(&self.path);
            self.left = None;
        }
        let most = self.left.unwrap_or(usize::MAX).min(buffer.len());
        let read = self.inner.as_mut().poll_read(context, &mut buffer[..most]);
        if let (Poll::Ready(Ok(read)), Some(left)) = (&read, self.left) {
            self.left = Some(left - read);
        }
        read
    }
}

#[tokio::test]
async fn a_file_that_is_rewritten_while_it_is_read_is_an_error_and_nothing_arrives_whatever_its_size_and_way()
{
    let (world, folder) = (World::start().await, folder("rewritten files"));
    for (name, bytes, after) in [("small.csv", 4, 0), ("large.csv", 5 << 20, 1 << 20)] {
        for deletes in [false, true] {
            for client in world.clients() {
                let path = folder.write(name, &vec![b'x'; bytes]);
                let client = Disturbed {
                    client,
                    path: path.clone(),
                    after: Some(after),
                    change: rewrite,
                };
                let files = match deletes {
                    true => Files::single(&path).with_delete_after_ingestion(),
                    false => Files::single(&path),
                };
                let result = files.ingest_with(&client, &world.properties).await;
                let error = Error::from(result.into_result().expect_err("it changed"));
                assert_eq!(
                    error.kind(),
                    ErrorKind::SourceNotReadable,
                    "{name}: {}",
                    error.chain()
                );
                let told = error.chain();
                assert!(
                    told.contains("changed while it was read") && told.contains(name),
                    "{told}"
                );
                assert!(path.exists());
            }
        }
    }
    assert_eq!(world.rows().await, 0);
}

#[tokio::test]
async fn what_takes_the_place_of_a_file_before_its_deletion_stays_and_the_result_tells() {
    let (world, folder) = (World::start().await, folder("replaced files"));
    let path = folder.write("a.csv", b"x\n");
    let client = Disturbed {
        client: Arc::new(world.kusto.queued()),
        path: path.clone(),
        after: None,
        change: replace,
    };
    let result = Files::single(&path)
        .with_delete_after_ingestion()
        .ingest_with(&client, &world.properties)
        .await;
    let warnings = &result.entries()[0].warnings;
    assert_eq!((result.receipts().count(), warnings.len()), (1, 1), "{result:?}");
    assert!(
        warnings[0].chain().contains("it has changed"),
        "{}",
        warnings[0].chain()
    );
    assert_eq!(fs::read(&path).expect("it stays"), b"y\n");
    assert_eq!(folder.names(), ["a.csv"]);
}

#[cfg(unix)]
#[tokio::test]
async fn through_a_symbolic_link_data_is_ingested_and_nothing_is_deleted() {
    let (world, folder) = (World::start().await, folder("linked files"));
    let (data, link) = (folder.write("data.csv", b"x\n"), folder.join("link.csv"));
    std::os::unix::fs::symlink(&data, &link).expect("links can be made");
    let result = Files::single(&link)
        .with_delete_after_ingestion()
        .ingest_with(&world.kusto.queued(), &world.properties)
        .await;
    let warnings = &result.entries()[0].warnings;
    assert_eq!((result.receipts().count(), warnings.len()), (1, 1), "{result:?}");
    assert!(
        warnings[0].chain().contains("symbolic link"),
        "{}",
        warnings[0].chain()
    );
    assert_eq!(folder.names(), ["data.csv", "link.csv"]);
}

#[tokio::test]
async fn what_a_stopped_run_left_is_told_by_the_next_one() {
    let (world, folder) = (World::start().await, folder("left files"));
    let path = folder.write("a.csv", b"x\n");
    let left = folder.write(".kusto-ingest-deleting-0123-old.csv", b"x\n");
    let result = Files::single(&path)
        .with_delete_after_ingestion()
        .ingest_with(&world.kusto.queued(), &world.properties)
        .await;
    let warnings = &result.entries()[0].warnings;
    assert_eq!(warnings.len(), 1, "{result:?}");
    let told = warnings[0].chain();
    assert!(
        told.contains("stopped") && told.contains(&left.display().to_string()),
        "{told}"
    );
    assert!(left.exists() && !path.exists());
}
