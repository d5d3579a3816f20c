//! ORC whose descriptions ask for more time or memory than a small file may: refused, or read at once.

use kusto_ingest_core::{DataFormat, Result};

use crate::handmade::count_rows;
use crate::orc::{bytes, number, zlib};

/// The rows of a file, counted.
fn read(file: &[u8]) -> Result<u64> {
    count_rows(file, DataFormat::Orc, "n:dynamic")
}

/// The code of a failure, and what it says.
fn refused(file: &[u8]) -> (String, String) {
    let error = read(file).expect_err("it is refused");
    (error.code().expect("it has a code").to_owned(), error.to_string())
}

/// What a file consists of, in chunks of zlib of 8 MiB.
#[derive(Default)]
struct Parts {
    /// The types, each a message.
    types: Vec<Vec<u8>>,
    rows: usize,
    /// The bytes of each stream, with its column and kind.
    streams: Vec<(usize, usize, Vec<u8>)>,
    /// Further fields of the footers of the stripe and of the file.
    stripe_footer: Vec<u8>,
    footer: Vec<u8>,
}

impl Parts {
    fn file(&self) -> Vec<u8> {
        let streams: Vec<_> = self
            .streams
            .iter()
            .map(|(at, kind, plain)| (at, kind, zlib(plain)))
            .collect();
        let told = streams.iter().flat_map(|(at, kind, packed)| {
            let stream = [number(1, **kind), number(2, **at), number(3, packed.len())];
            bytes(1, &stream.concat())
        });
        let stripe_footer = zlib(&told.chain(self.stripe_footer.clone()).collect::<Vec<_>>());
        let data: Vec<u8> = streams.iter().flat_map(|(_, _, packed)| packed.clone()).collect();
        let stripe = [
            number(1, 3),
            number(3, data.len()),
            number(4, stripe_footer.len()),
            number(5, self.rows),
        ];
        let types = self.types.iter().flat_map(|kind| bytes(4, kind));
        let stripe = bytes(3, &stripe.concat());
        let footer: Vec<u8> = stripe
            .into_iter()
            .chain(types)
            .chain(self.footer.clone())
            .collect();
        let footer = zlib(&footer);
        let postscript = [number(1, footer.len()), number(2, 1), number(3, 8 << 20)].concat();
        let postscript = [postscript, b"\xc2\x3e\x03ORC".to_vec()].concat();
        let end = [u8::try_from(postscript.len()).expect("it is short")];
        [&b"ORC"[..], &data, &stripe_footer, &footer, &postscript, &end].concat()
    }
}

/// A structure of members, each a name and the place of its type.
fn structure(members: &[(&str, usize)]) -> Vec<u8> {
    let inner = members.iter().flat_map(|(_, at)| number(2, *at));
    let names = members.iter().flat_map(|(name, _)| bytes(3, name.as_bytes()));
    number(1, 12).into_iter().chain(inner).chain(names).collect()
}

// Opened, they would be 2^64.
#[test]
fn types_that_hold_another_twice_are_refused() {
    let mut types: Vec<_> = (0..64)
        .map(|at| structure(&[("n", at + 1), ("m", at + 1)]))
        .collect();
    types.push(structure(&[]));
    let file = Parts {
        types,
        rows: 1,
        ..Parts::default()
    };
    let (code, why) = refused(&file.file());
    assert_eq!(code, "BadRequest_InvalidBlob");
    assert!(why.contains("types are not in order"), "{why}");
}

// Read, they would never end.
#[test]
fn rows_of_which_nothing_is_read_do_not_come_without_end() {
    let other = [structure(&[("other", 1)]), number(1, 4)];
    let empty = [structure(&[("n", 1)]), structure(&[("m", 2)]), structure(&[])];
    for types in [&other[..], &empty] {
        let of_rows = |rows| Parts {
            types: types.to_vec(),
            rows,
            ..Parts::default()
        };
        assert_eq!(read(&of_rows(1000).file()).expect("they are few"), 1000);
        let (code, why) = refused(&of_rows(usize::MAX).file());
        assert_eq!(code, "Stream_InputStreamTooLarge");
        assert!(why.contains("67,108,864"), "{why}");
    }
}

