//! What became of several sources, told while the calling thread waits for the next.

use std::pin::pin;
use std::sync::mpsc::{Receiver, Sender, channel};

use futures::{Stream, StreamExt as _};
use kusto_ingest_core::{Result, SourceResult};
use tokio::task::AbortHandle;

use super::worker::{Worker, ended};

/// What became of several sources: of each as soon as that is known, in the order in which they end. `next` blocks the
/// calling thread until another one has ended.
///
/// The work goes on between two calls of `next`. Dropping this ends it: a source that was not told of may or may not be
/// ingested, and those that had not begun are not.
///
/// The only error is of the kind [`Other`](crate::ErrorKind::Other), and the last item: the runtime has ended, or the
/// client has panicked, before all was told.
#[derive(Debug)]
#[must_use = "dropping it ends the work"]
pub struct Results {
    told: Receiver<Option<SourceResult>>,
    is_over: bool,
    work: AbortHandle,
    /// The runtime lives as long as somebody waits for it.
    _worker: Worker,
}

impl Results {
    /// Begins what `work` makes, which [tells](tell) the results.
    pub(super) fn begin<W>(
        worker: &Worker,
        work: impl FnOnce(Sender<Option<SourceResult>>) -> W,
    ) -> Result<Self>
    where
        W: Future<Output = ()> + Send + 'static,
    {
        let (sender, told) = channel();
        Ok(Self {
            told,
            is_over: false,
            work: worker.begin(work(sender))?,
            _worker: worker.clone(),
        })
    }
}

/// Tells all results, and at last that these were all.
pub(super) async fn tell(results: impl Stream<Item = SourceResult>, to: Sender<Option<SourceResult>>) {
    let mut results = pin!(results);
    while let Some(result) = results.next().await {
        if to.send(Some(result)).is_err() {
            return;
        }
    }
    // Nobody may be left who waits for the end.
    let _unwanted = to.send(None);
}

impl Iterator for Results {
    type Item = Result<SourceResult>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let told = self.told.recv();
        self.is_over = !matches!(told, Ok(Some(_)));
        match told {
            Ok(result) => result.map(Ok),
            Err(_) => Some(Err(ended())),
        }
    }
}

impl Drop for Results {
    fn drop(&mut self) {
        self.work.abort();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use async_trait::async_trait;
    use kusto_ingest_core::{
        ErrorKind, IngestClient, IngestionProperties, LocalSource, Receipt, ReceiptState, Source, Sources,
    };

    use super::*;
    use crate::blocking::Client;

    /// Takes what is called `good`, never ends with what is called `slow`, and panics otherwise.
    #[derive(Debug)]
    struct ByName(Sender<()>);

    /// Tells that a call was dropped.
    struct Dropped(Sender<()>);

    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.send(()).expect("the test waits for it");
        }
    }

    #[async_trait]
    impl IngestClient for ByName {
        async fn ingest_source(&self, source: Source, properties: &IngestionProperties) -> Result<Receipt> {
            match source.name() {
                Some("good") => {
                    let (database, table) = (properties.database.clone(), properties.table.clone());
                    Ok(Receipt::new(source.id(), database, table, ReceiptState::Queued))
                }
                Some("slow") => {
                    let _call = Dropped(self.0.clone());
                    std::future::pending().await
                }
                name => panic!("what is {name:?}?"),
            }
        }
    }

    fn begin(names: &[&str]) -> (Results, Receiver<()>) {
        let (dropped, drops) = channel();
        let client = Client::new(ByName(dropped), &Worker::start().expect("there are threads"));
        let properties = IngestionProperties::into_table("D", "T").expect("good names");
        let sources = names
            .iter()
            .map(|name| LocalSource::from_bytes("1\n").with_name(*name));
        let results = client.ingest_each(Sources::new(sources), &properties);
        (results.expect("nobody is blocked by it"), drops)
    }

    #[test]
    fn results_are_told_while_others_are_under_way_and_dropping_them_ends_those() {
        let (mut results, drops) = begin(&["slow", "good", "good"]);
        for _ in 0..2 {
            let told = results
                .next()
                .expect("one more has ended")
                .expect("the runtime lives");
            assert_eq!(told.name.as_deref(), Some("good"));
            assert!(told.outcome.is_ok());
        }
        assert!(drops.try_recv().is_err(), "the slow one is under way");
        drop(results);
        drops
            .recv_timeout(Duration::from_secs(60))
            .expect("the slow one is dropped");
    }

    #[test]
    fn after_the_last_result_there_is_none_and_no_error() {
        let (results, _drops) = begin(&["good", "good"]);
        assert!(
            results
                .map(|told| told.is_ok_and(|told| told.outcome.is_ok()))
                .eq([true, true])
        );
    }

    #[test]
    fn a_client_that_panics_ends_the_results_with_an_error() {
        let (mut results, _drops) = begin(&["bad"]);
        let error = results
            .next()
            .expect("something is told")
            .expect_err("it panicked");
        assert_eq!(error.kind(), ErrorKind::Other);
        assert!(results.next().is_none());
    }

    #[test]
    fn inside_of_a_runtime_that_it_would_stop_nothing_begins() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        let worker = Worker::start().expect("there are threads");
        let refused = runtime.block_on(async { Results::begin(&worker, |_| async { unreachable!() }) });
        assert_eq!(
            refused.expect_err("it would block").kind(),
            ErrorKind::Unsupported
        );
    }
}
