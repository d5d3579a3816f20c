//! What a command that ingests is asked for, whichever way it goes.

use std::ffi::OsString;
use std::time::Duration;

use kusto_ingest::secrets::redact;

use super::{
    CommandArgs, DeliveryArgs, Destination, DirectArgs, InlineArgs, IntoArgs, LimitArgs, LongRunArgs,
    ManagedArgs, OnUnknown, PolicyArgs, Protocol, QueueArgs, QueuedArgs, SelectArgs, SourceArgs, SourceSizes,
    StreamArgs, StreamingArgs, Target, Variables, database, names_many, table,
};
use crate::report::{self, CommandError, Output};

/// What a command that ingests was asked for, whichever way it goes.
#[derive(Debug)]
pub(crate) struct IngestJob {
    pub(crate) sources: Vec<OsString>,
    pub(crate) into: IntoArgs,
    pub(crate) route: Route,
    pub(crate) delete_source: bool,
    pub(crate) select: SelectArgs,
    pub(crate) dry_run: bool,
    /// How many records of each source are checked first.
    pub(crate) check: Option<u64>,
    pub(crate) long_run: LongRunArgs,
}

/// How many small sources are sent at a time that share requests: two requests full of them.
const SHARING: usize = 40;

/// A way into a table.
#[derive(Debug)]
pub(crate) enum Route {
    Queued(QueueArgs, DeliveryArgs),
    Streaming(StreamingArgs, DeliveryArgs),
    Managed(PolicyArgs, QueueArgs, DeliveryArgs),
    Direct(CommandArgs),
    Inline,
}

impl IngestJob {
    pub(crate) fn queued(args: QueuedArgs) -> Self {
        Self {
            long_run: args.long_run,
            ..Self::new(args.sources, args.into, Route::Queued(args.queue, args.delivery))
        }
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
            select: SelectArgs::default(),
            dry_run: false,
            check: None,
        };
        Self::new(sources, args.into, Route::Inline)
    }

    fn new(sources: SourceArgs, into: IntoArgs, route: Route) -> Self {
        Self {
            sources: sources.sources,
            into,
            route,
            delete_source: sources.delete_source,
            select: sources.select,
            dry_run: sources.dry_run,
            check: sources.check,
            long_run: LongRunArgs::default(),
        }
    }

    /// Warns of secrets in what was typed, which others on this machine can read.
    pub(crate) fn warn_of_secrets(&self) {
        let is_secret = |source: &OsString| source.to_str().is_some_and(|text| redact(text) != text);
        if self.sources.iter().any(is_secret) {
            report::warning(
                "whoever lists the processes of this machine can read the SAS or key in a source: name sources by \
                 --from-file in its place",
            );
        }
    }

    /// Whether sources are sent as they are found, and none is held: what is queued and not waited for.
    pub(crate) fn is_streamed(&self) -> bool {
        let is_container = |source: &OsString| source.to_str().is_some_and(names_many);
        let is_many = self.select.from_file.is_some() || self.sources.iter().any(is_container);
        // People read the receipts of what can be asked for behind the report, all at once.
        let keeps_receipts =
            self.is_tracked() && self.into.receipts.is_none() && self.into.output == Output::Text;
        // The size of one source: that there is no other is seen when all are known.
        let is_sized = self.into.properties.raw_size.is_some();
        // So it is with a tag that only one may have.
        let is_tagged = self.into.properties.shared_once_tag().is_some();
        is_many
            && !is_sized
            && !is_tagged
            && matches!(self.route, Route::Queued(..))
            && !self.delete_source
            && !keeps_receipts
            && self.wait_timeout().is_none()
    }

    /// Whether nothing but one source is named, such as a container.
    pub(crate) fn names_one(&self) -> bool {
        self.select.from_file.is_none() && self.sources.len() == 1
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

    /// Which Kusto is meant.
    ///
    /// # Errors
    /// Nothing names it, or standard input is to be both a source and a secret.
    pub(crate) fn target(&self, variables: Variables<'_>) -> Result<Target, CommandError> {
        let target = Target::new(self.into.emulator, self.into.cluster.clone(), variables)?;
        self.into
            .sign_in
            .refuse_reading_twice(&self.sources, "a source")?;
        Ok(target)
    }

    /// Where the sources go, as arguments, connection string and environment name it.
    ///
    /// # Errors
    /// Nothing names it, or what names it cannot be read.
    pub(crate) fn destination(
        &self,
        target: &Target,
        variables: Variables<'_>,
    ) -> Result<Destination, CommandError> {
        Ok(Destination {
            database: database(self.into.database.as_deref(), target.address(), variables)?,
            table: table(self.into.table.as_deref(), variables)?,
        })
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

    /// How the service is told of sources, where it is.
    pub(crate) fn protocol(&self) -> Protocol {
        self.queue().map_or(Protocol::Queue, |queue| queue.protocol)
    }

    /// How many sources are sent at a time: where they share requests, enough to fill them.
    pub(crate) fn parallel(&self, sizes: &SourceSizes) -> usize {
        let shares = self.protocol() != Protocol::Queue;
        self.delivery()
            .map_or(1, |delivery| delivery.parallel(sizes, shares.then_some(SHARING)))
    }

    /// How many sources are sent a second at most.
    pub(crate) fn rate(&self) -> Option<u32> {
        self.delivery()?.rate
    }

    /// Whether what may have arrived is sent again by a run that resumes: unless somebody says otherwise, so that nothing is
    /// missing.
    pub(crate) fn resends_unknown(&self) -> bool {
        self.limits().on_unknown != Some(OnUnknown::Report)
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
}
