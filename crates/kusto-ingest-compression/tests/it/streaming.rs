//! The body of a streaming request: true to its bytes, bounded, and nothing lost of what is too large.

use futures::executor::block_on;
use futures::io::Cursor;
use kusto_ingest_compression::testing::{gunzip, gzip};
use kusto_ingest_compression::{
    InlineCompressor, StreamingBody, StreamingLimits, streaming_body, verify_compression,
};
use kusto_ingest_core::testing::{Trickle, noise, read, replayable, replayable_declaring};
use kusto_ingest_core::{Compression, DataFormat, ErrorKind, LocalSource, Payload};

fn body(source: &LocalSource, format: DataFormat, limits: StreamingLimits) -> StreamingBody {
    block_on(streaming_body(source, format, limits, &InlineCompressor::new())).expect("it can be read")
}

fn all_of(source: &LocalSource) -> Vec<u8> {
    block_on(read(source.payload(), 0)).expect("it can be read")
}

fn fits(body: StreamingBody) -> LocalSource {
    match body {
        StreamingBody::Fits(source) => source,
        StreamingBody::TooLarge(source) => panic!("{source:?} is too large"),
    }
}

fn too_large(body: StreamingBody) -> LocalSource {
    match body {
        StreamingBody::TooLarge(source) => source,
        StreamingBody::Fits(source) => panic!("{source:?} fits"),
    }
}

#[test]
fn the_bytes_tell_what_they_are_and_not_their_name() {
    let text = b"1,2\n".to_vec();
    let packed = gzip(&text);
    for (bytes, name, format, compression, raw) in [
        (&text, "a.csv", DataFormat::Csv, Compression::Gzip, Some(4)),
        (&text, "a.csv.gz", DataFormat::Csv, Compression::Gzip, Some(4)),
        (&packed, "a.csv.gz", DataFormat::Csv, Compression::Gzip, None),
        (&packed, "a.csv", DataFormat::Csv, Compression::Gzip, None),
        (
            &b"PAR1....PAR1".to_vec(),
            "a.parquet",
            DataFormat::Parquet,
            Compression::None,
            Some(12),
        ),
    ] {
        for payload in [
            Payload::from_bytes(bytes.clone()),
            replayable(bytes.clone()),
            Payload::from_reader(Cursor::new(bytes.clone())),
        ] {
            let source = LocalSource::new(payload).with_name(name);
            let sent = fits(body(&source, format, StreamingLimits::new()));
            assert_eq!(
                (sent.id(), sent.compression(), sent.raw_size()),
                (source.id(), compression, raw),
                "{name}"
            );
            let arrived = sent.payload().as_bytes().expect("it is in memory");
            if **bytes == *text {
                assert_eq!(gunzip(arrived), text);
            } else {
                assert_eq!(arrived, bytes, "unchanged");
            }
        }
    }
}

#[test]
fn s03_g42_a_stream_that_is_too_large_goes_on_whole_and_is_packed_once() {
    // A tenth of the true sizes, for the time it takes.
    let data = noise(2 << 20);
    let limits = StreamingLimits::new()
        .with_wire_bytes(1 << 20)
        .with_data_bytes(400 << 10);
    let source = LocalSource::from_reader(Cursor::new(data.clone()));
    let rest = too_large(body(&source, DataFormat::Csv, limits));
    assert_eq!((rest.id(), rest.compression()), (source.id(), Compression::Gzip));
    assert!(gunzip(all_of(&rest)) == data, "not a byte is lost or moved");
}

#[test]
fn what_can_be_opened_again_goes_on_as_it_came() {
    let data = noise(10 << 20);
    for payload in [replayable(data.clone()), Payload::from_bytes(data.clone())] {
        let source = LocalSource::new(payload).with_name("a.csv");
        let same = too_large(body(&source, DataFormat::Csv, StreamingLimits::new()));
        assert_eq!((same.id(), same.compression()), (source.id(), Compression::None));
        assert!(all_of(&same) == data);
    }
}

#[test]
fn what_is_too_large_is_called_what_it_is_however_that_turned_out() {
    let (plain, packed) = (noise(10_000), gzip(noise(10_000)));
    let limits = StreamingLimits::new().with_wire_bytes(5_000);
    for (bytes, name, compression) in [
        (&packed, "a.csv", Compression::Gzip),
        (&packed, "a.csv.gz", Compression::Gzip),
        (&plain, "a.csv.gz", Compression::None),
        (&plain, "a.csv", Compression::None),
    ] {
        for payload in [
            replayable(bytes.clone()),
            Payload::from_bytes(bytes.clone()),
            replayable_declaring(None, bytes.clone()),
        ] {
            let source = LocalSource::new(payload).with_name(name);
            let rest = too_large(body(&source, DataFormat::Csv, limits));
            assert_eq!(
                (rest.id(), rest.compression()),
                (source.id(), compression),
                "{name}"
            );
            let checked = rest
                .clone()
                .with_payload(block_on(verify_compression(&rest)).expect("it is what it says"));
            assert!(all_of(&checked) == *bytes, "{name}");
        }
    }
}

