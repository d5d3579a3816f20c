//! Uploads into containers: the right requests, the right bytes, whatever fails on the way.

use std::collections::VecDeque;

use futures::executor::block_on;
use futures::io::Cursor;
use kusto_fake::Fault;
use kusto_ingest_compression::testing::gunzip;
use kusto_ingest_core::testing::{pattern, properties};
use kusto_ingest_core::{Compression, DataFormat, Error, ErrorKind, LocalSource};
use kusto_ingest_resources::Outcome;
use kusto_ingest_upload::{BlobNaming, Uploader};
use kusto_storage::Operation;

use crate::world::{BLOCK, World, flowing, replayable};

fn refused(kind: ErrorKind) -> Fault {
    Fault::Refused(kind)
}

#[test]
fn s02_c44_a_small_file_is_gzipped_into_one_request() {
    let world = World::new();
    let source = LocalSource::from_bytes("0123456789").with_name("a.csv");
    let uploaded = world.upload_as(&source, DataFormat::Csv).expect("nothing fails");
    let name = uploaded.blob.redacted();
    let expect = format!("/db__t__{}__a__", source.id());
    assert!(name.contains(&expect) && name.ends_with(".csv.gz"), "{name}");
    assert_eq!(uploaded.raw_bytes, Some(10));
    assert_eq!(world.requests("a"), [1, 0, 0, 0]);
    let body = world.blob("a").expect("it is readable");
    assert_eq!(uploaded.sent_bytes, body.len() as u64);
    assert_eq!(gunzip(body), b"0123456789");
}

#[test]
fn s02_c49_a_binary_format_travels_as_it_is() {
    let world = World::new();
    let uploaded = world
        .upload(&LocalSource::from_bytes(pattern(1_000)).with_name("p.parquet"))
        .expect("nothing fails");
    assert!(uploaded.blob.redacted().contains("__p__"));
    assert_eq!((uploaded.raw_bytes, uploaded.sent_bytes), (Some(1_000), 1_000));
    assert_eq!(world.blob("a"), Some(pattern(1_000)));
}

#[test]
fn s02_c45_s02_c50_what_is_compressed_already_is_not_compressed_again() {
    let world = World::new();
    let gzip = [&[0x1F, 0x8B], pattern(498).as_slice()].concat();
    let source = LocalSource::from_reader(Cursor::new(gzip.clone()))
        .with_name("day.csv.gz")
        .with_raw_size(5_000);
    let uploaded = world.upload_as(&source, DataFormat::Csv).expect("nothing fails");
    assert!(uploaded.blob.redacted().ends_with(".csv.gz"));
    assert_eq!(uploaded.raw_bytes, Some(5_000));
    assert_eq!(world.blob("a"), Some(gzip));
}

#[test]
fn bytes_that_are_not_what_their_name_says_cost_no_request() {
    let world = World::new();
    for source in [
        LocalSource::from_bytes(pattern(9)),
        flowing(9),
        replayable(9),
        LocalSource::from_bytes(pattern(9)).with_compression(Compression::Gzip),
    ] {
        let error = world
            .upload_as(&source.with_name("day.csv.zip"), DataFormat::Csv)
            .expect_err("it is no archive");
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.source_id().is_some());
    }
    assert_eq!(world.requests("a"), [0; 4]);
}

#[test]
fn s02_c55_a_block_is_one_request_and_a_byte_more_is_three() {
    for source in [replayable as fn(usize) -> LocalSource, flowing] {
        let world = World::new();
        world.upload(&source(BLOCK)).expect("nothing fails");
        assert_eq!(world.requests("a"), [1, 0, 0, 0]);
        let world = World::new();
        world.upload(&source(BLOCK + 1)).expect("nothing fails");
        assert_eq!(world.requests("a"), [0, 2, 1, 0]);
        assert_eq!(world.blob("a"), Some(pattern(BLOCK + 1)));
    }
}

#[test]
fn s02_c52_an_empty_source_costs_no_request() {
    let world = World::new();
    for (source, format) in [
        (LocalSource::from_bytes(""), DataFormat::Csv),
        (flowing(0), DataFormat::Csv),
        (replayable(0), DataFormat::Parquet),
    ] {
        let error = world
            .upload_as(&source, format)
            .expect_err("there is nothing to upload");
        assert_eq!(
            (error.kind(), error.source_id()),
            (ErrorKind::EmptySource, Some(source.id()))
        );
    }
    assert_eq!(
        (world.requests("a"), world.resources.reports().len()),
        ([0; 4], 0)
    );
}

#[test]
fn s02_c54_a_source_beyond_the_limit_is_refused_before_any_request() {
    let mut world = World::new();
    let claims = |size| LocalSource::from_bytes("x").with_raw_size(size);
    assert!(world.upload(&claims(6_442_450_944)).is_ok());
    let error = world
        .upload(&claims(6_442_450_945))
        .expect_err("it is a byte too large");
    assert_eq!(error.kind(), ErrorKind::SizeLimitExceeded);
    assert_eq!(world.requests("a")[0], 1, "the first one only");

    let limitless = properties().with_ignore_size_limit();
    let naming = BlobNaming::new(&limitless, DataFormat::Csv);
    assert!(block_on(world.uploader.upload(&claims(6_442_450_945), &naming)).is_ok());

    world.uploader = world.uploader.with_max_raw_bytes(5_000);
    let error = world.upload(&flowing(5_001)).expect_err("counted while it flows");
    assert_eq!(error.kind(), ErrorKind::SizeLimitExceeded);
    assert_eq!(world.blob("b"), None, "nothing readable was left");
}

