//! `kusto-ingest watch`: a folder whose files are ingested as they come.

mod metrics;

use std::path::Path;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};

use futures::StreamExt as _;
use futures::future::{Either, select};
use kusto_ingest::journal::{Journal, JournalScope};
use kusto_ingest_watch::{OnDone, WatchEvent, WatchOptions, WatchTargets, Watcher};

use super::client;
use super::interrupt::{HangUps, Interrupt};
use crate::args::{Done, Protocol, Variables, WatchArgs};
use crate::plan::watch_targets;
use crate::report::{self, CommandError, Exit, Outcome, Output};
use crate::sign_in::{Access, ClusterSession};

/// Watches until it is told to end. Nothing is asked of the cluster before there is a file.
///
/// # Errors
/// What cannot be used, found before anything is sent; a journal that cannot be written to any more.
pub(crate) async fn run(args: WatchArgs, variables: Variables<'_>) -> Result<Exit, CommandError> {
    let mut hang_ups = HangUps::listen()?;
    let interrupt = Interrupt::listen_beside(&hang_ups)?;
    let targets = watch_targets::read(&args.targets)?;
    let address = args.address(variables)?;
    let access = Access {
        sign_in: &args.sign_in,
        network: &args.network,
        limits: args.limits,
        protocol: Protocol::Queue,
    };
    let session = ClusterSession::open(&address, access, variables)?;
    let engine = address.connection()?.engine_endpoint();
    let engine = engine.map_err(|error| CommandError::usage(error.to_string()))?;
    let folder = folder(&args.folder)?;
    let scope = JournalScope::new()
        .with("cluster", &engine.url().origin().ascii_serialization())
        .with("folder", &folder.display().to_string());
    let opening = Journal::builder(&args.journal)
        .with_scope(scope)
        .open(session.kusto.clock());
    let unusable =
        |error: kusto_ingest::Error| CommandError::usage(error.chain()).with_page("docs/guide/watching.md");
    let journal = opening.await.map_err(unusable)?;
    tell_unknown(&journal).await;
    let watcher = watcher(&args, &folder, targets, &session, &journal);
    let unwritten = Arc::new(Mutex::new(None));
    let watcher = Arc::new(watcher.with_listener(listener(args.output, unwritten.clone())));
    let serving = metrics::serve(args.metrics, watcher.metrics(), session.kusto.clock()).await?;
    let reloading = reload(&mut hang_ups, &args.targets, &watcher);
    let ended = {
        let mut told = interrupt.clone();
        let beside = pin!(async { futures::join!(serving, reloading) });
        let watching = watcher.run(async move { told.pressed().await }, hints(&folder));
        match select(pin!(watching), beside).await {
            Either::Left((ended, _)) => ended,
            // Neither ends by itself.
            Either::Right(_) => Ok(()),
        }
    };
    let numbers = watcher.metrics();
    report::note(&format!(
        "{} files accepted, {} set aside, {} tried again; {} may be there twice",
        numbers.accepted(),
        numbers.failed(),
        numbers.attempts_failed(),
        numbers.maybe_twice()
    ));
    let finished = journal.finish().await;
    let failed = |error: kusto_ingest::Error| match error.kind() {
        kusto_ingest::ErrorKind::InvalidInput => unusable(error),
        _ => CommandError::new(Exit::Bug, error.chain()),
    };
    ended.map_err(failed)?;
    finished.map_err(|error| CommandError::new(Exit::Bug, error.chain()))?;
    let unwritten = unwritten.lock().unwrap_or_else(PoisonError::into_inner).take();
    unwritten.map_or(Ok(Exit::Done), Err)
}

/// The folder by its whole path, so that the journal knows it from wherever it is watched.
fn folder(named: &Path) -> Result<std::path::PathBuf, CommandError> {
    let refused = |why: &dyn std::fmt::Display| {
        CommandError::usage(format!("{} cannot be watched: {why}", named.display()))
    };
    let folder = std::fs::canonicalize(named).map_err(|error| refused(&error))?;
    match folder.is_dir() {
        true => Ok(folder),
        false => Err(refused(&"it is no folder")),
    }
}

/// What an earlier process was sending when it ended.
async fn tell_unknown(journal: &Journal) {
    for id in journal.unknown() {
        if let Ok(Some(record)) = journal.last(id).await {
            report::warning(&format!(
                "{} may be ingested twice: an earlier run sent it, and nobody knows whether it arrived",
                record.source.name
            ));
        }
    }
}

fn watcher(
    args: &WatchArgs,
    folder: &Path,
    targets: WatchTargets,
    session: &ClusterSession,
    journal: &Journal,
) -> Watcher {
    let absolute = |path: std::path::PathBuf| std::path::absolute(&path).unwrap_or(path);
    let on_done = match args.done {
        Done::Keep => OnDone::Keep,
        Done::Delete => OnDone::Delete,
        Done::Move => OnDone::MoveTo(absolute(args.done_folder())),
    };
    let options = WatchOptions::new(absolute(args.failed_folder()))
        .with_on_done(on_done)
        .with_stable_for(args.stable_for)
        .with_look_every(args.look_every)
        .with_concurrency(args.parallel.into());
    let client = client::queued(&session.kusto, Some(journal));
    Watcher::new(
        folder,
        targets,
        client,
        journal.clone(),
        session.kusto.clock(),
        options,
    )
}

/// Tells of each file what became of it. That standard output cannot be written to ends nothing, and is told in the end.
fn listener(
    output: Output,
    unwritten: Arc<Mutex<Option<CommandError>>>,
) -> impl Fn(&WatchEvent<'_>) + Send + Sync + 'static {
    move |event| match event {
        WatchEvent::Accepted { file, receipt } => {
            let shown = file.display().to_string();
            if receipt.may_be_duplicated() {
                report::warning(&format!("{shown} may be ingested twice: it was sent before"));
            }
            if output != Output::Text
                && let Err(error) =
                    report::print(&report::receipt_result(&Outcome::sent(shown, (*receipt).clone())))
            {
                unwritten
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .get_or_insert(error);
            }
        }
        WatchEvent::SetAside {
            file,
            to,
            error,
            may_be_ingested,
        } => {
            let doubt = match may_be_ingested {
                true => {
                    "; its rows may be there all the same: it was sent before, and nobody knows whether it arrived"
                }
                false => "",
            };
            report::error(&format!(
                "{}: {}; it is set aside as {}{doubt}",
                file.display(),
                error.chain(),
                to.display()
            ));
        }
        WatchEvent::Again { file, error } => {
            report::warning(&format!(
                "{}: {}; it is tried again",
                file.display(),
                error.chain()
            ));
        }
        WatchEvent::Unreadable { error } => report::warning(&error.chain()),
        _ => {}
    }
}

/// Reads the file of targets anew whenever the process is told to. One that cannot be used changes nothing.
async fn reload(hang_ups: &mut HangUps, file: &Path, watcher: &Watcher) {
    loop {
        hang_ups.next().await;
        match watch_targets::read(file) {
            Ok(targets) => {
                report::note(&format!("{} targets are read anew", targets.len()));
                watcher.set_targets(targets);
            }
            Err(error) => error.tell(),
        }
    }
}

/// What the system tells of the folder, where it does.
fn hints(folder: &Path) -> futures::stream::BoxStream<'static, kusto_ingest_watch::Hint> {
    #[cfg(feature = "notify")]
    match kusto_ingest_watch::system_hints(folder) {
        Ok(hints) => return hints,
        Err(error) => report::note(&format!(
            "{}; the folder is looked at now and then",
            error.chain()
        )),
    }
    let _ = folder;
    futures::stream::pending().boxed()
}
