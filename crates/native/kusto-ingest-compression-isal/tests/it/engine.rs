//! What an engine promises: code that others read, the same whatever came before, and open ends where they are asked for.

use kusto_ingest_compression::testing::gunzip;
use kusto_ingest_compression::{DeflateEngine as _, EncodedSizes, GzipEncoder, GzipLevel, GzipMember};
use kusto_ingest_compression_isal::Isal;
use kusto_ingest_core::testing::noise;

fn text(len: usize) -> Vec<u8> {
    let rows: Vec<u8> = (0..9_000_usize)
        .flat_map(|row| format!("{row},{}\n", row * row % 977).into_bytes())
        .collect();
    let mut text = rows.repeat(len / rows.len() + 1);
    text.truncate(len);
    text
}

fn levels() -> impl Iterator<Item = GzipLevel> {
    [1, 5, 9]
        .map(|level| GzipLevel::new(level).expect("it is a level"))
        .into_iter()
}

fn encoder(level: GzipLevel) -> GzipEncoder {
    GzipEncoder::with_engine(level, &Isal::new())
}

#[test]
fn a_whole_source_is_one_member_that_others_read() {
    for level in levels() {
        let mut used = encoder(level);
        for len in [0, 1, 2, 3, 100, 65_535, 65_536, 1_000_000] {
            for source in [text(len), noise(len), vec![7; len]] {
                let member = used
                    .member(&source, &EncodedSizes::new())
                    .expect("it is compressed");
                assert!(gunzip(&member) == source, "{level:?}, {len} bytes");
                let anew = encoder(level).member(&source, &EncodedSizes::new());
                assert!(
                    anew.expect("it is compressed") == member,
                    "{level:?}, {len} bytes"
                );
            }
        }
    }
}

#[test]
fn blocks_that_refer_back_are_one_member_and_the_same_whatever_came_before() {
    let data = [text(700_000), noise(300_000), text(900_000)].concat();
    for level in levels() {
        let mut used = encoder(level);
        used.block(&noise(40_000), &noise(90_000))
            .expect("it is compressed");
        let mut member = GzipMember::new();
        let mut gzip = member.header().to_vec();
        let cuts = [
            0,
            1,
            2,
            40_000,
            40_001,
            300_000,
            824_288,
            824_291,
            1_500_000,
            data.len(),
        ];
        for edges in cuts.windows(2) {
            let (before, block) = data[..edges[1]].split_at(edges[0]);
            let [again, once] = [&mut used, &mut encoder(level)]
                .map(|encoder| encoder.block(before, block).expect("it is compressed"));
            let code = member.push(again);
            assert!(GzipMember::new().push(once) == code, "{level:?}, {edges:?}");
            gzip.extend(code);
        }
        gzip.extend(member.finish());
        assert!(gunzip(&gzip) == data, "{level:?}");
    }
}

#[test]
fn a_piece_refers_back_to_its_window_and_not_beyond() {
    let part = noise(30_000);
    for level in levels() {
        let mut encoder = Isal::new().encoder(level);
        let mut len_behind = |window: &[u8]| {
            let mut code = Vec::new();
            encoder.piece(window, &part, &mut code).expect("it is deflated");
            code.len()
        };
        assert!(len_behind(&[]) > 30_000);
        assert!(len_behind(&part) < 2_000);
    }
}

#[test]
fn code_is_appended_however_much_room_it_takes() {
    let source = noise(50_000);
    let mut code = b"before".to_vec();
    let mut encoder = Isal::new().encoder(GzipLevel::fastest());
    encoder.whole(&source, &mut code).expect("it is deflated");
    assert!(code.starts_with(b"before") && code.len() > 50_000);
}

#[test]
fn text_becomes_less_than_half() {
    let source = text(4 << 20);
    let member = encoder(GzipLevel::default()).member(&source, &EncodedSizes::new());
    let len = member.expect("it is compressed").len();
    assert!(len * 2 < source.len(), "{len} of {} bytes", source.len());
}