/// When the first container fails, at which operation, how, and after how many of them.
fn stages() -> [(&'static str, Operation, Fault, u32); 6] {
    [
        (
            "before the first block",
            Operation::StageBlock,
            refused(ErrorKind::Unavailable),
            0,
        ),
        (
            "refused SAS",
            Operation::StageBlock,
            refused(ErrorKind::Forbidden),
            0,
        ),
        ("in the middle", Operation::StageBlock, refused(ErrorKind::Io), 2),
        (
            "answer of a block lost",
            Operation::StageBlock,
            Fault::ResponseLost,
            3,
        ),
        (
            "last block",
            Operation::StageBlock,
            refused(ErrorKind::Timeout),
            4,
        ),
        (
            "commit",
            Operation::CommitBlocks,
            refused(ErrorKind::Unavailable),
            0,
        ),
    ]
}

#[test]
fn s02_c56_a_retry_into_another_container_sends_the_source_from_its_first_byte() {
    for (stage, operation, fault, after) in stages() {
        for (way, source) in [
            ("reopened", replayable(4_500)),
            ("memory", LocalSource::from_bytes(pattern(4_500))),
        ] {
            let world = World::new();
            world.fail_for_good(operation, fault.clone(), after);
            let uploaded = world
                .upload(&source)
                .unwrap_or_else(|error| panic!("{stage}, {way}: {}", error.chain()));
            assert_eq!(
                world.blob("a"),
                None,
                "{stage}, {way}: a partial blob is readable"
            );
            assert_eq!(world.blob("b"), Some(pattern(4_500)), "{stage}, {way}");
            assert_eq!(
                (uploaded.raw_bytes, uploaded.sent_bytes),
                (Some(4_500), 4_500),
                "{stage}, {way}"
            );
            assert!(uploaded.blob.redacted().contains("//b."), "{stage}, {way}");
            let blamed = match stage {
                "refused SAS" => Outcome::Refused,
                _ => Outcome::Failure,
            };
            assert_eq!(
                world.resources.reports(),
                [("a".into(), blamed), ("b".into(), Outcome::Success)],
                "{stage}, {way}"
            );
        }
    }
}

#[test]
fn a_lost_answer_costs_one_look_and_no_second_upload() {
    let world = World::new();
    world.fail(Operation::CommitBlocks, Fault::ResponseLost, 0);
    let uploaded = world.upload(&replayable(4_500)).expect("the blob is there");
    assert!(uploaded.blob.redacted().contains("//a."));
    assert_eq!(world.requests("a"), [0, 5, 1, 1]);
    assert_eq!(world.blob("b"), None);

    let world = World::new();
    world.fail(Operation::PutBlob, Fault::ResponseLost, 0);
    world.upload(&replayable(10)).expect("the blob is there");
    assert_eq!((world.requests("a"), world.requests("b")), ([1, 0, 0, 1], [0; 4]));
}

#[test]
fn s02_c57_a_long_stream_that_cannot_be_replayed_is_never_sent_in_part() {
    let world = World::new();
    world.fail_for_good(Operation::StageBlock, refused(ErrorKind::Unavailable), 1);
    let error = world.upload(&flowing(4_500)).expect_err("the stream is gone");
    assert_eq!(error.kind(), ErrorKind::SourceNotReplayable);
    let chain = error.chain();
    assert!(
        chain.contains("cannot be replayed") && chain.contains("stage the block"),
        "{chain}"
    );
    assert_eq!(world.resources.reports(), [("a".into(), Outcome::Failure)]);
    assert_eq!((world.blob("a"), world.blob("b")), (None, None));
    assert_eq!(world.requests("b"), [0; 4]);
}

#[test]
fn s02_c58_a_short_stream_that_cannot_be_replayed_is_sent_again_from_memory() {
    let world = World::new();
    world.fail(Operation::PutBlob, refused(ErrorKind::Unavailable), 0);
    world
        .upload(&flowing(900))
        .expect("the second container takes it");
    assert_eq!(world.blob("b"), Some(pattern(900)));
}

#[test]
fn s02_c60_what_is_wrong_with_the_request_is_not_tried_again() {
    let world = World::new();
    let rejected = Error::new(ErrorKind::Rejected, "put a blob").with_http_status(400);
    world.fail(Operation::PutBlob, Fault::Error(rejected), 0);
    let error = world.upload(&flowing(900)).expect_err("the service refuses");
    assert!(error.kind() == ErrorKind::Rejected && error.is_permanent());
    assert_eq!(world.requests("b"), [0; 4]);
    assert!(!format!("{error:?} {}", error.chain()).contains("SECRET"));
}

/// A reader that gives its chunks one by one and then fails.
#[derive(Debug)]
struct Breaking(VecDeque<Vec<u8>>);

impl futures::io::AsyncRead for Breaking {
    fn poll_read(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
        buffer: &mut [u8],
    ) -> std::task::Poll<std::io::Result<usize>> {
        std::task::Poll::Ready(match self.0.pop_front() {
            Some(chunk) => {
                buffer[..chunk.len()].copy_from_slice(&chunk);
                Ok(chunk.len())
            }
            None => Err(std::io::Error::other("the disk is gone")),
        })
    }
}

#[test]
fn a_source_that_breaks_off_becomes_no_blob() {
    let world = World::new();
    let source = LocalSource::from_reader(Breaking([pattern(900), pattern(900)].into()));
    let error = world.upload(&source).expect_err("the reader fails");
    assert_eq!(error.kind(), ErrorKind::SourceNotReadable);
    assert_eq!((world.blob("a"), world.blob("b")), (None, None));
    assert!(error.chain().contains("the disk is gone"), "{}", error.chain());
}
