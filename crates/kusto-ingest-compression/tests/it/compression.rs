//! Gzip and its absence: what goes in comes out, and is counted.

use bytes::Bytes;
use futures::executor::block_on;
use futures::{StreamExt as _, TryStreamExt as _, future, io};
use kusto_ingest_compression::testing::gunzip;
use kusto_ingest_compression::{
    Compressor, Encoded, EncodedSizes, GzipLevel, InlineCompressor, MockCompressor, detect, passthrough,
    should_compress,
};
use kusto_ingest_core::testing::{Trickle, replayable_declaring};
use kusto_ingest_core::{Compression, DataFormat, ErrorKind, Payload, PayloadReader, Result};

fn rows(count: usize) -> Vec<u8> {
    (0..count)
        .flat_map(|row| format!("{row},{}\n", row * row % 977).into_bytes())
        .collect()
}

fn all(encoded: impl Future<Output = Result<Encoded>>) -> Result<(Vec<Bytes>, EncodedSizes)> {
    block_on(async {
        let encoded = encoded.await?;
        let sizes = encoded.sizes();
        Ok((encoded.try_collect().await?, sizes))
    })
}

#[test]
fn s02_c44_a_csv_becomes_gzip_and_its_size_before_is_counted() {
    let (chunks, sizes) =
        all(InlineCompressor::new().gzip(&Payload::from_bytes("a,b\n1,2\n\r\n"))).expect("it is read");
    assert_eq!(gunzip(chunks.concat()), b"a,b\n1,2\n\r\n");
    assert_eq!(sizes.raw(), 10);
    assert_eq!(sizes.encoded(), chunks.concat().len() as u64);
    assert_eq!(detect(&chunks[0]), Compression::Gzip);
}

#[test]
fn payloads_of_every_kind_and_size_come_out_as_they_went_in() {
    for size in [0, 1, 30_000, 120_000] {
        let data = rows(size);
        let once = Payload::from_reader(io::Cursor::new(data.clone()));
        let known = replayable_declaring(Some(data.len() as u64), data.clone());
        for payload in [
            Payload::from_bytes(data.clone()),
            known,
            replayable_declaring(None, data.clone()),
            once,
        ] {
            let (chunks, sizes) = all(InlineCompressor::new().gzip(&payload)).expect("it is read");
            assert!(gunzip(chunks.concat()) == data, "{size} rows, {payload:?}");
            assert_eq!(sizes.raw(), data.len() as u64);
        }
    }
}

#[test]
fn bytes_that_fit_one_block_are_one_chunk() {
    let small = Payload::from_bytes(rows(50_000));
    let (chunks, _) = all(InlineCompressor::new().gzip(&small)).expect("it is read");
    assert_eq!(chunks.len(), 1);
}

#[test]
fn the_same_bytes_become_the_same_bytes_and_the_header_has_neither_name_nor_time() {
    let twice = [(); 2].map(|()| {
        all(InlineCompressor::new().gzip(&Payload::from_bytes("a")))
            .expect("it is read")
            .0
    });
    assert_eq!(twice[0], twice[1]);
    let header = &twice[0][0][..10];
    assert_eq!(&header[..8], [0x1F, 0x8B, 8, 0, 0, 0, 0, 0]);
}

#[test]
fn levels_go_from_1_to_9_and_a_higher_one_is_smaller() {
    for wrong in [0, 10] {
        assert_eq!(
            GzipLevel::new(wrong).expect_err("it is no level").kind(),
            ErrorKind::InvalidInput
        );
    }
    let data = Payload::from_bytes(rows(20_000));
    let size = |level| {
        let compressor = InlineCompressor::new().with_level(GzipLevel::new(level).expect("it is a level"));
        all(compressor.gzip(&data)).expect("it is read").1.encoded()
    };
    assert!(size(9) < size(1));
}

#[test]
fn s02_c45_c49_c50_c51_what_is_not_compressed_goes_on_byte_by_byte() {
    assert!(!should_compress(
        DataFormat::Csv,
        Compression::from_name("a.csv.gz")
    ));
    assert!(!should_compress(
        DataFormat::Csv,
        Compression::from_name("a.csv.ZIP")
    ));
    assert!(!should_compress(
        DataFormat::Parquet,
        Compression::from_name("p.parquet")
    ));
    let data = rows(100_000);
    for payload in [
        Payload::from_bytes(data.clone()),
        replayable_declaring(None, data.clone()),
    ] {
        let (chunks, sizes) = all(passthrough(&payload)).expect("it is read");
        assert!(chunks.concat() == data);
        assert_eq!(
            (sizes.raw(), sizes.encoded()),
            (data.len() as u64, data.len() as u64)
        );
    }
    let in_memory = Bytes::from(data);
    let (chunks, _) = all(passthrough(&Payload::from_bytes(in_memory.clone()))).expect("it is read");
    assert_eq!(
        chunks[0].as_ptr(),
        in_memory.as_ptr(),
        "bytes in memory are not copied"
    );
}

#[test]
fn a_payload_that_changed_meanwhile_is_an_error_and_no_shorter_ingestion() {
    let data = rows(100_000);
    let len = data.len() as u64;
    for says in [len - 1, len + 1, 262_144] {
        let payload = replayable_declaring(Some(says), data.clone());
        for result in [
            all(passthrough(&payload)),
            all(InlineCompressor::new().gzip(&payload)),
        ] {
            let error = result.expect_err("the length is another");
            assert_eq!(error.kind(), ErrorKind::SourceNotReadable, "{error}");
        }
    }
}

#[test]
fn a_payload_that_breaks_is_an_error_and_never_an_early_end() {
    for (at, kind) in [
        (0, ErrorKind::SourceNotFound),
        (300_000, ErrorKind::SourceNotReadable),
    ] {
        let payload = Payload::replayable(None, move |_| async move {
            if at == 0 {
                return Err(io::ErrorKind::NotFound.into());
            }
            Ok(Box::pin(Trickle::new(vec![b'x'; at]).breaking()) as PayloadReader)
        });
        for result in [
            all(passthrough(&payload)),
            all(InlineCompressor::new().gzip(&payload)),
        ] {
            assert_eq!(result.expect_err("it cannot be read").kind(), kind);
        }
    }
}

#[test]
fn other_tasks_get_their_turn_while_it_compresses() {
    let payload = Payload::from_bytes(rows(120_000));
    let turns = block_on(async {
        let mut encoded = InlineCompressor::new()
            .gzip(&payload)
            .await
            .expect("it is opened");
        let mut turns = 0;
        loop {
            let next = future::poll_fn(|context| {
                turns += 1;
                encoded.poll_next_unpin(context)
            });
            if next.await.transpose().expect("it is compressed").is_none() {
                break turns;
            }
        }
    });
    let raw = payload.len().expect("it is in memory");
    assert!(turns > raw / (256 * 1024), "{turns} turns for {raw} bytes");
}

#[test]
fn a_mock_stands_in_for_a_compressor() {
    let mut mock = MockCompressor::new();
    mock.expect_gzip().returning(|_| {
        Ok(Encoded::new(
            futures::stream::iter([Ok(Bytes::new()), Ok("x".into())]),
            EncodedSizes::new(),
        ))
    });
    let (chunks, sizes) = all(mock.gzip(&Payload::from_bytes(""))).expect("it is expected");
    assert_eq!(chunks, ["x"], "empty chunks are left out");
    assert_eq!(sizes.encoded(), 1);
}
