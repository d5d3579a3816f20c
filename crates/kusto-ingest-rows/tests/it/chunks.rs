//! Many rows, as chunks: where they are cut, what they are called, what can be read again.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use futures::executor::block_on;
use futures::{AsyncReadExt as _, FutureExt as _, Stream, stream};
use kusto_ingest_core::testing::read_text;
use kusto_ingest_core::{Error, ErrorKind, Result, SourceId};
use kusto_ingest_rows::{RowWriter, Rows};

/// Reads all chunks, one after the other: number and text of each.
fn all(mut rows: Rows) -> Result<Vec<(Option<u32>, String)>> {
    let id = rows.id();
    block_on(async {
        let mut chunks = Vec::new();
        while let Some(chunk) = rows.next_chunk().await? {
            assert_eq!(chunk.id(), id, "all chunks have one identity");
            assert_eq!(chunk.name(), Some(&*format!("rows.{}", rows.format())));
            let text = read_text(chunk.payload(), 0)
                .await
                .expect("the chunk can be read");
            chunks.push((chunk.chunk(), text));
        }
        assert!(rows.next_chunk().await?.is_none(), "the end stays the end");
        Ok(chunks)
    })
}

/// Every way to hand over the same ten rows of six bytes each.
fn ways() -> Vec<Rows> {
    let row = |number: u32| (number, "abc");
    let writer = RowWriter::csv;
    vec![
        Rows::from_vec((0..10).map(row).collect(), writer()),
        Rows::from_iter((0..10).map(row), writer()),
        Rows::from_stream(stream::iter((0..10).map(row)), writer()),
        Rows::from_stream(dawdling((0..10).map(row)), writer()),
        Rows::from_try_stream(stream::iter((0..10).map(row).map(Ok::<_, Infallible>)), writer()),
        Rows::replayable(move || stream::iter((0..10).map(row)), writer()),
    ]
}

