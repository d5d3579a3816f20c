//! The ways into a table: what each is asked for, what it cannot carry, and the client that takes it.

use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use kusto_ingest::direct::Batching;
use kusto_ingest::retry::ExponentialRetry;
use kusto_ingest::{
    CommandMode, DefaultPolicy, DirectIngestClient, IngestClient, Kusto, ManagedStreamingSettings,
    OnUnavailable, PollSchedule, StreamingIngestClient,
};

use crate::args::{
    CommandArgs, DeliveryArgs, DirectArgs, InlineArgs, IntoArgs, LimitArgs, ManagedArgs, OnUnknown,
    PolicyArgs, QueueArgs, QueuedArgs, SourceArgs, StreamArgs, StreamingArgs,
};
use crate::plan::deletion::Deletion;

/// The most bytes of text inside of a command.
pub(crate) const INLINE_LIMIT: usize = 1024 * 1024;

/// How long an operation is followed.
const OPERATION_LIMIT: Duration = Duration::from_secs(60 * 60);

/// How often a streaming request is sent whose answer is lost, where it is to be sent again.
const STREAMING_ATTEMPTS: u32 = 3;

/// What a command that ingests was asked for, whichever way it goes.
#[derive(Debug)]
pub(crate) struct IngestJob {
    pub(crate) sources: Vec<OsString>,
    pub(crate) into: IntoArgs,
    pub(crate) route: Route,
    delete_source: bool,
}

/// A way into a table.
#[derive(Debug)]
pub(crate) enum Route {
    Queued(QueueArgs, DeliveryArgs),
    Streaming(StreamingArgs, DeliveryArgs),
    Managed(PolicyArgs, QueueArgs, DeliveryArgs),
    Direct(CommandArgs),
    Inline,
}

/// What takes the sources.
#[derive(Debug)]
pub(crate) enum JobClient {
    /// A client that takes one source a call.
    Single(Arc<dyn IngestClient>),
    /// A client that puts several sources into one command.
    Batches(Box<DirectIngestClient>),
}

impl IngestJob {
    pub(crate) fn queued(args: QueuedArgs) -> Self {
        Self::new(args.sources, args.into, Route::Queued(args.queue, args.delivery))
    }

    pub(crate) fn streaming(args: StreamArgs) -> Self {
        Self::new(
            args.sources,
            args.into,
            Route::Streaming(args.streaming, args.delivery),
        )
    }

    pub(crate) fn managed(args: ManagedArgs) -> Self {
        let route = Route::Managed(args.policy, args.queue, args.delivery);
        Self::new(args.sources, args.into, route)
    }

    pub(crate) fn direct(args: DirectArgs) -> Self {
        Self::new(args.sources, args.into, Route::Direct(args.commands))
    }

    pub(crate) fn inline(args: InlineArgs) -> Self {
        let sources = SourceArgs {
            sources: vec![args.source],
            delete_source: false,
        };
        Self::new(sources, args.into, Route::Inline)
    }

    fn new(sources: SourceArgs, into: IntoArgs, route: Route) -> Self {
        Self {
            sources: sources.sources,
            into,
            route,
            delete_source: sources.delete_source,
        }
    }

    /// How long to wait for what is queued, where that is wanted.
    pub(crate) fn wait_timeout(&self) -> Option<Duration> {
        let queue = self.route.queue()?;
        (queue.wait || self.into.emulator).then_some(queue.wait_timeout)
    }

    /// Whether the status table tells of the sources.
    pub(crate) fn is_tracked(&self) -> bool {
        self.wait_timeout().is_some() || self.route.queue().is_some_and(|queue| queue.track)
    }

    /// Whether sources are to be deleted.
    pub(crate) fn deletes(&self) -> bool {
        self.delete_source
    }

    /// When local files are to be deleted: what is waited for must have arrived.
    pub(crate) fn deletion(&self) -> Deletion {
        let waits = match self.route {
            Route::Queued(..) | Route::Managed(..) => self.wait_timeout().is_some(),
            Route::Streaming(..) | Route::Direct(_) | Route::Inline => !self.route.ends_early(),
        };
        match (self.delete_source, waits) {
            (false, _) => Deletion::Never,
            (true, false) => Deletion::WhenAccepted,
            (true, true) => Deletion::WhenIngested,
        }
    }
}

