//! Several sources in one call: what becomes of each, and of all.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use futures::executor::block_on;
use kusto_ingest_core::testing::{properties, receipt};
use kusto_ingest_core::{
    BlobSource, Error, ErrorKind, IngestClient, IngestClientExt as _, IngestionProperties, LazySource,
    LocalSource, MockIngestClient, Receipt, ReceiptState, Result, Source, SourceId, Sources,
};

use crate::gated::Gated;

pub(crate) fn named(name: &str) -> Source {
    LocalSource::from_bytes("1\n").with_name(name).into()
}

pub(crate) fn blob(address: &str) -> Source {
    BlobSource::parse(address).expect("a good address").into()
}

/// A client that takes what is not called `bad…`.
pub(crate) fn client() -> Arc<dyn IngestClient> {
    let mut client = MockIngestClient::new();
    client
        .expect_ingest_source()
        .returning(|source, properties| match source.name() {
            Some(name) if name.starts_with("bad") => {
                Err(Error::new(ErrorKind::EmptySource, "read the source"))
            }
            _ => Ok(receipt(&source, properties, ReceiptState::Queued)),
        });
    Arc::new(client)
}

pub(crate) fn untouched() -> MockIngestClient {
    let mut client = MockIngestClient::new();
    client.expect_ingest_source().never();
    client
}

#[test]
fn s02_c95_one_source_fails_and_the_others_are_ingested() {
    let sources = [named("a.csv"), named("bad.csv"), named("c.csv")];
    let ids = sources.each_ref().map(Source::id);
    let result = block_on(client().ingest_all(sources, &properties()));
    assert!(!result.is_global());
    let entries = result.entries();
    assert_eq!(
        entries.iter().map(|entry| entry.source_id).collect::<Vec<_>>(),
        ids
    );
    assert_eq!(
        result
            .receipts()
            .map(|receipt| receipt.source_id)
            .collect::<Vec<_>>(),
        [ids[0], ids[2]]
    );
    let errors: Vec<&Error> = result.errors().collect();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].source_id(), Some(ids[1]));
    assert!(errors[0].to_string().contains("source bad.csv"), "{}", errors[0]);

    let error = result.into_result().expect_err("one failed");
    assert_eq!(error.result().receipts().count(), 2);
    assert_eq!(error.to_string(), "ingest all sources: 1 of 3 failed");
}

#[test]
fn s02_c96_all_fail_and_the_error_is_global() {
    let result = block_on(client().ingest_all([named("bad 1"), named("bad 2")], &properties()));
    assert!(result.is_global());
    assert_eq!(result.errors().count(), 2);
    let error = Error::from(result.into_result().expect_err("both failed"));
    assert_eq!(error.kind(), ErrorKind::EmptySource);
    assert_eq!(
        error.chain(),
        "failed to ingest all sources: 2 of 2 failed: read the source (source bad 1)"
    );
}

#[test]
fn where_none_fails_there_are_receipts_in_the_order_of_the_sources() {
    let sources: Vec<Source> = (0..20).map(|number| named(&number.to_string())).collect();
    let ids: Vec<SourceId> = sources.iter().map(Source::id).collect();
    let receipts = block_on(client().ingest_all(sources, &properties())).into_result();
    let receipts = receipts.expect("none failed");
    assert_eq!(
        receipts
            .iter()
            .map(|receipt| receipt.source_id)
            .collect::<Vec<_>>(),
        ids
    );

    let none = block_on(untouched().ingest_all(Vec::<Source>::new(), &properties()));
    assert!(!none.is_global(), "nobody failed");
    assert!(none.into_result().expect("nobody failed").is_empty());
}

#[test]
fn the_only_sources_error_is_the_error_of_the_call() {
    let result = block_on(client().ingest_all([named("bad.csv")], &properties()));
    let error = Error::from(result.into_result().expect_err("it failed"));
    assert_eq!(error.operation(), "read the source");
}

