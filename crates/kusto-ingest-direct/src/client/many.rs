//! Many sources by one call: staged, put into batches, run side by side, and each accounted for.

use std::future::ready;
use std::mem;

use futures::stream::{self, Stream, StreamExt};
use kusto_ingest_core::{
    AggregateResult, Error, IngestionProperties, Receipt, Result, Source, SourceResult, refuse_duplicates,
    span,
};
use tracing::Instrument as _;

use super::DirectIngestClient;
use crate::batching::{Batch, BatchedBlob};
use crate::prepare::Content;
use crate::source::SourceKey;

/// What became of a source, by its place among what the caller gave.
type IndexedResult = (usize, Result<Receipt>);

/// How far a source is after its first step.
enum Started<'a> {
    /// It waits for the others of its batch.
    Waiting(BatchedBlob<'a>),
    Done(IndexedResult),
}

impl DirectIngestClient {
    /// Ingests many sources, each with its properties, and tells what became of each.
    ///
    /// A source that fails ends nothing but itself. One that is given twice is taken for a mistake, as
    /// [`refuse_duplicates`] tells: all fail then, and nothing is sent. Blobs that follow one another with equal properties share a
    /// command as far as the client's [`Batching`](crate::Batching) says: that is what this does beyond
    /// [`IngestClientExt::ingest_all`](kusto_ingest_core::IngestClientExt::ingest_all), which has a command for each.
    ///
    /// # Cancel safety
    /// Commands under way may still load their data. What was known of the sources before them is lost with the
    /// future; [`ingest_each`](Self::ingest_each) tells it as soon as it is known.
    pub async fn ingest_many(&self, sources: Vec<(Source, &IngestionProperties)>) -> AggregateResult {
        let lines = lines(&sources);
        let mut told: Vec<(usize, SourceResult)> = self.tell_each(sources).collect().await;
        lines.into_iter().for_each(|key| self.told(key));
        told.sort_by_key(|(place, _)| *place);
        told.into_iter().map(|(_, result)| result).collect()
    }

    /// Ingests many sources, as [`ingest_many`](Self::ingest_many) does, and tells of each what became of it as soon as
    /// its command is over: of every source once, of those of one command together, of commands in the order in which
    /// they end.
    ///
    /// Local data is uploaded before the first command of several blobs runs; until then, only sources with a command
    /// of their own are told of.
    ///
    /// # Cancel safety
    /// Nothing happens unless the stream is polled, and nothing more once it is dropped. What it told stands. A source
    /// that it did not tell of may be in a command under way, which may still load it; such are as many commands as
    /// the client runs at a time, or fewer. In [`CommandMode::Async`](crate::CommandMode::Async) a command is over
    /// when the engine has accepted it: the receipts then name operations, to be followed with
    /// [`wait_for_operation`](Self::wait_for_operation), and hardly anything is under way at any time.
    ///
    /// ```
    /// use futures::StreamExt as _;
    /// use kusto_ingest_core::{IngestionProperties, Source, SourceResult};
    /// use kusto_ingest_direct::DirectIngestClient;
    ///
    /// /// What is known when all is over, or when somebody says stop.
    /// async fn until_stopped(
    ///     client: &DirectIngestClient,
    ///     sources: Vec<(Source, &IngestionProperties)>,
    ///     stop: impl Future<Output = ()>,
    /// ) -> Vec<SourceResult> {
    ///     client.ingest_each(sources).take_until(stop).collect().await
    /// }
    /// ```
    pub fn ingest_each<'a>(
        &'a self,
        sources: Vec<(Source, &'a IngestionProperties)>,
    ) -> impl Stream<Item = SourceResult> + Send + 'a {
        let lines = lines(&sources);
        self.tell_each(sources).map(move |(place, result)| {
            self.told(lines[place]);
            result
        })
    }

    fn tell_each<'a>(
        &'a self,
        sources: Vec<(Source, &'a IngestionProperties)>,
    ) -> impl Stream<Item = (usize, SourceResult)> + Send + 'a {
        let name_of = |source: &Source| source.name().map(str::to_owned);
        let named = sources.iter().map(|(source, _)| (source.id(), name_of(source)));
        let named: Vec<_> = named.collect();
        let refused =
            refuse_duplicates(sources.iter().map(|(source, properties)| (source, *properties))).err();
        let begun = stream::iter(sources.into_iter().enumerate())
            .map(move |(place, (source, properties))| {
                let span = span::ingest("direct", source.id(), properties);
                self.begin(place, source, properties, refused.clone())
                    .instrument(span)
            })
            .buffer_unordered(self.parallelism);
        // Who shares a command is known when all have begun: that is an event of its own.
        begun
            .map(Some)
            .chain(stream::iter([None]))
            .scan(Vec::new(), |waiting, begun| {
                let (told, batches) = match begun {
                    Some(Started::Done(told)) => (Some(told), Vec::new()),
                    Some(Started::Waiting(blob)) => {
                        waiting.push(blob);
                        (None, Vec::new())
                    }
                    None => (None, self.plan(mem::take(waiting))),
                };
                ready(Some(stream::iter(told).chain(self.run_all(batches))))
            })
            .flatten()
            .map(move |(place, outcome)| {
                let (id, name) = named[place].clone();
                (place, SourceResult::new(id, name, outcome))
            })
    }

    /// Puts blobs into batches, in the order in which the caller gave them.
    fn plan<'a>(&self, mut blobs: Vec<BatchedBlob<'a>>) -> Vec<Batch<'a>> {
        blobs.sort_by_key(|blob| blob.place);
        self.batching.plan(blobs)
    }

    fn run_all<'a>(&'a self, batches: Vec<Batch<'a>>) -> impl Stream<Item = IndexedResult> + Send + 'a {
        stream::iter(batches)
            .map(move |batch| self.run_told(batch))
            .buffer_unordered(self.parallelism)
            .flat_map(stream::iter)
    }

    /// Stages a source, and ingests it where it needs no other: data in a command is not kept for later.
    async fn begin<'a>(
        &self,
        place: usize,
        source: Source,
        properties: &'a IngestionProperties,
        refused: Option<Error>,
    ) -> Started<'a> {
        let staged = match refused {
            Some(error) => Err(error),
            None => self.stage(source, properties).await,
        };
        let outcome = match staged {
            Err(error) => Err(error),
            Ok(staged) => match &staged.content {
                Content::Blob(uri) if self.batching.max_sources > 1 => {
                    return Started::Waiting(staged.member(place, uri, properties));
                }
                _ => self.ingest_staged(&staged, properties).await,
            },
        };
        Started::Done((place, outcome))
    }

    async fn run_told(&self, batch: Batch<'_>) -> Vec<IndexedResult> {
        let results = self.run_batch(&batch).await;
        let places = batch.members.iter().map(|blob| blob.place);
        places.zip(results).collect()
    }
}

fn lines(sources: &[(Source, &IngestionProperties)]) -> Vec<SourceKey> {
    sources.iter().map(|(source, _)| SourceKey::of(source)).collect()
}