/// One more empty field than a description may have parts.
fn many(field: u8) -> Vec<u8> {
    [field << 3 | 2, 0].repeat((1 << 20) + 1)
}

fn of_a_long() -> Vec<Vec<u8>> {
    vec![structure(&[("n", 1)]), number(1, 4)]
}

fn assert_too_many_parts(file: &Parts) {
    let (code, why) = refused(&file.file());
    assert_eq!(code, "Stream_InputStreamTooLarge", "{why}");
    assert!(why.contains("1,048,576 parts"), "{why}");
}

#[test]
fn a_file_of_more_than_a_million_stripes_types_or_inner_types_is_refused() {
    for field in [3, 4] {
        assert_too_many_parts(&Parts {
            types: of_a_long(),
            footer: many(field),
            ..Parts::default()
        });
    }
    assert_too_many_parts(&Parts {
        types: [of_a_long(), vec![bytes(2, &[9; 1 << 20])]].concat(),
        ..Parts::default()
    });
}

#[test]
fn a_stripe_of_more_than_a_million_streams_or_encodings_is_refused() {
    for field in [1, 2] {
        assert_too_many_parts(&Parts {
            types: of_a_long(),
            rows: 1,
            stripe_footer: many(field),
            ..Parts::default()
        });
    }
}

// A million stripes of the same bytes would be as many files.
#[test]
fn stripes_that_lie_in_each_other_are_refused() {
    let file = Parts {
        types: of_a_long(),
        footer: bytes(3, &[number(1, 3), number(5, 1)].concat()),
        ..Parts::default()
    };
    let (code, why) = refused(&file.file());
    assert_eq!(code, "BadRequest_InvalidBlob");
    assert!(why.contains("one behind the other"), "{why}");
}

// Each of the words was a text of its own: two gigabytes of them.
#[test]
fn dictionaries_share_the_words_that_they_may_have() {
    let names: Vec<_> = (1..=20).map(|at| format!("n{at}")).collect();
    let members: Vec<_> = names.iter().map(String::as_str).zip(1..).collect();
    // Runs of 130 empty words.
    let lengths = [0x7f, 0, 0].repeat((1 << 22) / 130 + 1);
    let encoding = bytes(2, &[number(1, 1), number(2, 1 << 22)].concat());
    let file = Parts {
        types: [vec![structure(&members)], vec![number(1, 7); 20]].concat(),
        rows: 1,
        streams: (1..=20).map(|at| (at, 2, lengths.clone())).collect(),
        stripe_footer: [bytes(2, &[]), encoding.repeat(20)].concat(),
        ..Parts::default()
    };
    let (code, why) = refused(&file.file());
    assert_eq!(code, "Stream_InputStreamTooLarge", "{why}");
    assert!(why.contains("67,108,864 words"), "{why}");
}

#[test]
fn a_decimal_of_more_than_128_bits_is_refused() {
    let of = |number_of: &[u8]| Parts {
        types: vec![structure(&[("n", 1)]), number(1, 14)],
        rows: 1,
        streams: vec![(1, 1, number_of.to_vec()), (1, 5, vec![0xff, 0])],
        ..Parts::default()
    };
    let largest = [[0xff; 18].to_vec(), vec![0x03]].concat();
    assert_eq!(read(&of(&largest).file()).expect("it has 128 bits"), 1);
    let beyond = [[0xff; 18].to_vec(), vec![0x04]].concat();
    let (code, why) = refused(&of(&beyond).file());
    assert_eq!(code, "BadRequest_InvalidBlob");
    assert!(why.contains("128 bits"), "{why}");
}
