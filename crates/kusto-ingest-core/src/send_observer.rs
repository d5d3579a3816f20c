//! Who is told that a source is about to be sent, so that a process that ends can find out what it was doing.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

use crate::{Receipt, Result};

/// Is told of a source right before the first request that may ingest it, and that nobody can take back.
///
/// A journal that writes this down can tell afterwards what was surely not sent: everything else.
///
/// # Contract
/// - A client calls it at most once in a call of [`ingest_source`](crate::IngestClient::ingest_source), when all that can
///   fail before the request has been done, and waits for its end.
/// - An error keeps the source from being sent. The client returns it, and nothing is ingested.
/// - Nothing runs on after the future is dropped.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait SendObserver: Debug + Send + Sync + 'static {
    /// The source of this receipt is about to be sent. The receipt says what would be known if the process ended now: its
    /// state is [`Unknown`](crate::ReceiptState::Unknown).
    async fn before_send(&self, receipt: &Receipt) -> Result<()>;
}

#[async_trait]
impl<O: SendObserver + ?Sized> SendObserver for Arc<O> {
    async fn before_send(&self, receipt: &Receipt) -> Result<()> {
        (**self).before_send(receipt).await
    }
}
