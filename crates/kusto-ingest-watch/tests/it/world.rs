//! A folder, a watcher of it, and a client that does as it is told.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures::channel::oneshot;
use futures::{FutureExt as _, stream};
use kusto_ingest_core::testing::{SECOND, now};
use kusto_ingest_core::{
    Error, ErrorKind, IngestClient, IngestionProperties, ManualClock, Receipt, ReceiptState, Result, Source,
};
use kusto_ingest_journal::{Journal, JournaledClient};
use kusto_ingest_tokio::testing::TestFolder;
use kusto_ingest_watch::{
    Hint, OnDone, WatchEvent, WatchMetrics, WatchOptions, WatchTarget, WatchTargets, Watcher,
};

pub(crate) const HOUR: Duration = Duration::from_secs(3600);

/// Keeps what it is given, and fails as the next word says.
#[derive(Debug, Default)]
pub(crate) struct RecordingClient {
    pub(crate) taken: Mutex<Vec<(String, String)>>,
    pub(crate) fails: Mutex<Vec<ErrorKind>>,
    /// Held by a test, it keeps a file from being taken.
    pub(crate) gate: futures::lock::Mutex<()>,
    /// How often each number came, where names are numbers and there are too many to be kept.
    pub(crate) counts: Mutex<Vec<u8>>,
}

impl RecordingClient {
    /// The names of the files in the order in which they came, and their tables.
    pub(crate) fn taken(&self) -> Vec<(String, String)> {
        self.taken.lock().expect("no panic while it was held").clone()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.taken().into_iter().map(|(name, _)| name).collect()
    }

    pub(crate) fn fail(&self, kinds: &[ErrorKind]) {
        self.fails
            .lock()
            .expect("no panic while it was held")
            .extend(kinds.iter().rev());
    }
}

#[async_trait]
impl IngestClient for RecordingClient {
    async fn ingest_source(&self, source: Source, properties: &IngestionProperties) -> Result<Receipt> {
        drop(self.gate.lock().await);
        if let Some(kind) = self.fails.lock().expect("no panic while it was held").pop() {
            let error = Error::new(kind, "test").because("at https://a/c/b?sig=SECRET");
            return Err(match kind {
                ErrorKind::OutcomeUnknown => error.with_receipt(receipt(&source, properties)),
                _ => error,
            });
        }
        let name = source.name().unwrap_or("-").to_owned();
        let number = name
            .strip_suffix(".csv")
            .and_then(|number| number.parse::<usize>().ok());
        let mut counts = self.counts.lock().expect("no panic while it was held");
        if let Some(count) = number.and_then(|number| counts.get_mut(number)) {
            *count += 1;
            return Ok(receipt(&source, properties));
        }
        drop(counts);
        let taken = (name, properties.table.to_string());
        self.taken.lock().expect("no panic while it was held").push(taken);
        Ok(receipt(&source, properties))
    }
}

fn receipt(source: &Source, properties: &IngestionProperties) -> Receipt {
    let (database, table) = (properties.database.clone(), properties.table.clone());
    Receipt::new(source.id(), database, table, ReceiptState::Queued)
}

type Told = Arc<Mutex<Vec<(String, bool)>>>;

pub(crate) struct World {
    pub(crate) folder: TestFolder,
    told: Told,
    pub(crate) client: Arc<RecordingClient>,
    pub(crate) clock: ManualClock,
    pub(crate) watcher: Arc<Watcher>,
    pub(crate) metrics: WatchMetrics,
    pub(crate) journal: Journal,
    stop: Option<oneshot::Sender<()>>,
    task: Option<tokio::task::JoinHandle<Result<()>>>,
    pub(crate) hints: futures::channel::mpsc::UnboundedSender<Hint>,
}

impl World {
    /// Watches `in` of a folder; done files are treated so. Time stands still until the test moves it.
    pub(crate) async fn watching(name: &str, on_done: OnDone) -> Self {
        Self::resumed(folder(name), on_done, Arc::default()).await
    }

    /// The same, with several files at a time.
    pub(crate) async fn watching_many(name: &str, on_done: OnDone) -> Self {
        let folder = folder(name);
        let options = options(folder.join("failed"), on_done).with_concurrency(8);
        Self::begun(folder, "in".as_ref(), Arc::default(), options).await
    }

    /// The same, with an hour between two looks. What was done is kept.
    pub(crate) async fn watching_hourly(name: &str) -> Self {
        let folder = folder(name);
        let options = options(folder.join("failed"), OnDone::Keep).with_look_every(HOUR);
        Self::begun(folder, "in".as_ref(), Arc::default(), options).await
    }

    /// The same, where the folder that is watched and the one of failures are named so, from the folder of the test on.
    pub(crate) async fn watching_by(
        folder: TestFolder,
        on_done: OnDone,
        (watched, failed): (&Path, &Path),
    ) -> Self {
        let options = options(folder.join(failed), on_done);
        Self::begun(folder, watched, Arc::default(), options).await
    }

    /// The same in a folder that another one has left.
    pub(crate) async fn resumed(folder: TestFolder, on_done: OnDone, client: Arc<RecordingClient>) -> Self {
        let options = options(folder.join("failed"), on_done);
        Self::begun(folder, "in".as_ref(), client, options).await
    }

