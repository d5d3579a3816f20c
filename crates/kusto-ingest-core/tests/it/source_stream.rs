//! Sources that come one by one: no more of them is taken than can be under way.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::executor::block_on;
use futures::{StreamExt as _, stream};
use kusto_ingest_core::testing::{properties, receipt};
use kusto_ingest_core::{
    Error, ErrorKind, LazySource, LocalSource, MockIngestClient, ReceiptState, SourceId, SourceStream,
};

use crate::sources::client;

#[test]
fn sources_are_taken_when_there_is_room_and_forgotten_when_they_have_ended() {
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = taken.clone();
    let endless = stream::repeat_with(move || {
        counter.fetch_add(1, Ordering::Relaxed);
        LazySource::from(LocalSource::from_bytes("1\n").with_name("a.csv"))
    });
    let (client, properties) = (client(), properties());
    let sources = SourceStream::new(endless).with_concurrency(3);
    let results = block_on(
        sources
            .ingest_each(&*client, &properties)
            .take(100)
            .collect::<Vec<_>>(),
    );
    assert!(results.iter().all(|result| result.outcome.is_ok()));
    let taken = taken.load(Ordering::Relaxed);
    assert!((100..=103).contains(&taken), "{taken} were taken for 100 results");
}

#[test]
fn one_that_fails_holds_up_no_other_and_each_has_the_properties_it_shares() {
    let mut client = MockIngestClient::new();
    client.expect_ingest_source().returning(|source, properties| {
        assert!(
            properties.flush_immediately,
            "those of the source go before those of the call"
        );
        match source.name() {
            Some("bad.csv") => Err(Error::new(ErrorKind::EmptySource, "read the source")),
            _ => Ok(receipt(&source, properties, ReceiptState::Queued)),
        }
    });
    let own = Arc::new(properties().with_flush_immediately());
    let sources = ["a.csv", "bad.csv", "c.csv"].map(|name| {
        let source = LocalSource::from_bytes("1\n").with_name(name);
        LazySource::from(source).with_shared_properties(own.clone())
    });
    let properties = properties();
    let sources = SourceStream::new(stream::iter(sources)).with_concurrency(1);
    let results = block_on(sources.ingest_each(&client, &properties).collect::<Vec<_>>());
    let outcomes: Vec<_> = results
        .iter()
        .map(|result| (result.name.as_deref(), result.outcome.is_ok()))
        .collect();
    assert_eq!(
        outcomes,
        [
            (Some("a.csv"), true),
            (Some("bad.csv"), false),
            (Some("c.csv"), true)
        ]
    );
}

#[test]
fn one_that_shares_a_tag_for_ingesting_only_once_with_another_fails_unopened() {
    let once = properties()
        .with_ingest_by_tags(["day"])
        .with_ingest_if_not_exists(["day"]);
    let shared = Arc::new(once.clone());
    let first = LazySource::from(LocalSource::from_bytes("1\n"));
    let more = [(); 2].map(|()| {
        let unopened = async { unreachable!("it is not opened") };
        LazySource::new(SourceId::random(), unopened)
    });
    let [second, third] = more;
    let sources = [first, second, third.with_shared_properties(shared)];
    let client = client();
    let sources = SourceStream::new(stream::iter(sources)).with_concurrency(1);
    let results = block_on(sources.ingest_each(&*client, &once).collect::<Vec<_>>());
    let kinds: Vec<_> = results
        .iter()
        .map(|result| result.outcome.as_ref().err().map(Error::kind))
        .collect();
    assert_eq!(
        kinds,
        [None, Some(ErrorKind::InvalidInput), Some(ErrorKind::InvalidInput)]
    );
}
