//! Parquet that asks for more stack, time or memory than a small file may: refused, or read at once.

use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::{ArrayRef, Int64Array, StringArray};
use bytes::Bytes;
use kusto_ingest_core::{DataFormat, Result};
use parquet::basic::{Compression, Encoding};
use parquet::data_type::FixedLenByteArrayType;
use parquet::file::metadata::{ParquetMetaDataReader, ParquetMetaDataWriter};
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use crate::handmade::{count_rows, varint};
use crate::parquet::{batch, file_of};

/// The rows of a file, counted.
fn read(file: &[u8]) -> Result<u64> {
    count_rows(file, DataFormat::Parquet, "n:dynamic")
}

fn assert_refused(file: &[u8], code: &str, why: &str) {
    let error = read(file).expect_err("it is refused");
    assert_eq!(error.code(), Some(code), "{error}");
    assert!(error.to_string().contains(why), "{error}");
}

/// A group, as the description of a file has it: repetition, name and how many are in it.
fn group(name: &str, inner: u64) -> Vec<u8> {
    let name = [varint(name.len() as u64), name.as_bytes().to_vec()].concat();
    [&[0x35, 0, 0x18][..], &name, &[0x15], &varint(inner * 2), &[0]].concat()
}

/// An INT32: type, repetition and name.
fn number(name: &str) -> Vec<u8> {
    [
        &[0x15, 2, 0x25, 0, 0x18][..],
        &varint(name.len() as u64),
        name.as_bytes(),
        &[0],
    ]
    .concat()
}

/// A file of types, without rows.
fn described(types: &[Vec<u8>]) -> Vec<u8> {
    let list = |of: &[Vec<u8>]| [vec![0x19, 0xfc], varint(of.len() as u64), of.concat()].concat();
    let description = [vec![0x15, 2], list(types), vec![0x16, 0], list(&[]), vec![0]].concat();
    let length = u32::try_from(description.len())
        .expect("it is short")
        .to_le_bytes();
    [&b"PAR1"[..], &description, &length, b"PAR1"].concat()
}

// Followed, they would take all of the stack, and the process with it.
#[test]
fn types_that_lie_deeper_than_64_levels_are_refused() {
    let nested = |levels: usize| {
        let types = std::iter::repeat_n(group("n", 1), levels).chain([number("n")]);
        described(&types.collect::<Vec<_>>())
    };
    assert_refused(&nested(64), "BadRequest_NoRecordsOrWrongFormat", "no records");
    assert_refused(&nested(66), "BadRequest_InvalidBlob", "64 levels");
    assert_refused(&nested(100_000), "BadRequest_InvalidBlob", "64 levels");
}

// Room for as many as it says would take all of the memory, and the process with it.
#[test]
fn a_type_that_holds_more_than_there_are_is_refused() {
    let file = described(&[group("m", i32::MAX.cast_unsigned().into()), number("n")]);
    assert_refused(&file, "BadRequest_InvalidBlob", "holds more than there are");
}

// Each column has all names that lead to it: ten gigabytes of them.
#[test]
fn long_names_of_which_many_columns_have_a_copy_are_refused() {
    let long = "g".repeat(1 << 20);
    let mut types = vec![group("m", 1), group(&long, 10_000)];
    types.extend(std::iter::repeat_n(number("n"), 10_000));
    assert_refused(
        &described(&types),
        "Stream_InputStreamTooLarge",
        "names of its columns",
    );
}

// The library reads a field as what it expects there, whatever kind is written.
#[test]
fn a_type_whose_fields_have_other_kinds_than_they_should_is_refused() {
    // The name as a number: what is read behind it is a matter of opinion.
    let odd = [&[0x35, 0, 0x15, 2][..], &[0x15], &varint(2), &[0]].concat();
    let file = described(&[odd, number("n")]);
    assert_refused(&file, "BadRequest_InvalidBlob", "types cannot be read");
}

/// A file whose only column is not read, of row groups that say to have so many rows each.
fn of_rows(groups: &[i64]) -> Vec<u8> {
    let other = batch(vec![("other", Arc::new(Int64Array::from(vec![1])) as ArrayRef)]);
    let file = file_of(&other, WriterProperties::builder().build());
    let metadata = ParquetMetaDataReader::new().parse_and_finish(&Bytes::from(file.clone()));
    let metadata = metadata.expect("the test is right");
    let group = |rows: &i64| {
        let group = metadata.row_group(0).clone().into_builder().set_num_rows(*rows);
        group.build().expect("the test is right")
    };
    let groups = groups.iter().map(group).collect();
    let metadata = metadata.clone().into_builder().set_row_groups(groups).build();
    let mut changed = file;
    let written = ParquetMetaDataWriter::new(&mut changed, &metadata).finish();
    written.expect("the test is right");
    changed
}

// Read, they would never end.
#[test]
fn rows_without_a_column_that_is_read_do_not_come_without_end() {
    assert_eq!(read(&of_rows(&[600, 400])).expect("they are few"), 1000);
    for groups in [&[1 << 62][..], &[1 << 25, 1 << 25, 1]] {
        assert_refused(&of_rows(groups), "Stream_InputStreamTooLarge", "67,108,864 rows");
    }
}