#[test]
fn one_error_for_several_has_the_receipts_of_what_was_accepted_and_of_what_is_unknown() {
    let result = block_on(client().ingest_all([named("a"), named("bad.csv"), named("b")], &properties()));
    let ids: Vec<SourceId> = result.receipts().map(|receipt| receipt.source_id).collect();
    let error = Error::from(result.into_result().expect_err("one failed"));
    let accepted: Vec<SourceId> = error.accepted().iter().map(|receipt| receipt.source_id).collect();
    assert_eq!((accepted.len(), accepted), (2, ids));

    let mut client = MockIngestClient::new();
    client.expect_ingest_source().returning(|source, properties| {
        let state = ReceiptState::Unknown {
            status: None,
            reason: "no answer".to_owned(),
        };
        let error = Error::new(ErrorKind::OutcomeUnknown, "post");
        Err(error.with_receipt(receipt(&source, properties, state)))
    });
    let result = block_on(client.ingest_all([named("a"), named("b")], &properties()));
    let error = Error::from(result.into_result().expect_err("nobody knows"));
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    assert!(
        error.receipt().is_some() && error.accepted().is_empty(),
        "{error:?}"
    );
}

#[test]
fn the_kind_in_common_and_the_hope_of_one_make_the_error_of_all() {
    let failing = |kinds: &'static [ErrorKind]| {
        let mut client = MockIngestClient::new();
        let mut next = kinds.iter();
        client
            .expect_ingest_source()
            .returning(move |_, _| Err(Error::new(*next.next().expect("one each"), "post")));
        let sources: Vec<Source> = kinds.iter().map(|_| named("x")).collect();
        let result = block_on(client.ingest_all(sources, &properties()));
        let error = Error::from(result.into_result().expect_err("all failed"));
        (error.kind(), error.is_permanent())
    };
    assert_eq!(
        failing(&[ErrorKind::Throttled, ErrorKind::Throttled]),
        (ErrorKind::Throttled, false)
    );
    assert_eq!(
        failing(&[ErrorKind::Rejected, ErrorKind::Throttled]),
        (ErrorKind::Other, false)
    );
    assert_eq!(
        failing(&[ErrorKind::Rejected, ErrorKind::NotFound]),
        (ErrorKind::Other, true)
    );
}

#[derive(Debug, Default)]
struct Crowded {
    now: AtomicUsize,
    most: AtomicUsize,
}

#[async_trait]
impl IngestClient for Crowded {
    async fn ingest_source(&self, source: Source, properties: &IngestionProperties) -> Result<Receipt> {
        let now = self.now.fetch_add(1, Ordering::Relaxed) + 1;
        self.most.fetch_max(now, Ordering::Relaxed);
        let mut waits = 5;
        std::future::poll_fn(|context| {
            waits -= 1;
            context.waker().wake_by_ref();
            if waits == 0 {
                std::task::Poll::Ready(())
            } else {
                std::task::Poll::Pending
            }
        })
        .await;
        self.now.fetch_sub(1, Ordering::Relaxed);
        Ok(receipt(&source, properties, ReceiptState::Queued))
    }
}

#[test]
fn as_many_are_under_way_as_was_said() {
    for (concurrency, most) in [(None, 8), (Some(3), 3), (Some(0), 1), (Some(100), 20)] {
        let client = Crowded::default();
        let mut sources = Sources::new((0..20).map(|number| named(&number.to_string())));
        if let Some(concurrency) = concurrency {
            sources = sources.with_concurrency(concurrency);
        }
        let result = block_on(sources.ingest_with(&client, &properties()));
        assert!(result.into_result().is_ok());
        assert_eq!(client.most.into_inner(), most, "{concurrency:?}");
    }
}

#[test]
fn each_result_is_told_when_its_source_ends_and_a_dropped_stream_ends_what_is_under_way() {
    use futures::{FutureExt as _, StreamExt as _};

    let (client, properties) = (Gated::default(), properties());
    let sources = (0..4).map(|number| LocalSource::from_bytes(format!("{number}\n")));
    let sources: Vec<LocalSource> = sources.collect();
    let ids: Vec<SourceId> = sources.iter().map(LocalSource::id).collect();
    let mut results = Box::pin(
        Sources::new(sources)
            .with_concurrency(2)
            .ingest_each(&client, &properties),
    );
    assert!(results.next().now_or_never().is_none(), "none has ended");
    assert_eq!(client.begun(), ids[..2], "two at a time");
    client.open(ids[1]);
    let told = results.next().now_or_never().flatten().expect("one has ended");
    assert_eq!(
        told.source_id, ids[1],
        "the one that has ended, though another came first"
    );
    assert!(results.next().now_or_never().is_none());
    assert_eq!(client.begun(), ids[..3]);
    drop(results);
    assert_eq!(client.dropped(), 2, "those under way; the last has not begun");
}

