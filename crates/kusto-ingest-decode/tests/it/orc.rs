//! ORC, through the public API: a file written by pyarrow, and files that are damaged or larger than they look.

use std::io::Write as _;

use kusto_ingest_core::{ColumnMapping, DataFormat, IngestionMapping, MappingKind, Result, Transform};
use kusto_ingest_decode::{DecodeOptions, Decoded, Header, Sample, decode, infer};

use crate::damage::{self, any_byte_changed, cut_at_any_length};
use crate::handmade::varint;

/// Seven rows at the bounds of every type, in chunks of zlib.
const FILE: &[u8] = include_bytes!("../data/every_type.orc");

const COLUMNS: &str =
    "b:bool,i:int,l:long,m:decimal,t:datetime,x:string,z:dynamic,r:real,n:datetime,d:string";

fn read(file: &[u8], columns: &str) -> Result<Decoded> {
    let columns = columns.parse().expect("the test is right");
    decode(file, &DecodeOptions::new(DataFormat::Orc), &columns)
}

fn shown(decoded: &Decoded) -> Vec<String> {
    let row = |row: &Vec<_>| row.iter().map(ToString::to_string).collect::<Vec<_>>().join("|");
    decoded.rows.iter().map(row).collect()
}

fn code(file: &[u8]) -> String {
    damage::code(read(file, "n:dynamic"))
}

#[test]
fn every_type_is_read_and_named_by_the_file_itself() {
    let inference = infer(Sample::complete(FILE), DataFormat::Orc, Header::Detect).unwrap();
    assert_eq!(inference.schema.to_string(), COLUMNS);
    let decoded = read(FILE, COLUMNS).unwrap();
    assert_eq!(decoded.warnings, []);
    let rows = shown(&decoded);
    assert_eq!(rows.len(), 7);
    assert_eq!(rows[0], "|||||||||");
    assert_eq!(
        rows[3],
        "true|2147483647|9223372036854775807|999999999999999999999999.9999999999|9999-12-31T23:59:59.9999990Z|\
         \u{1F600} \u{e9} \u{6f22}|{\"p\":3,\"q\":[{\"k\":0.5},{},null]}|1.7976931348623157e308|\
         2262-04-11T23:47:16.8547758Z|{\"a\": [1, {\"b\": null}], \"\u{1F600}\": \"q\\\"\\\\\"}"
    );
}

#[test]
fn columns_take_paths_fields_and_what_is_left() {
    let mapping = vec![
        ColumnMapping::new("first").with_path("$.z.q[0].k"),
        ColumnMapping::new("p").with_path("$.z.p"),
        ColumnMapping::new("rest")
            .with_field("z")
            .with_transform(Transform::DropMappedFields),
        ColumnMapping::new("unix")
            .with_field("i")
            .with_transform(Transform::DateTimeFromUnixSeconds),
        ColumnMapping::new("note").with_constant("c"),
    ];
    let mapping = IngestionMapping::inline(MappingKind::Orc, mapping).unwrap();
    let options = DecodeOptions::new(DataFormat::Orc).with_mapping(mapping);
    let columns = "first:real,p:long,rest:dynamic,unix:datetime,note:string"
        .parse()
        .unwrap();
    let decoded = decode(FILE, &options, &columns).unwrap();
    assert_eq!(
        shown(&decoded)[3],
        "0.5|3|{\"q\":[{},{},null]}|2038-01-19T03:14:07.0000000Z|c"
    );
    assert_eq!(shown(&decoded)[0], "||||c");
}

#[test]
fn a_file_cut_at_any_length_fails_with_a_code() {
    let codes = cut_at_any_length(FILE, |file| read(file, COLUMNS));
    for (length, code) in codes.iter().enumerate() {
        let expected = match length {
            0..3 => "BadRequest_NoRecordsOrWrongFormat",
            _ => "BadRequest_InvalidBlob",
        };
        assert_eq!(code, expected, "{length}");
    }
    assert_eq!(code(b"n,w\n1,a\n"), "BadRequest_NoRecordsOrWrongFormat");
}