#[test]
fn the_limits_of_body_and_data_hold_each_for_itself() {
    let data = noise(100_000);
    let once = || LocalSource::from_reader(Cursor::new(data.clone()));
    let wide = StreamingLimits::new();
    fits(body(&once(), DataFormat::Txt, wide));
    fits(body(&once(), DataFormat::Txt, wide.with_data_bytes(15_000)));
    too_large(body(&once(), DataFormat::Txt, wide.with_data_bytes(14_999)));
    too_large(body(&once(), DataFormat::Txt, wide.with_wire_bytes(99_999)));
    let packed = gzip(vec![b'1'; 5_000_000]);
    let packed = |raw| LocalSource::from_bytes(packed.clone()).with_raw_size(raw);
    fits(body(&packed(0), DataFormat::MultiJson, wide));
    too_large(body(&packed(5_000_000), DataFormat::MultiJson, wide));
}

#[test]
fn nothing_is_no_body_and_a_broken_source_is_no_short_one() {
    let compressor = InlineCompressor::new();
    let refused = |payload: Payload, format| {
        let source = LocalSource::new(payload);
        let body = streaming_body(&source, format, StreamingLimits::new(), &compressor);
        block_on(body).expect_err("it is refused").kind()
    };
    for format in [DataFormat::Csv, DataFormat::Parquet] {
        let empty = Payload::from_reader(Cursor::new(Vec::new()));
        assert_eq!(refused(empty, format), ErrorKind::EmptySource);
        assert_eq!(refused(Payload::from_bytes(""), format), ErrorKind::EmptySource);
        let shorter = replayable_declaring(Some(9), "1,2\n");
        assert_eq!(refused(shorter, format), ErrorKind::SourceNotReadable);
    }
}

#[test]
fn exactly_four_mebibytes_are_streamed_and_a_byte_more_is_not() {
    let most = 4 << 20;
    let limits = StreamingLimits::new();
    assert_eq!(limits.data_bytes, most as u64);
    let payloads = |len: usize| {
        let bytes = vec![b'1'; len];
        let cursor = Cursor::new(bytes.clone());
        [
            Payload::from_bytes(bytes.clone()),
            replayable(bytes),
            Payload::from_reader(cursor),
        ]
    };
    for payload in payloads(most) {
        fits(body(&LocalSource::new(payload), DataFormat::MultiJson, limits));
    }
    for payload in payloads(most + 1) {
        too_large(body(&LocalSource::new(payload), DataFormat::MultiJson, limits));
    }
    let claimed = |bytes: u64| LocalSource::from_bytes("{}").with_raw_size(bytes);
    fits(body(&claimed(most as u64), DataFormat::MultiJson, limits));
    too_large(body(&claimed(most as u64 + 1), DataFormat::MultiJson, limits));
}

#[test]
fn a_body_of_exactly_the_limit_is_streamed_and_a_byte_more_is_not() {
    let limits = |bytes| StreamingLimits::new().with_wire_bytes(bytes);
    let orc = noise(1_000);
    let source = |payload| LocalSource::new(payload);
    for payload in [Payload::from_bytes(orc.clone()), replayable(orc.clone())] {
        fits(body(&source(payload.clone()), DataFormat::Orc, limits(1_000)));
        too_large(body(&source(payload), DataFormat::Orc, limits(999)));
    }
    let once = || source(Payload::from_reader(Cursor::new(orc.clone())));
    fits(body(&once(), DataFormat::Orc, limits(1_000)));
    too_large(body(&once(), DataFormat::Orc, limits(999)));
}

#[test]
fn a_body_that_is_known_to_be_too_large_is_not_read() {
    let beginning_only = Payload::replayable(Some(11 << 20), |offset| async move {
        assert_eq!(offset, 0);
        Ok(Box::pin(Cursor::new(b"ORC.")) as kusto_ingest_core::PayloadReader)
    });
    let wide = StreamingLimits::new().with_data_bytes(u64::MAX);
    too_large(body(&LocalSource::new(beginning_only), DataFormat::Orc, wide));
}

#[test]
fn a_stream_that_is_too_large_tells_its_counted_size_at_its_end() {
    let data = noise(300_000);
    let limits = StreamingLimits::new().with_data_bytes(40_000);
    for (bytes, claimed, before, after) in [
        (data.clone(), 0, None, Some(300_000)),
        (data.clone(), 80_000, Some(80_000), Some(300_000)),
        // Of what comes compressed, nobody has counted the bytes.
        (gzip(&data), 0, None, None),
        (gzip(&data), 300_000, Some(300_000), Some(300_000)),
    ] {
        let source = LocalSource::from_reader(Cursor::new(bytes)).with_raw_size(claimed);
        let rest = too_large(body(&source, DataFormat::Csv, limits));
        assert_eq!(rest.raw_size(), before);
        all_of(&rest);
        assert_eq!(rest.raw_size(), after);
    }
}

#[test]
fn a_stream_that_breaks_after_it_was_found_too_large_has_no_size() {
    let data = noise(3 << 20);
    let limits = StreamingLimits::new().with_data_bytes(4_000);
    let source = LocalSource::from_reader(Trickle::new(data).breaking());
    let rest = too_large(body(&source, DataFormat::Csv, limits));
    block_on(read(rest.payload(), 0)).expect_err("it breaks");
    assert_eq!(rest.raw_size(), None);
}