fn written(column: ArrayRef, properties: WriterPropertiesBuilder) -> Vec<u8> {
    file_of(&batch(vec![("n", column)]), properties.build())
}

fn of_differences() -> WriterPropertiesBuilder {
    WriterProperties::builder()
        .set_dictionary_enabled(false)
        .set_encoding(Encoding::DELTA_BYTE_ARRAY)
        .set_compression(Compression::SNAPPY)
}

/// The place behind the head of differences: a block of 128 in four parts, so many in all, and the first.
fn behind_head(file: &[u8], count: u64, first: u8) -> usize {
    let head = [vec![0x80, 0x01, 0x04], varint(count), vec![first]].concat();
    let at = file.windows(head.len()).position(|window| window == head);
    at.expect("the head is there") + head.len()
}

// Whole, they would take more than two gigabytes at once.
#[test]
fn a_list_whose_values_share_their_beginning_is_counted_whole() {
    let mut lists = ListBuilder::new(StringBuilder::new());
    let long = "t".repeat(64 << 10);
    lists.append_value((0..40_000).map(|at| Some(if at < 2 { long.as_str() } else { "" })));
    let properties = of_differences().set_compression(Compression::UNCOMPRESSED);
    let mut file = written(Arc::new(lists.finish()), properties);
    assert_eq!(read(&file).expect("all but two are empty"), 1);
    // The second shares 65,536 bytes, the third as many fewer, in 18 bits: a higher one, and it shares them, with all that follow.
    let at = behind_head(&file, 40_000, 0);
    assert_eq!(file[at..at + 7], [0xff, 0xff, 0x07, 18, 17, 17, 17]);
    file[at + 7 + 4] ^= 0b100;
    assert_refused(&file, "Stream_InputStreamTooLarge", "2 GiB");
}

#[test]
fn a_page_of_more_than_4_mib_may_share_beginnings() {
    // 5 MiB of values that share little.
    let words = (0..5000).map(|at| format!("{at:06}{}", "w".repeat(1000)));
    let file = written(Arc::new(StringArray::from_iter_values(words)), {
        of_differences()
            .set_data_page_size_limit(64 << 20)
            .set_data_page_row_count_limit(1 << 20)
    });
    assert_eq!(read(&file).expect("it is read"), 5000);
}

// The library makes room for as many lengths as a page says: terabytes.
#[test]
fn a_page_that_says_more_lengths_than_it_has_values_is_refused() {
    for encoding in [Encoding::DELTA_BYTE_ARRAY, Encoding::DELTA_LENGTH_BYTE_ARRAY] {
        let properties = WriterProperties::builder()
            .set_dictionary_enabled(false)
            .set_encoding(encoding)
            .set_statistics_enabled(parquet::file::properties::EnabledStatistics::None);
        let words = StringArray::from_iter_values((0..300).map(|at| at.to_string()));
        let mut file = written(Arc::new(words), properties);
        let head = [0x80, 0x01, 0x04, 0xac, 0x02];
        let at = file
            .windows(5)
            .position(|window| window == head)
            .expect("the count is there");
        assert_eq!(read(&file).expect("it is read"), 300);
        file[at + 4] = 0x7f;
        assert_refused(&file, "BadRequest_InvalidBlob", "lengths of its values");
    }
}

/// A file of one row: a list of so many nulls.
fn of_nulls(item: &str, count: usize) -> Vec<u8> {
    let schema = format!(
        "message m {{ optional group n (LIST) {{ repeated group list {{ optional {item} element; }} }} }}"
    );
    let schema = parse_message_type(&schema).expect("the test is right");
    let mut file = Vec::new();
    let mut writer =
        SerializedFileWriter::new(&mut file, Arc::new(schema), Arc::default()).expect("the test is right");
    let mut group = writer.next_row_group().expect("the test is right");
    let column = group.next_column().expect("the test is right");
    let mut column = column.expect("it has one");
    let (definition, mut repetition) = (vec![2; count], vec![1; count]);
    repetition[0] = 0;
    let nulls = column.typed::<FixedLenByteArrayType>();
    let written = nulls.write_batch(&[], Some(&definition), Some(&repetition));
    written.expect("the test is right");
    column.close().expect("the test is right");
    group.close().expect("the test is right");
    writer.close().expect("the test is right");
    file
}

// Each of the nulls takes its length: four gigabytes.
#[test]
fn a_list_of_values_of_fixed_length_is_counted_by_their_length() {
    let file = of_nulls("fixed_len_byte_array(65536)", 65_536);
    assert_refused(&file, "Stream_InputStreamTooLarge", "2 GiB");
}

#[test]
fn a_row_of_two_million_nulls_takes_more_than_a_record_may() {
    assert_eq!(
        read(&of_nulls("fixed_len_byte_array(1)", 1000)).expect("they are few"),
        1
    );
    let file = of_nulls("fixed_len_byte_array(1)", 2 << 20);
    assert_refused(&file, "Stream_InputStreamTooLarge", "64 MiB");
}
