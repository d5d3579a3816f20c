//! Files of a few bytes that ask for endless rows or for the whole stack: a failure that says why, and the command lives.

use crate::setup::command::run;
use crate::setup::folder::Folder;

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 0x7f {
        bytes.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    bytes.push(value.to_le_bytes()[0]);
    bytes
}

fn sized(bytes: &[u8]) -> Vec<u8> {
    [varint(bytes.len() as u64), bytes.to_vec()].concat()
}

/// A file whose only block has so many records, and no bytes.
fn avro(schema: &str, records: u64) -> Vec<u8> {
    let doubled = |bytes: &[u8]| [varint(bytes.len() as u64 * 2), bytes.to_vec()].concat();
    let header = [
        &b"Obj\x01\x02"[..],
        &doubled(b"avro.schema"),
        &doubled(schema.as_bytes()),
        &[0],
    ];
    let sync = [7; 16];
    [&header.concat()[..], &sync, &varint(records * 2), &[0], &sync].concat()
}

/// A file of groups within each other.
fn parquet(levels: usize) -> Vec<u8> {
    let group = [0x35, 0, 0x18, 1, b'n', 0x15, 2, 0];
    let types = [group.repeat(levels), vec![0x15, 2, 0x25, 0, 0x18, 1, b'n', 0]].concat();
    let count = varint(levels as u64 + 1);
    let description = [
        &[0x15, 2, 0x19, 0xfc][..],
        &count,
        &types,
        &[0x16, 0, 0x19, 0x0c, 0],
    ]
    .concat();
    let length = u32::try_from(description.len())
        .expect("it is short")
        .to_le_bytes();
    [&b"PAR1"[..], &description, &length, b"PAR1"].concat()
}

/// A file of one stripe of so many rows, of `n` that is an empty structure.
fn orc(rows: u64) -> Vec<u8> {
    let stripe = [&[0x08, 3, 0x28][..], &varint(rows)].concat();
    let types = [[0x08, 12, 0x10, 1, 0x1a, 1, b'n'].to_vec(), vec![0x08, 12]];
    let types = types.map(|kind| [&[0x22][..], &sized(&kind)].concat()).concat();
    let footer = [&[0x1a][..], &sized(&stripe), &types].concat();
    let postscript = [
        &[0x08][..],
        &varint(footer.len() as u64),
        &[0xc2, 0x3e, 0x03],
        b"ORC",
    ]
    .concat();
    let end = [u8::try_from(postscript.len()).expect("it is short")];
    [&b"ORC"[..], &footer, &postscript, &end].concat()
}

// Without limits, the command would end by a signal, or never.
#[test]
fn a_hostile_file_fails_and_says_why_and_does_not_end_the_command() {
    let folder = Folder::new("hostile files");
    let nothing = r#"{"type":"record","name":"r","fields":[{"name":"n","type":"null"}]}"#;
    for (name, bytes, why) in [
        ("endless.avro", avro(nothing, 1 << 61), "67,108,864 values"),
        ("endless.orc", orc(u64::MAX), "67,108,864 of its rows"),
        ("deep.parquet", parquet(100_000), "deeper than 64 levels"),
    ] {
        let file = folder.write(name, bytes);
        for ran in [
            run(&["check", &file, "--schema", "n:dynamic"]),
            run(&["ingest", &file, "--emulator", "-d", "D", "-t", "T"]),
        ] {
            assert!(ran.code > 0, "{name}: {ran:?}");
            assert!(format!("{}{}", ran.out, ran.err).contains(why), "{name}: {ran:?}");
        }
    }
}

#[test]
fn a_type_of_avro_that_contains_itself_by_its_default_is_read() {
    let schema = r#"{"type":"record","name":"o","fields":[
        {"name":"a","type":{"type":"record","name":"r","fields":[
            {"name":"n","type":["r",{"type":"map","values":"int"}],"default":{}}]}},
        {"name":"b","type":"r","default":{}}]}"#;
    let folder = Folder::new("defaults of Avro");
    let file = folder.write("defaults.avro", avro(schema, 0));
    let ran = run(&["check", &file, "--schema", "a:dynamic"]);
    assert!(
        format!("{}{}", ran.out, ran.err).contains("has no records"),
        "{ran:?}"
    );
}