#[test]
fn a_file_with_any_byte_changed_is_read_or_fails_with_a_code() {
    any_byte_changed(FILE, |file| read(file, COLUMNS));
}

/// A field of a description: a number, or bytes behind their length.
pub(crate) fn number(field: u8, value: usize) -> Vec<u8> {
    [vec![field << 3], varint(value as u64)].concat()
}

pub(crate) fn bytes(field: u8, value: &[u8]) -> Vec<u8> {
    [vec![field << 3 | 2], varint(value.len() as u64), value.to_vec()].concat()
}

/// One chunk of zlib.
pub(crate) fn zlib(plain: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(plain).expect("memory takes it");
    let chunk = encoder.finish().expect("memory takes it");
    let header = (chunk.len() << 1).to_le_bytes();
    [&header[..3], &chunk].concat()
}

/// A file of one row of `n`, a list of longs, whose streams are given: column, kind and bytes. All that is compressed is one
/// chunk of zlib.
fn list_file(streams: &[(usize, usize, Vec<u8>)], is_zlib: bool) -> Vec<u8> {
    let packed = |plain: &[u8]| match is_zlib {
        true => zlib(plain),
        false => plain.to_vec(),
    };
    let streams: Vec<_> = streams
        .iter()
        .map(|(column, kind, plain)| (column, kind, packed(plain)))
        .collect();
    let data: Vec<u8> = streams.iter().flat_map(|(_, _, packed)| packed.clone()).collect();
    let told = streams.iter().flat_map(|(column, kind, packed)| {
        bytes(
            1,
            &[number(1, **kind), number(2, **column), number(3, packed.len())].concat(),
        )
    });
    let encodings = (0..3).flat_map(|_| bytes(2, &number(1, 0)));
    let stripe_footer = packed(&told.chain(encodings).collect::<Vec<_>>());
    let stripe = [
        number(1, 3),
        number(2, 0),
        number(3, data.len()),
        number(4, stripe_footer.len()),
        number(5, 1),
    ];
    let types = [
        bytes(4, &[number(1, 12), number(2, 1), bytes(3, b"n")].concat()),
        bytes(4, &[number(1, 10), number(2, 2)].concat()),
        bytes(4, &number(1, 4)),
    ];
    let footer = packed(&[bytes(3, &stripe.concat()), types.concat()].concat());
    let postscript = [
        number(1, footer.len()),
        number(2, usize::from(is_zlib)),
        number(3, 1 << 18),
    ];
    let postscript = [postscript.concat(), b"\xc2\x3e\x03ORC".to_vec()].concat();
    let end = [u8::try_from(postscript.len()).expect("it is short")];
    [&b"ORC"[..], &data, &stripe_footer, &footer, &postscript, &end].concat()
}

#[test]
fn a_row_of_millions_of_nulls_is_refused() {
    for is_zlib in [false, true] {
        let small = [(1, 2, vec![0xff, 2]), (2, 1, vec![0xfe, 2, 4])];
        let decoded = read(&list_file(&small, is_zlib), "n:dynamic").unwrap();
        assert_eq!(shown(&decoded), ["[1,2]"]);
        // A list of 2^40 items, of whose presence every three bytes tell a thousand.
        let large = [
            (1, 2, [vec![0xff], varint(1 << 40)].concat()),
            (2, 0, [0x7f, 0].repeat(10_000)),
        ];
        assert_eq!(code(&list_file(&large, is_zlib)), "Stream_InputStreamTooLarge");
    }
}

#[test]
fn a_chunk_that_unpacks_to_more_than_chunks_do_is_refused() {
    let streams = [(1, 2, vec![0; 1 << 24]), (2, 1, Vec::new())];
    let file = list_file(&streams, true);
    assert!(file.len() < 32 << 10, "{}", file.len());
    let error = read(&file, "n:dynamic").unwrap_err();
    assert_eq!(error.code(), Some("BadRequest_InvalidBlob"));
}
