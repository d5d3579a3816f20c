//! What ends by a deadline: a request that was given out then is unknown, and what was not sent is a timeout.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures::executor::block_on;
use kusto_endpoint::{StreamingEndpoint, StreamingOutcome, StreamingRequest};
use kusto_ingest_compression::InlineCompressor;
use kusto_ingest_core::testing::clock;
use kusto_ingest_core::{
    Clock, DatabaseName, Deadline, Error, ErrorKind, ExponentialRetry, IngestClient, Result, TableName,
};
use kusto_ingest_streaming::StreamingIngestClient;

use super::world::{World, bytes, csv};

/// An engine that never answers, whatever a request allows itself. It notes that.
#[derive(Clone, Debug, Default)]
struct Silent(Arc<Mutex<Vec<Duration>>>);

#[async_trait]
impl StreamingEndpoint for Silent {
    async fn ingest(
        &self,
        _: &DatabaseName,
        _: &TableName,
        request: &StreamingRequest,
    ) -> Result<StreamingOutcome> {
        self.0.lock().expect("unpoisoned").push(request.time_limit);
        std::future::pending().await
    }
}

/// An engine whose sign-in never ends, or that is silent after it.
#[derive(Debug)]
struct SigningIn {
    ends: bool,
}

#[async_trait]
impl StreamingEndpoint for SigningIn {
    async fn ingest(
        &self,
        _: &DatabaseName,
        _: &TableName,
        request: &StreamingRequest,
    ) -> Result<StreamingOutcome> {
        request.stage.prepares();
        if self.ends {
            request.stage.sends();
        }
        std::future::pending().await
    }
}

#[test]
fn a_deadline_that_ends_the_sign_in_is_a_timeout_and_nothing_was_sent() {
    for (ends, kind, ambiguous) in [
        (false, ErrorKind::Timeout, None),
        (true, ErrorKind::OutcomeUnknown, Some(1)),
    ] {
        let client = StreamingIngestClient::new(
            Arc::new(SigningIn { ends }),
            Arc::new(InlineCompressor::new()),
            Arc::new(clock()),
        );
        let client = client.with_deadline(Duration::from_secs(5));
        let error = block_on(client.ingest_source(bytes("1\n").into(), &csv())).expect_err("nobody answers");
        let told = error.receipt().map(|receipt| receipt.ambiguous_sends);
        assert_eq!((error.kind(), told), (kind, ambiguous), "{}", error.chain());
    }
}

#[test]
fn a_deadline_limits_request_and_waits_and_what_was_given_out_then_is_unknown() {
    let second = Duration::from_secs(1);
    let clock = clock();
    let silent = Silent::default();
    let client = StreamingIngestClient::new(
        Arc::new(silent.clone()),
        Arc::new(InlineCompressor::new()),
        Arc::new(clock.clone()),
    );
    let limited = client.clone().with_deadline(5 * second);
    let error = block_on(limited.ingest_source(bytes("1\n").into(), &csv())).expect_err("nobody answers");
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    assert!(error.receipt().is_some(), "{error:?}");
    assert_eq!(clock.monotonic(), 6 * second, "a second for whoever knows better");
    let short = csv().with_deadline(Some(Deadline::after(&clock, 3 * second)));
    block_on(limited.ingest_source(bytes("1\n").into(), &short)).expect_err("nobody answers");
    assert_eq!(*silent.0.lock().expect("unpoisoned"), [5 * second, 3 * second]);

    let over = csv().with_deadline(Some(Deadline::after(&clock, Duration::ZERO)));
    let error = block_on(client.ingest_source(bytes("1\n").into(), &over)).expect_err("it is too late");
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(silent.0.lock().expect("unpoisoned").len(), 2, "nothing was sent");

    let world = World::answering((0..5).map(|_| Error::new(ErrorKind::Unavailable, "stream")));
    let client = world
        .client
        .clone()
        .with_retry(Arc::new(ExponentialRetry::new(5)));
    let error = block_on(
        client
            .with_deadline(second / 100)
            .ingest_source(bytes("1\n").into(), &csv()),
    );
    assert_eq!(error.expect_err("it fails").kind(), ErrorKind::Unavailable);
    assert_eq!(
        world.requests().len(),
        1,
        "there is no time to wait for another attempt"
    );
}
