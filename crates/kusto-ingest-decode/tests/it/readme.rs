//! The README against the code: which formats are read, and which are not.

use kusto_ingest_core::DataFormat;
use kusto_ingest_decode::{DecodeOptions, Schema, decode};

const README: &str = include_str!("../../README.md");

/// The formats of the README's line that begins so.
fn listed(beginning: &str) -> Vec<&'static str> {
    let list = README
        .lines()
        .find_map(|line| line.strip_prefix(beginning))
        .expect("the README has this line");
    let list = list.split('.').next().unwrap_or(list);
    list.split(',').map(str::trim).collect()
}

#[test]
fn the_readme_lists_the_formats_that_are_read_and_those_that_are_not() {
    let (read, not_read) = (listed("- Formats: "), listed("- Not read: "));
    let schema: Schema = "a:dynamic".parse().expect("a schema");
    for format in DataFormat::all() {
        let refused = decode(b"{}".as_slice(), &DecodeOptions::new(format), &schema)
            .is_err_and(|error| error.to_string().contains("does not decode"));
        let name = format.wire_name();
        assert_eq!(read.contains(&name), !refused, "{name}");
        assert_eq!(not_read.contains(&name), refused, "{name}");
    }
    assert_eq!(read.len() + not_read.len(), DataFormat::all().count());
}
