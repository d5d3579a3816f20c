//! Resources that are fetched anew beside the attempts at other accounts, once in an operation.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use futures::future::{BoxFuture, FutureExt};
use kusto_ingest_core::{Clock, within};

use crate::ResourceProvider;

/// How long an operation that has done its work waits for resources that it had fetched anew.
const RENEWAL_WAIT: Duration = Duration::from_secs(2);

/// Resources that are fetched anew beside the attempts at other accounts, once in an operation.
#[derive(Default)]
pub(super) struct Renewal<'a> {
    under_way: Option<BoxFuture<'a, ()>>,
    has_begun: bool,
    is_complete: bool,
}

impl<'a> Renewal<'a> {
    pub(super) fn begin(&mut self, provider: &'a dyn ResourceProvider) {
        if !self.has_begun {
            self.has_begun = true;
            self.under_way = Some(async { drop(provider.renew().await) }.boxed());
        }
    }

    /// Does some work, and drives the renewal meanwhile.
    pub(super) async fn beside<T>(&mut self, mut work: impl Future<Output = T> + Unpin) -> T {
        poll_fn(|context| {
            if let Poll::Ready(done) = Pin::new(&mut work).poll(context) {
                return Poll::Ready(done);
            }
            if let Some(renewal) = &mut self.under_way
                && renewal.as_mut().poll(context).is_ready()
            {
                self.under_way = None;
            }
            Poll::Pending
        })
        .await
    }

    /// The work is done: the renewal may go on for a moment.
    pub(super) async fn finish(&mut self, clock: &dyn Clock) {
        if let Some(renewal) = self.under_way.take() {
            drop(within(clock, RENEWAL_WAIT, "fetch the resources anew", renewal.map(Ok)).await);
        }
    }

    /// The work needs what is fetched: waits for it. Whether anything was fetched since this was asked last.
    pub(super) async fn complete(&mut self) -> bool {
        if let Some(renewal) = self.under_way.take() {
            renewal.await;
        }
        let is_new = self.has_begun && !self.is_complete;
        self.is_complete |= is_new;
        is_new
    }
}