impl Route {
    /// What is said of the queue, where it may be taken.
    pub(crate) fn queue(&self) -> Option<&QueueArgs> {
        match self {
            Self::Queued(queue, _) | Self::Managed(_, queue, _) => Some(queue),
            Self::Streaming(..) | Self::Direct(_) | Self::Inline => None,
        }
    }

    /// How hard each source is brought to the table.
    fn delivery(&self) -> Option<&DeliveryArgs> {
        match self {
            Self::Queued(_, delivery) | Self::Streaming(_, delivery) | Self::Managed(_, _, delivery) => {
                Some(delivery)
            }
            Self::Direct(_) | Self::Inline => None,
        }
    }

    /// How many sources are sent at a time.
    pub(crate) fn parallel(&self) -> usize {
        self.delivery().map_or(1, |delivery| delivery.parallel.into())
    }

    /// How long things may take.
    pub(crate) fn limits(&self) -> LimitArgs {
        self.delivery()
            .map(|delivery| delivery.limits)
            .unwrap_or_default()
    }

    /// Whether nothing can be sent without what the Data Management service issues.
    pub(crate) fn needs_issued_resources(&self) -> bool {
        matches!(self, Self::Queued(..))
    }

    /// Whether only blobs are welcome.
    pub(crate) fn wants_blobs(&self) -> bool {
        match self {
            Self::Streaming(args, _) => args.body.from_uri,
            Self::Managed(args, ..) => args.body.from_uri,
            Self::Queued(..) | Self::Direct(_) | Self::Inline => false,
        }
    }

    /// Whether the command is done when the engine has taken everything.
    pub(crate) fn ends_early(&self) -> bool {
        matches!(self, Self::Direct(commands) if commands.r#async)
    }

    pub(crate) fn job_client(&self, kusto: &Kusto) -> JobClient {
        match self {
            Self::Queued(..) => JobClient::Single(Arc::new(kusto.queued())),
            Self::Streaming(args, delivery) => {
                JobClient::Single(Arc::new(streaming(kusto, *args, *delivery)))
            }
            Self::Managed(args, ..) => {
                let client = kusto
                    .managed_with_limits(args.body.limits())
                    .with_policy(policy(*args));
                JobClient::Single(Arc::new(client))
            }
            Self::Direct(commands) => {
                let client = match commands.engine_temp_storage {
                    true => kusto.direct().with_uploader(kusto.engine_uploader()),
                    false => kusto.direct(),
                }
                .with_mode(mode(commands))
                .with_batching(batching(commands))
                .with_poll_schedule(PollSchedule::interactive().with_limit(OPERATION_LIMIT))
                .with_parallelism(commands.parallel.into());
                JobClient::Batches(Box::new(client))
            }
            // Without an uploader, so that nothing goes another way.
            Self::Inline => {
                let client = DirectIngestClient::new(kusto.engine_endpoint(), kusto.clock());
                JobClient::Single(Arc::new(client.with_inline_limit(INLINE_LIMIT as u64)))
            }
        }
    }
}

/// A request is the whole of a streaming ingestion: its limit is that of the source.
fn streaming(kusto: &Kusto, args: StreamingArgs, delivery: DeliveryArgs) -> StreamingIngestClient {
    let client = kusto.streaming().with_limits(args.body.limits());
    let client = match delivery.limits.timeout {
        Some(limit) => client.with_time_limit(limit),
        None => client,
    };
    match delivery.limits.on_unknown {
        Some(OnUnknown::Retry) => client.with_retry(Arc::new(ExponentialRetry::new(STREAMING_ATTEMPTS))),
        _ => client,
    }
}

fn policy(args: PolicyArgs) -> DefaultPolicy {
    let when_streaming_disabled = match args.continue_when_unavailable {
        true => OnUnavailable::FallBack,
        false => OnUnavailable::Fail,
    };
    DefaultPolicy::new(ManagedStreamingSettings::new().with_when_streaming_disabled(when_streaming_disabled))
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