    /// How it ends at once, where the folders cannot be used.
    pub(crate) async fn refused(folder: TestFolder, (watched, failed): (&Path, &Path)) -> Error {
        let options = options(folder.join(failed), OnDone::Keep);
        let world = Self::started(folder, watched, Arc::default(), options).await;
        world.ended().await.expect_err("it is refused")
    }

    async fn begun(
        folder: TestFolder,
        watched: &Path,
        client: Arc<RecordingClient>,
        options: WatchOptions,
    ) -> Self {
        let world = Self::started(folder, watched, client, options).await;
        world.until("the first look", || world.metrics.looks() > 0).await;
        world
    }

    async fn started(
        folder: TestFolder,
        watched: &Path,
        client: Arc<RecordingClient>,
        options: WatchOptions,
    ) -> Self {
        let clock = ManualClock::new(now());
        let opening = Journal::builder(folder.join("journal"))
            .without_sync()
            .open(Arc::new(clock.clone()));
        let journal = opening.await.expect("it can be opened");
        let targets = WatchTargets::from_iter([target("b/*.csv", "B"), target("*.csv", "T")]);
        let journaled = JournaledClient::new(client.clone(), journal.clone()).with_intent_at_start();
        let watcher = Watcher::new(
            folder.join(watched),
            targets,
            Arc::new(journaled),
            journal.clone(),
            Arc::new(clock.clone()),
            options,
        );
        let told = Told::default();
        let tells = told.clone();
        let watcher = watcher.with_listener(move |event| take_down(&tells, event));
        let watcher = Arc::new(watcher);
        let (stop, stopped) = oneshot::channel::<()>();
        let (hints, hinted) = futures::channel::mpsc::unbounded();
        let running = watcher.clone();
        let task = tokio::spawn(async move {
            let until = stopped.map(|_| ());
            let hints = stream::select(hinted, stream::pending());
            running.run(until, Box::pin(hints)).await
        });
        let metrics = watcher.metrics();
        Self {
            folder,
            told,
            client,
            clock,
            watcher,
            metrics,
            journal,
            stop: Some(stop),
            task: Some(task),
            hints,
        }
    }

    /// What was set aside, and whether it may be ingested all the same.
    pub(crate) fn told(&self) -> Vec<(String, bool)> {
        self.told.lock().expect("no panic while it was held").clone()
    }

    /// Writes a file below `in`, which was changed so many seconds after 1970.
    pub(crate) fn write(&self, name: &str, text: &str, changed: u64) -> PathBuf {
        let path = self.folder.write(format!("in/{name}"), text);
        let file = std::fs::File::options()
            .append(true)
            .open(&path)
            .expect("it is there");
        let at = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(changed);
        file.set_modified(at).expect("it is ours");
        path
    }

    /// A second passes, the folder is looked at, and what follows from that is done.
    pub(crate) async fn second(&self) {
        let looks = self.metrics.looks();
        self.until("a wait for the clock", || self.clock.sleepers() > 0)
            .await;
        self.clock.advance(SECOND);
        self.until("a look", || self.metrics.looks() > looks).await;
        self.settle().await;
    }

    pub(crate) async fn seconds(&self, count: usize) {
        for _ in 0..count {
            self.second().await;
        }
    }

    /// Waits until nothing is under way.
    pub(crate) async fn settle(&self) {
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
        self.until("the end of what is under way", || self.metrics.under_way() == 0)
            .await;
    }

    /// Waits until something is so, which it will be soon.
    pub(crate) async fn until(&self, what: &str, is_so: impl Fn() -> bool) {
        let limit = Duration::from_secs(60);
        let waiting = async {
            while !is_so() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(limit, waiting)
            .await
            .unwrap_or_else(|_| panic!("there is no {what}"));
    }

    /// How it ends by itself.
    pub(crate) async fn ended(mut self) -> Result<()> {
        let task = self.task.take().expect("it runs");
        task.await.expect("it does not panic")
    }

    /// Ends the watching, and leaves the folder.
    pub(crate) async fn stop(mut self) -> (TestFolder, Arc<RecordingClient>) {
        drop(self.stop.take());
        let task = self.task.take().expect("it runs");
        task.await.expect("it does not panic").expect("it ends well");
        drop(self.watcher);
        self.journal.finish().await.expect("it is written");
        (self.folder, self.client)
    }
}

/// Takes down what was set aside, and whether it may be ingested all the same.
fn take_down(told: &Told, event: &WatchEvent<'_>) {
    if let WatchEvent::SetAside {
        file,
        may_be_ingested,
        ..
    } = event
    {
        let name = file.file_name().expect("it has one").to_string_lossy();
        let mut told = told.lock().expect("no panic while it was held");
        told.push((name.into_owned(), *may_be_ingested));
    }
}

/// A folder of a test's own, with one in it that is watched.
fn folder(name: &str) -> TestFolder {
    let folder = TestFolder::new(env!("CARGO_TARGET_TMPDIR"), name);
    std::fs::create_dir_all(folder.join("in")).expect("it can be made");
    folder
}

/// One file at a time, two seconds after its last change.
fn options(failed: PathBuf, on_done: OnDone) -> WatchOptions {
    WatchOptions::new(failed)
        .with_on_done(on_done)
        .with_stable_for(SECOND * 2)
        .with_pauses(SECOND * 10, SECOND * 60)
        .with_concurrency(1)
}

pub(crate) fn target(pattern: &str, table: &str) -> WatchTarget {
    let properties = IngestionProperties::into_table("D", table).expect("they are names");
    WatchTarget::new(pattern, properties).expect("it is a pattern")
}