#[test]
fn a_source_is_opened_when_its_turn_comes_and_ingested_under_its_own_identity_and_properties() {
    use futures::{FutureExt as _, StreamExt as _};

    let (client, ours, theirs) = (Gated::default(), properties(), into_another_table());
    let opened = AtomicUsize::new(0);
    let ids = [SourceId::random(), SourceId::random(), SourceId::random()];
    let sources = ids.map(|id| {
        let open = async {
            opened.fetch_add(1, Ordering::Relaxed);
            Ok(named("opened under another identity"))
        };
        LazySource::new(id, open).with_name(id.to_string())
    });
    let [first, second, third] = sources;
    let sources = [first, second.with_properties(&theirs), third];
    let sources = Sources::from_each(sources).with_concurrency(2);
    let mut results = Box::pin(sources.ingest_each(&client, &ours));
    assert!(results.next().now_or_never().is_none());
    assert_eq!(
        (opened.load(Ordering::Relaxed), client.begun()),
        (2, ids[..2].to_vec())
    );
    client.open(ids[1]);
    let told = results.next().now_or_never().flatten().expect("one has ended");
    assert_eq!(told.name, Some(ids[1].to_string()));
    assert_eq!(told.outcome.expect("it is taken").table, theirs.table);
    client.open(ids[0]);
    let told = results.next().now_or_never().flatten().expect("one has ended");
    assert_eq!(told.outcome.expect("it is taken").table, ours.table);
    assert!(results.next().now_or_never().is_none());
    assert_eq!(opened.load(Ordering::Relaxed), 3);
}

#[test]
fn what_is_done_afterwards_is_done_for_what_is_accepted_and_its_error_is_a_warning() {
    let lazy = |source: Source, is_done: bool| {
        LazySource::from(source).with_on_accepted(move |receipt| async move {
            assert_eq!(receipt.state, ReceiptState::Queued);
            match is_done {
                true => Ok(()),
                false => Err(Error::new(ErrorKind::Other, "tidy up")),
            }
        })
    };
    let sources = [
        lazy(named("a"), true),
        lazy(named("b"), false),
        lazy(named("bad"), false),
    ];
    let result = block_on(Sources::from_each(sources).ingest_with(&*client(), &properties()));
    let told = result.entries().iter().map(|entry| {
        let warnings = entry.warnings.iter().map(Error::operation).collect::<Vec<_>>();
        (entry.name.as_deref(), entry.outcome.is_ok(), warnings)
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            (Some("a"), true, vec![]),
            (Some("b"), true, vec!["tidy up"]),
            (Some("bad"), false, vec![])
        ]
    );
}

#[test]
fn a_source_that_cannot_be_opened_fails_alone_and_the_same_identity_twice_opens_none() {
    let missing = || async { Err(Error::new(ErrorKind::SourceNotFound, "open the source")) };
    let sources = [
        LazySource::new(SourceId::random(), missing()).with_name("gone.csv"),
        named("here.csv").into(),
    ];
    let result = block_on(Sources::from_each(sources).ingest_with(&*client(), &properties()));
    let error = result.errors().next().expect("one is missing");
    assert_eq!(
        (error.kind(), result.receipts().count()),
        (ErrorKind::SourceNotFound, 1)
    );
    assert!(error.to_string().contains("gone.csv"), "{error}");

    let id = SourceId::random();
    let unopened = || async { unreachable!("it is not opened") };
    let twice = [LazySource::new(id, unopened()), LazySource::new(id, unopened())];
    let result = block_on(Sources::from_each(twice).ingest_with(&untouched(), &properties()));
    assert!(
        result
            .errors()
            .all(|error| error.kind() == ErrorKind::InvalidInput)
    );
    assert_eq!(result.errors().count(), 2);
}

pub(crate) fn into_another_table() -> IngestionProperties {
    IngestionProperties::into_table("db", "another").expect("the names are good")
}
