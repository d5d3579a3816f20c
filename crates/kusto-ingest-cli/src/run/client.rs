//! The client that takes the sources, by the way that they go.

use std::sync::Arc;
use std::time::Duration;

use kusto_ingest::direct::{Batching, CommandMode, DirectIngestClient};
use kusto_ingest::journal::{Journal, JournaledClient};
use kusto_ingest::managed::{DefaultPolicy, ManagedStreamingSettings, OnUnavailable};
use kusto_ingest::retry::ExponentialRetry;
use kusto_ingest::status::PollSchedule;
use kusto_ingest::streaming::StreamingIngestClient;
use kusto_ingest::{IngestClient, Kusto};

use crate::args::{CommandArgs, DeliveryArgs, OnUnknown, PolicyArgs, Route, StreamingArgs};
use crate::plan::INLINE_LIMIT;

/// How long an operation is followed.
const OPERATION_LIMIT: Duration = Duration::from_secs(60 * 60);

/// How often a streaming request is sent whose answer is lost, where it is to be sent again.
const STREAMING_ATTEMPTS: u32 = 3;

/// What takes the sources.
#[derive(Debug)]
pub(crate) enum JobClient {
    /// A client that takes one source a call.
    Single(Arc<dyn IngestClient>),
    /// A client that puts several sources into one command.
    Batches(Box<DirectIngestClient>),
}

impl JobClient {
    /// A client of this way.
    pub(crate) fn of(route: &Route, kusto: &Kusto, journal: Option<&Journal>) -> Self {
        match route {
            Route::Queued(..) => Self::Single(queued(kusto, journal)),
            Route::Streaming(args, delivery) => Self::Single(Arc::new(streaming(kusto, *args, *delivery))),
            Route::Managed(args, ..) => {
                let client = kusto
                    .managed_with_limits(args.body.limits())
                    .with_policy(policy(*args));
                Self::Single(Arc::new(client))
            }
            Route::Direct(commands) => {
                let client = match commands.engine_temp_storage {
                    true => kusto.direct().with_uploader(kusto.engine_uploader()),
                    false => kusto.direct(),
                }
                .with_mode(mode(commands))
                .with_batching(batching(commands))
                .with_poll_schedule(PollSchedule::interactive().with_limit(OPERATION_LIMIT))
                .with_parallelism(commands.parallel.into());
                Self::Batches(Box::new(client))
            }
            // Without an uploader, so that nothing goes another way.
            Route::Inline => {
                let client = DirectIngestClient::new(kusto.engine_endpoint(), kusto.clock());
                Self::Single(Arc::new(client.with_inline_limit(INLINE_LIMIT as u64)))
            }
        }
    }
}

/// A queued client, which resumes where there is a journal.
pub(super) fn queued(kusto: &Kusto, journal: Option<&Journal>) -> Arc<dyn IngestClient> {
    let client = kusto.queued();
    match journal {
        None => Arc::new(client),
        Some(journal) => {
            let client = client.with_send_observer(Arc::new(journal.clone()));
            Arc::new(JournaledClient::new(Arc::new(client), journal.clone()))
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
        (None, Some(_)) => Batching::many_per_command(),
        (Some(files), _) => Batching::many_per_command().with_max_sources(files as usize),
    };
    match commands.batch_bytes {
        Some(bytes) => together.with_max_bytes(bytes),
        None => together,
    }
}