/// A stream that is never ready at once, nor when it is asked again.
fn dawdling<T: Send + 'static>(
    rows: impl Iterator<Item = T> + Send + 'static,
) -> impl Stream<Item = T> + Send {
    let (mut rows, mut asked) = (rows, 0);
    let mut rows = Box::pin(stream::poll_fn(move |context| {
        asked += 1;
        if asked % 3 != 0 {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(rows.next())
    }));
    stream::poll_fn(move |context| Pin::new(&mut rows).poll_next(context))
}

fn lines(numbers: std::ops::Range<u32>) -> String {
    numbers.map(|number| format!("{number},abc\n")).collect()
}

#[test]
fn s02_c90_rows_are_cut_between_records_into_numbered_chunks_of_one_identity() {
    for rows in ways() {
        let cut = all(rows.with_max_raw_bytes(4 * 6 + 5)).expect("the rows are good");
        let expect =
            [(0, lines(0..4)), (1, lines(4..8)), (2, lines(8..10))].map(|(chunk, text)| (Some(chunk), text));
        assert_eq!(cut, expect);
    }
}

#[test]
fn s02_c90_two_and_a_half_times_the_limit_are_three_chunks_within_it() {
    let limit = 1 << 20;
    let row = (0_u64, "x".repeat(1000));
    let size = size_of(&row);
    let count = (limit * 5 / 2) / size;
    let rows = Rows::from_iter((0..count).map(move |_| row.clone()), RowWriter::csv());
    let id: SourceId = "11111111-1111-4111-8111-111111111111"
        .parse()
        .expect("it is a GUID");
    let cut = all(rows.with_max_raw_bytes(limit).with_id(id)).expect("the rows are good");
    let sizes: Vec<u64> = cut.iter().map(|(_, text)| text.len() as u64).collect();
    assert_eq!(sizes.len(), 3);
    assert!(sizes.iter().all(|size| *size <= limit));
    assert!(
        sizes[..2].iter().all(|bytes| bytes + size > limit),
        "chunks are filled: {sizes:?}"
    );
    assert_eq!(sizes.iter().sum::<u64>(), count * size);
}

/// The bytes of one row.
fn size_of(row: &(u64, String)) -> u64 {
    let mut out = Vec::new();
    RowWriter::csv().write(row, &mut out).expect("the row is good");
    out.len() as u64
}

#[test]
fn a_limit_that_rows_fill_exactly_makes_no_empty_chunk() {
    for rows in ways() {
        assert_eq!(
            all(rows.with_max_raw_bytes(5 * 6))
                .expect("the rows are good")
                .len(),
            2
        );
    }
}

#[test]
fn a_row_larger_than_the_limit_is_a_chunk_of_its_own() {
    let rows = Rows::from_vec(vec!["a", "a very long row", "b", "c"], RowWriter::csv());
    let cut = all(rows.with_max_raw_bytes(4)).expect("the rows are good");
    let texts: Vec<&str> = cut.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(texts, ["a\n", "a very long row\n", "b\nc\n"]);
}

#[test]
fn s02_c91_rows_can_be_one_chunk_of_any_size() {
    for rows in ways() {
        let cut = all(rows.with_max_raw_bytes(7).with_single_chunk()).expect("the rows are good");
        assert_eq!(cut, [(None, lines(0..10))]);
    }
}

#[test]
fn s02_c92_no_rows_are_no_chunk() {
    assert!(
        all(Rows::from_iter(Vec::<u8>::new(), RowWriter::csv()))
            .expect("no error")
            .is_empty()
    );
    assert!(
        all(Rows::from_vec(Vec::<u8>::new(), RowWriter::csv()))
            .expect("no error")
            .is_empty()
    );
    let none = Rows::from_stream(stream::empty::<u8>(), RowWriter::json_lines()).with_single_chunk();
    assert!(all(none).expect("no error").is_empty());
}

#[test]
fn rows_that_can_be_started_again_give_the_same_chunk_again_from_any_offset() {
    let started = Arc::new(AtomicUsize::new(0));
    let starts = started.clone();
    let row = |number: u32| (number, "abc");
    let again = Rows::replayable(
        move || {
            starts.fetch_add(1, Ordering::Relaxed);
            stream::iter((0..10).map(row))
        },
        RowWriter::csv(),
    );
    for mut rows in [
        again,
        Rows::from_vec((0..10).map(row).collect(), RowWriter::csv()),
    ] {
        rows = rows.with_max_raw_bytes(4 * 6);
        block_on(async {
            let first = rows.next_chunk().await.expect("no error").expect("a chunk");
            assert!(first.payload().is_replayable());
            // A first attempt breaks off.
            let mut reader = first.payload().open(0).await.expect("it opens");
            reader.read_exact(&mut [0; 7]).await.expect("there are bytes");
            drop(reader);
            assert_eq!(
                read_text(first.payload(), 0).await.expect("no error"),
                lines(0..4)
            );

            let second = rows.next_chunk().await.expect("no error").expect("a chunk");
            assert_eq!(
                read_text(second.payload(), 0).await.expect("no error"),
                lines(4..8)
            );
            // Both are sent again, though the rows have flowed on.
            assert_eq!(
                read_text(first.payload(), 0).await.expect("no error"),
                lines(0..4)
            );
            assert_eq!(
                read_text(second.payload(), 7).await.expect("no error"),
                lines(4..8)[7..]
            );
            assert_eq!(read_text(second.payload(), 100).await.expect("no error"), "");

            let last = rows.next_chunk().await.expect("no error").expect("a chunk");
            assert_eq!(
                read_text(last.payload(), 0).await.expect("no error"),
                lines(8..10)
            );
            assert!(rows.next_chunk().await.expect("no error").is_none());
        });
    }
    // Once for the flow, once for each reading that came too late for it.
    assert_eq!(started.load(Ordering::Relaxed), 5);
}

#[test]
fn rows_started_again_keep_the_columns_of_the_first_row() {
    let rows = vec![(1, 2), (3, 4), (5, 6)];
    let mut rows = Rows::from_vec(rows, RowWriter::csv()).with_max_raw_bytes(4);
    block_on(async {
        for expect in ["1,2\n", "3,4\n", "5,6\n"] {
            let chunk = rows.next_chunk().await.expect("no error").expect("a chunk");
            assert_eq!(read_text(chunk.payload(), 0).await.expect("no error"), expect);
            assert_eq!(read_text(chunk.payload(), 0).await.expect("no error"), expect);
        }
    });
}

#[test]
fn rows_that_come_once_refuse_to_be_read_twice() {
    let mut rows = Rows::from_iter([1, 2], RowWriter::csv());
    block_on(async {
        let chunk = rows.next_chunk().await.expect("no error").expect("a chunk");
        assert!(!chunk.payload().is_replayable());
        assert_eq!(read_text(chunk.payload(), 0).await.expect("no error"), "1\n2\n");
        let error = chunk
            .payload()
            .open(0)
            .await
            .map(drop)
            .expect_err("it has flowed");
        assert_eq!(error.kind(), ErrorKind::SourceNotReplayable);
    });
}

#[test]
fn a_chunk_that_was_not_read_to_its_end_hides_no_rows() {
    for mut rows in ways() {
        rows = rows.with_max_raw_bytes(4 * 6);
        block_on(async {
            let chunk = rows.next_chunk().await.expect("no error").expect("a chunk");
            let unread = rows.next_chunk().await.expect_err("the first is not read");
            assert_eq!(unread.kind(), ErrorKind::SourceNotReadable);
            let mut reader = chunk.payload().open(0).await.expect("it opens");
            reader.read_exact(&mut [0; 4 * 6]).await.expect("there are bytes");
            drop(reader);
            assert!(rows.next_chunk().await.is_err(), "its end was not seen");
        });
    }
}

/// The error that a reader of the rows meets, and what comes after it.
fn failure(mut rows: Rows) -> String {
    block_on(async {
        let chunk = rows
            .next_chunk()
            .await
            .expect("the first row is good")
            .expect("a chunk");
        let mut reader = chunk.payload().open(0).await.expect("it opens");
        let error = reader
            .read_to_end(&mut Vec::new())
            .await
            .expect_err("a row fails");
        assert!(
            reader.read(&mut [0; 8]).await.is_err(),
            "a broken chunk never looks complete"
        );
        assert!(rows.next_chunk().await.is_err());
        let inner = error.into_inner().expect("it has a cause");
        inner
            .downcast::<Error>()
            .expect("the error of this library")
            .chain()
    })
}

#[test]
fn the_error_of_a_row_reaches_the_reader_with_its_number() {
    let rows = vec![vec![1, 2], vec![3, 4], vec![5]];
    assert_eq!(
        failure(Rows::from_vec(rows.clone(), RowWriter::csv())),
        "failed to write a row: it has 1 cells where there are 2 columns (row 3)"
    );
    assert!(failure(Rows::from_iter(rows, RowWriter::csv())).ends_with("(row 3)"));
    let broken = stream::iter([Ok(1), Err(io::Error::other("the cursor is gone"))]);
    assert_eq!(
        failure(Rows::from_try_stream(broken, RowWriter::csv())),
        "failed to take the next row (row 2): the cursor is gone"
    );
}

#[test]
fn a_first_row_that_fails_is_an_error_before_there_is_a_chunk() {
    let mut rows = Rows::from_vec(vec![()], RowWriter::csv());
    block_on(async {
        let error = rows.next_chunk().await.expect_err("null is no row");
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(rows.next_chunk().await.is_err(), "rows would be missing");
    });
}

#[test]
fn a_dropped_look_for_the_next_chunk_loses_nothing() {
    let mut rows = Rows::from_stream(dawdling(0..3), RowWriter::csv());
    assert!(rows.next_chunk().now_or_never().is_none());
    assert_eq!(all(rows).expect("no error")[0].1, "0\n1\n2\n");
}

#[test]
fn rows_are_taken_as_they_are_read_and_not_before() {
    let taken = Arc::new(AtomicUsize::new(0));
    let count = taken.clone();
    let endless = (0_u64..).inspect(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
    });
    let mut rows = Rows::from_iter(endless, RowWriter::csv());
    block_on(async {
        let chunk = rows.next_chunk().await.expect("no error").expect("a chunk");
        assert_eq!(taken.load(Ordering::Relaxed), 1);
        let mut reader = chunk.payload().open(0).await.expect("it opens");
        reader.read_exact(&mut [0; 1000]).await.expect("there are bytes");
        assert!(taken.load(Ordering::Relaxed) <= 1000);
    });
}
