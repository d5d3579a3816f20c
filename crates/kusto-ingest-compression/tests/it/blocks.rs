//! Blocks that know only the bytes before them are one gzip member together.

use bytes::Bytes;
use futures::TryStreamExt as _;
use futures::executor::block_on;
use kusto_ingest_compression::testing::gunzip;
use kusto_ingest_compression::{
    Compressor as _, GzipBlock, GzipLevel, GzipMember, InlineCompressor, chunked,
};
use kusto_ingest_core::testing::{noise, replayable_declaring};
use kusto_ingest_core::{ErrorKind, Payload};
use proptest::collection::vec;
use proptest::prelude::{any, proptest};
use proptest::test_runner::Config;

const BLOCK: usize = GzipBlock::SIZE;

fn text(len: usize) -> Vec<u8> {
    let rows: Vec<u8> = (0..9_000_usize)
        .flat_map(|row| format!("{row},{}\n", row * row % 977).into_bytes())
        .collect();
    let mut text = rows.repeat(len / rows.len() + 1);
    text.truncate(len);
    text
}

/// A member of blocks that end at the cuts. They are compressed in the opposite order, as threads might.
fn member(level: GzipLevel, data: &[u8], cuts: &[usize]) -> Vec<u8> {
    let edges = [&[0], cuts, &[data.len()]].concat();
    let encode = |edges: &[usize]| {
        let (before, block) = data[..edges[1]].split_at(edges[0]);
        GzipBlock::encode(level, before, block).expect("it is compressed")
    };
    let blocks: Vec<_> = edges.windows(2).rev().map(encode).collect();
    let mut member = GzipMember::new();
    let mut gzip = member.header().to_vec();
    for block in blocks.into_iter().rev() {
        gzip.extend(member.push(block));
    }
    gzip.extend(member.finish());
    gzip
}

#[test]
fn every_level_comes_out_as_it_went_in_whether_it_compresses_or_not() {
    for data in [text(3 * BLOCK / 2), noise(3 * BLOCK / 2)] {
        for level in 1..=9 {
            let level = GzipLevel::new(level).expect("it is a level");
            let gzip = member(level, &data, &[BLOCK]);
            assert!(gunzip(&gzip) == data, "level {level:?}");
            // The fastest level writes even noise as code, in one go as in blocks.
            assert!(gzip.len() < data.len() + data.len() / 12, "level {level:?}");
        }
    }
}

#[test]
fn a_member_without_blocks_is_a_member_of_nothing() {
    let member = GzipMember::new();
    let gzip = [member.header(), member.finish()].concat();
    assert_eq!(gunzip(&gzip), b"");
    assert_eq!(
        gzip[..8],
        [0x1F, 0x8B, 8, 0, 0, 0, 0, 0],
        "it has neither name nor time"
    );
    assert_eq!(gzip[gzip.len() - 8..], [0; 8]);
}

#[test]
fn a_block_refers_back_to_the_one_before_it() {
    let part = noise(30_000);
    let block = |before| {
        let mut member = GzipMember::new();
        member
            .push(GzipBlock::encode(GzipLevel::default(), before, &part).expect("it is compressed"))
            .len()
    };
    assert!(block(&[]) > 30_000);
    assert!(block(&part) < 1_000);
    let far = [part.clone(), noise(40_000)].concat();
    assert!(block(&far) > 30_000, "gzip cannot refer back further than 32 KiB");
}

#[test]
fn blocks_cost_little_beside_one_go() {
    let data = text(4 * BLOCK);
    let payload = replayable_declaring(None, data.clone());
    let whole: Vec<Bytes> =
        block_on(async { InlineCompressor::new().gzip(&payload).await?.try_collect().await })
            .expect("it is compressed");
    let blocks = member(GzipLevel::default(), &data, &[BLOCK, 2 * BLOCK, 3 * BLOCK]);
    let (blocks, whole) = (blocks.len(), whole.concat().len());
    assert!(
        blocks * 100 < whole * 102,
        "{blocks} bytes in blocks, {whole} in one go"
    );
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::with_cases(64) })]

    #[test]
    fn any_bytes_cut_anywhere_come_out_as_they_went_in(
        parts in vec((any::<u8>(), 1_usize..40_000, any::<bool>()), 0..6),
        cuts in vec(any::<proptest::sample::Index>(), 0..6),
        level in 1_u8..=9,
    ) {
        let part = |&(byte, len, random): &(u8, usize, bool)| {
            if random { noise(len) } else { vec![byte; len] }
        };
        let data: Vec<u8> = parts.iter().flat_map(part).collect();
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(data.len() + 1)).collect();
        cuts.sort_unstable();
        let level = GzipLevel::new(level).expect("it is a level");
        assert!(gunzip(member(level, &data, &cuts)) == data);
    }
}

fn blocks_of(payload: &Payload) -> kusto_ingest_core::Result<Vec<Bytes>> {
    block_on(async { chunked(payload).await?.try_collect().await })
}

#[test]
fn a_payload_is_cut_into_blocks_of_one_size_and_a_rest() {
    for (len, expected) in [
        (0, vec![]),
        (1, vec![1]),
        (BLOCK - 1, vec![BLOCK - 1]),
        (BLOCK, vec![BLOCK]),
        (BLOCK + 1, vec![BLOCK, 1]),
        (2 * BLOCK, vec![BLOCK, BLOCK]),
    ] {
        let data = noise(len);
        for payload in [
            Payload::from_bytes(data.clone()),
            replayable_declaring(Some(len as u64), data.clone()),
            replayable_declaring(None, data.clone()),
        ] {
            let blocks = blocks_of(&payload).expect("it is read");
            assert_eq!(
                blocks.iter().map(Bytes::len).collect::<Vec<_>>(),
                expected,
                "{payload:?}"
            );
            assert!(blocks.concat() == data);
        }
    }
}

#[test]
fn blocks_of_bytes_in_memory_are_not_copied() {
    let data = Bytes::from(noise(BLOCK + 1));
    let blocks = blocks_of(&Payload::from_bytes(data.clone())).expect("it is in memory");
    assert_eq!(blocks[1].as_ptr(), data[BLOCK..].as_ptr());
}

#[test]
fn a_payload_longer_or_shorter_than_it_said_is_an_error_at_every_border() {
    for (has, says) in [
        (0, 1),
        (1, 0),
        (BLOCK, BLOCK - 1),
        (BLOCK - 1, BLOCK),
        (BLOCK, BLOCK + 1),
        (BLOCK + 1, BLOCK),
    ] {
        let error = blocks_of(&replayable_declaring(Some(says as u64), noise(has)))
            .expect_err("the length is another");
        assert_eq!(
            error.kind(),
            ErrorKind::SourceNotReadable,
            "{has} bytes that say {says}"
        );
    }
}
