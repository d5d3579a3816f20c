//! The same data twice in one call is refused, and what only looks like it is not.

use futures::executor::block_on;
use kusto_ingest_core::testing::properties;
use kusto_ingest_core::{ErrorKind, IngestClientExt as _, LazySource, LocalSource, SourceId, Sources};

use crate::sources::{blob, client, into_another_table, named, untouched};

#[test]
fn the_same_blob_or_identity_twice_is_refused_before_anything_is_sent() {
    let id = SourceId::random();
    let with_id = || LocalSource::from_bytes("x").with_id(id);
    for (twice, word) in [
        (
            [
                blob("https://a.blob.core.windows.net/c/b?sig=SECRET1"),
                blob("https://A.blob.core.windows.net:443/c/b;SECRET2"),
            ],
            "the blob https://",
        ),
        (
            [
                blob("https://a.blob.core.windows.net/c/b?snapshot=2026-01-01T00:00:00.0000000Z&sig=SECRET1"),
                blob(
                    "https://a.blob.core.windows.net/c/b?sig=SECRET2&snapshot=2026-01-01T00%3A00%3A00.0000000Z;SECRET3",
                ),
            ],
            "the blob https://",
        ),
        ([with_id().into(), with_id().into()], "the identity"),
        (
            [with_id().with_chunk(1).into(), with_id().with_chunk(1).into()],
            "the identity",
        ),
    ] {
        let [first, second] = twice;
        let result = block_on(untouched().ingest_all([first, named("innocent"), second], &properties()));
        assert!(result.is_global());
        assert_eq!(result.errors().count(), 3);
        for error in result.errors() {
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains(word), "{error}");
        }
        assert!(!format!("{result:?}").contains("SECRET"), "{result:?}");
    }
}

#[test]
fn chunks_of_one_identity_and_blobs_of_one_container_are_no_duplicates() {
    let id = SourceId::random();
    let chunk = |number| LocalSource::from_bytes("x").with_id(id).with_chunk(number).into();
    let sources = [
        chunk(0),
        chunk(1),
        blob("https://a.blob.core.windows.net/c/b?sig=1"),
        blob("https://a.blob.core.windows.net/c/B?sig=1"),
    ];
    assert!(
        block_on(client().ingest_all(sources, &properties()))
            .into_result()
            .is_ok()
    );
}

#[test]
fn a_blob_its_snapshots_and_its_versions_are_no_duplicates() {
    let azure = "https://a.blob.core.windows.net/c/b";
    let s3 = "https://b.s3.eu-west-1.amazonaws.com/b";
    let sources = [
        format!("{azure}?sig=1"),
        format!("{azure}?snapshot=2026-01-01T00:00:00.0000000Z&sig=1"),
        format!("{azure}?sig=1&snapshot=2026-01-02T00:00:00.0000000Z"),
        format!("{azure}?versionid=2026-01-01T00:00:00.0000000Z;KEY"),
        format!("{azure}?versionid=2026-01-02T00:00:00.0000000Z;KEY"),
        format!("{s3}?versionId=aA"),
        format!("{s3}?versionId=AA;AwsCredentials=id,secret"),
    ];
    let sources = sources.map(|address| blob(&address));
    let result = block_on(client().ingest_all(sources, &properties()));
    assert_eq!(result.into_result().expect("they are all different").len(), 7);
}

/// Waits a little in every call, and counts how many calls there are at once.

#[test]
fn one_blob_into_two_tables_is_no_duplicate() {
    let twice = || [(); 2].map(|()| LazySource::from(blob("https://a.blob.core.windows.net/c/b?sig=1")));
    let (theirs, ours) = (into_another_table(), properties());
    let [first, second] = twice();
    let sources = Sources::from_each([first.with_properties(&theirs), second]);
    assert_eq!(
        block_on(sources.ingest_with(&*client(), &ours))
            .receipts()
            .count(),
        2
    );
    let sources = Sources::from_each(twice().map(|source| source.with_properties(&theirs)));
    assert_eq!(
        block_on(sources.ingest_with(&untouched(), &ours))
            .errors()
            .count(),
        2
    );
}

#[test]
fn several_sources_that_share_a_tag_for_ingesting_only_once_are_refused_before_one_is_opened() {
    for once in [
        properties()
            .with_ingest_by_tags(["other", "day"])
            .with_ingest_if_not_exists(["day"]),
        properties()
            .with_additional_tags(["ingest-by:day"])
            .with_ingest_if_not_exists(["day"]),
    ] {
        let sources = [named("a"), named("b"), named("c")];
        let result = block_on(untouched().ingest_all(sources, &once));
        assert_eq!(result.errors().count(), 3);
        for error in result.errors() {
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            let text = error.to_string();
            assert!(
                text.contains("\"day\"") && text.contains("a tag of its own"),
                "{text}"
            );
        }
        let single = block_on(client().ingest_all([named("a")], &once));
        assert!(single.into_result().is_ok());
    }
}

#[test]
fn tags_of_their_own_and_a_tag_that_none_of_the_sources_carries_are_no_reason() {
    let tagged = |tag: &str| {
        // The same tag twice is that of one source.
        properties()
            .with_ingest_by_tags([tag])
            .with_ingest_if_not_exists([tag, tag])
    };
    let own = [
        tagged("a"),
        tagged("b"),
        into_another_table().with_ingest_by_tags(["a"]),
    ];
    let sources = own
        .each_ref()
        .map(|own| LazySource::from(named("x")).with_properties(own));
    let result = block_on(Sources::from_each(sources).ingest_with(&*client(), &properties()));
    assert_eq!(result.receipts().count(), 3);
    let by_others = properties()
        .with_ingest_by_tags(["part"])
        .with_ingest_if_not_exists(["closed"]);
    let result = block_on(client().ingest_all([named("a"), named("b")], &by_others));
    assert_eq!(result.receipts().count(), 2);
}
