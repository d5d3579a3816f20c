//! The ways into a table: what each is asked for, what it cannot carry, and the client that takes it.

use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use kusto_ingest::{CommandMode, Compression, DirectIngestClient, IngestClient, Kusto, Source};
use kusto_ingest_direct::Batching;

use crate::args::{CommandArgs, DirectArgs, InlineArgs, IntoArgs, QueueArgs, QueuedArgs, StreamArgs};
use crate::discover::Found;
use crate::exit::Stop;
use crate::input;
use crate::prepare::Planned;

/// The most bytes of text inside of a command.
const INLINE_LIMIT: usize = 1024 * 1024;

/// What a command that ingests was asked for, whichever way it goes.
#[derive(Debug)]
pub(crate) struct Errand {
    pub(crate) sources: Vec<OsString>,
    pub(crate) into: IntoArgs,
    pub(crate) route: Route,
}

/// A way into a table.
#[derive(Debug)]
pub(crate) enum Route {
    Queued(QueueArgs),
    Streaming,
    Managed(QueueArgs),
    Direct(CommandArgs),
    Inline,
}

/// What takes the sources.
#[derive(Debug)]
pub(crate) enum Taker {
    /// A client that takes one source a call.
    Single(Arc<dyn IngestClient>),
    /// A client that puts several sources into one command.
    Batches(Box<DirectIngestClient>),
}

impl Errand {
    pub(crate) fn queued(args: QueuedArgs) -> Self {
        Self::new(args.sources.sources, args.into, Route::Queued(args.queue))
    }

    pub(crate) fn streaming(args: StreamArgs) -> Self {
        Self::new(args.sources.sources, args.into, Route::Streaming)
    }

    pub(crate) fn managed(args: QueuedArgs) -> Self {
        Self::new(args.sources.sources, args.into, Route::Managed(args.queue))
    }

    pub(crate) fn direct(args: DirectArgs) -> Self {
        Self::new(args.sources.sources, args.into, Route::Direct(args.commands))
    }

    pub(crate) fn inline(args: InlineArgs) -> Self {
        Self::new(vec![args.source], args.into, Route::Inline)
    }

    fn new(sources: Vec<OsString>, into: IntoArgs, route: Route) -> Self {
        Self { sources, into, route }
    }

    /// How long to wait for what is queued, where that is wanted.
    pub(crate) fn patience(&self) -> Option<Duration> {
        let queue = self.route.queue()?;
        (queue.wait || self.into.emulator).then_some(queue.wait_timeout)
    }

    /// Whether the status table tells of the sources.
    pub(crate) fn is_tracked(&self) -> bool {
        self.patience().is_some() || self.route.queue().is_some_and(|queue| queue.track)
    }

    /// Whether somebody is to ask later what became of the sources, from another process.
    pub(crate) fn leaves_receipts(&self) -> bool {
        let is_tracked = self.is_tracked() && self.patience().is_none();
        is_tracked || self.route.ends_early()
    }
}

impl Route {
    /// What is said of the queue, where it may be taken.
    pub(crate) fn queue(&self) -> Option<&QueueArgs> {
        match self {
            Self::Queued(queue) | Self::Managed(queue) => Some(queue),
            Self::Streaming | Self::Direct(_) | Self::Inline => None,
        }
    }

    /// Whether nothing can be sent without what the Data Management service lends.
    pub(crate) fn needs_loan(&self) -> bool {
        matches!(self, Self::Queued(_))
    }

    /// Whether the command is done when the engine has taken everything.
    pub(crate) fn ends_early(&self) -> bool {
        matches!(self, Self::Direct(commands) if commands.r#async)
    }

    pub(crate) fn taker(&self, kusto: &Kusto) -> Taker {
        match self {
            Self::Queued(_) => Taker::Single(Arc::new(kusto.queued())),
            Self::Streaming => Taker::Single(Arc::new(kusto.streaming())),
            Self::Managed(_) => Taker::Single(Arc::new(kusto.managed())),
            Self::Direct(commands) => {
                let client = kusto
                    .direct()
                    .with_mode(mode(commands))
                    .with_batching(batching(commands))
                    .with_parallelism(commands.max_parallel.into());
                Taker::Batches(Box::new(client))
            }
            // Without an uploader, so that nothing goes another way.
            Self::Inline => {
                let client = DirectIngestClient::new(kusto.engine(), kusto.clock());
                Taker::Single(Arc::new(client.with_inline_limit(INLINE_LIMIT as u64)))
            }
        }
    }

    /// Looks for what this way cannot carry, as far as that can be told before anything is sent.
    ///
    /// # Errors
    /// The first source that cannot go this way.
    pub(crate) async fn check(&self, planned: &mut [Planned]) -> Result<(), Stop> {
        for planned in planned.iter_mut().filter(|planned| planned.refused.is_none()) {
            match self {
                Self::Streaming => check_streamable(planned).await?,
                Self::Inline => check_inline(planned).await?,
                Self::Queued(_) | Self::Managed(_) | Self::Direct(_) => {}
            }
        }
        Ok(())
    }
}

fn mode(commands: &CommandArgs) -> CommandMode {
    match (commands.sync, commands.r#async) {
        (true, _) => CommandMode::Sync,
        (_, true) => CommandMode::Async,
        _ => CommandMode::Auto,
    }
}

fn batching(commands: &CommandArgs) -> Batching {
    let together = match (commands.batch_files, commands.batch_bytes) {
        (None, None) => return Batching::default(),
        (None, Some(_)) => Batching::together(),
        (Some(files), _) => Batching::together().with_max_sources(files as usize),
    };
    match commands.batch_bytes {
        Some(bytes) => together.with_max_bytes(bytes),
        None => together,
    }
}

async fn check_streamable(planned: &Planned) -> Result<(), Stop> {
    // A file that cannot be opened is a source that fails.
    let Ok(source) = planned.source().await else {
        return Ok(());
    };
    match planned.properties.not_streamable(&source).as_slice() {
        [] => Ok(()),
        names => Err(Stop::usage(format!(
            "{}: a streaming request cannot carry {}; use ingest or managed",
            planned.found.called(),
            names.join(", ")
        ))),
    }
}

async fn check_inline(planned: &mut Planned) -> Result<(), Stop> {
    let refused = |why: &str| {
        let called = planned.found.called();
        Err(Stop::usage(format!(
            "{called}: a command cannot carry it, as {why}; use direct"
        )))
    };
    if matches!(planned.found, Found::Blob(_)) {
        return refused("it is a blob");
    }
    if !planned.format.is_compressible() {
        return refused("its format is no text");
    }
    let Ok(Source::Local(local)) = planned.source().await else {
        return Ok(());
    };
    if local.compression() != Compression::None {
        return refused("it is compressed");
    }
    let is_whole = match (planned.bytes(), planned.opened.is_some()) {
        (Some(bytes), _) => bytes <= INLINE_LIMIT as u64,
        (None, true) => {
            let unusable = |error| Stop::unusable(&error);
            let (beginning, local) = input::peek(local, INLINE_LIMIT).await.map_err(unusable)?;
            planned.opened = Some(local);
            beginning.is_whole
        }
        (None, false) => true,
    };
    match is_whole {
        true => Ok(()),
        false => Err(Stop::usage(format!(
            "{}: a command cannot carry it, as it has more than 1 MiB; use direct",
            planned.found.called()
        ))),
    }
}
