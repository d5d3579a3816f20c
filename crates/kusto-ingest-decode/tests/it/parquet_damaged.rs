//! Parquet that is damaged, cut off, or larger than it looks: a failure with a code, and never more memory.

use std::sync::Arc;

use arrow_array::builder::{Int64Builder, ListBuilder};
use arrow_array::{ArrayRef, Int64Array, StringArray};
use bytes::Bytes;
use kusto_ingest_core::{DataFormat, Result};
use kusto_ingest_decode::{DecodeOptions, Decoded, Header, Sample, decode, infer};
use parquet::basic::{Compression, GzipLevel};
use parquet::data_type::{Int96, Int96Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use crate::damage::{self, any_byte_changed, cut_at_any_length};
use crate::parquet::{batch, file_of};

fn read(file: &[u8]) -> Result<Decoded> {
    let schema = "n:long,w:string".parse().expect("the test is right");
    decode(file, &DecodeOptions::new(DataFormat::Parquet), &schema)
}

fn code(file: &[u8]) -> String {
    damage::code(read(file))
}

fn sample_file(codec: Compression) -> Vec<u8> {
    let words = StringArray::from_iter_values((0..200).map(|at| format!("word {}", at % 7)));
    let data = batch(vec![
        ("n", Arc::new(Int64Array::from_iter_values(0..200)) as ArrayRef),
        ("w", Arc::new(words)),
    ]);
    file_of(&data, WriterProperties::builder().set_compression(codec).build())
}

#[test]
fn a_file_cut_at_any_length_fails_with_a_code() {
    let file = sample_file(Compression::SNAPPY);
    assert_eq!(read(&file).expect("the test is right").rows.len(), 200);
    for (length, found) in cut_at_any_length(&file, read).into_iter().enumerate() {
        let expected = match length {
            0..4 => "BadRequest_NoRecordsOrWrongFormat",
            _ => "BadRequest_InvalidBlob",
        };
        assert_eq!(found, expected, "{length}");
    }
}

#[test]
fn a_file_with_any_byte_changed_is_read_or_fails_with_a_code() {
    for codec in [Compression::SNAPPY, Compression::GZIP(GzipLevel::default())] {
        any_byte_changed(&sample_file(codec), read);
    }
}

#[test]
fn other_data_under_the_name_of_parquet_is_the_wrong_format() {
    assert_eq!(code(b""), "BadRequest_NoRecordsOrWrongFormat");
    assert_eq!(code(b"n,w\n1,a\n"), "BadRequest_NoRecordsOrWrongFormat");
    assert_eq!(code(b"PAR1PAR1"), "BadRequest_InvalidBlob");
    assert_eq!(code(b"PAR1\xff\xff\xff\x7fPAR1"), "BadRequest_InvalidBlob");
    assert_eq!(code(b"PARE\x00\x00\x00\x00PARE"), "BadRequest_InvalidBlob");
}

#[test]
fn a_file_without_rows_has_no_records() {
    let data = batch(vec![(
        "n",
        Arc::new(Int64Array::from_iter_values(0..0)) as ArrayRef,
    )]);
    let file = file_of(&data, WriterProperties::builder().build());
    assert_eq!(code(&file), "BadRequest_NoRecordsOrWrongFormat");
}

#[test]
fn a_page_that_unpacks_to_more_than_64_mib_is_refused_before_it_is_unpacked() {
    let zeros = "\0".repeat(80 << 20);
    let data = batch(vec![("w", Arc::new(StringArray::from(vec![zeros])) as ArrayRef)]);
    for codec in [Compression::SNAPPY, Compression::GZIP(GzipLevel::default())] {
        let properties = WriterProperties::builder()
            .set_compression(codec)
            .set_dictionary_enabled(false);
        let file = file_of(&data, properties.build());
        let error = read(&file).expect_err("it is refused");
        assert_eq!(error.code(), Some("Stream_InputStreamTooLarge"), "{error}");
        assert!(error.to_string().contains("64 MiB"), "{error}");
    }
}

#[test]
fn a_page_that_holds_more_than_it_says_is_refused() {
    let data = batch(vec![(
        "w",
        Arc::new(StringArray::from(vec!["a".repeat(300)])) as ArrayRef,
    )]);
    let properties = WriterProperties::builder()
        .set_compression(Compression::GZIP(GzipLevel::default()))
        .set_dictionary_enabled(false)
        .set_statistics_enabled(parquet::file::properties::EnabledStatistics::None);
    let mut file = file_of(&data, properties.build());
    // The first field of a page's header is its kind, the second its size: zigzag, in two bytes.
    assert_eq!(file[4..7], [0x15, 0x00, 0x15]);
    file[7] -= 2;
    let error = read(&file).expect_err("it is refused");
    assert_eq!(error.code(), Some("BadRequest_InvalidBlob"));
    assert!(error.to_string().contains("another number of bytes"), "{error}");
}

#[test]
fn a_row_of_a_hundred_million_nulls_is_refused() {
    // All nulls are one run of levels: the file stays small.
    let mut lists = ListBuilder::new(Int64Builder::new());
    lists.append_value([None; 1000]);
    let data = batch(vec![("n", Arc::new(lists.finish()) as ArrayRef)]);
    let file = file_of(
        &data,
        WriterProperties::builder().set_dictionary_enabled(false).build(),
    );
    let mut metadata = parquet::file::metadata::ParquetMetaDataReader::new()
        .parse_and_finish(&Bytes::from(file.clone()))
        .expect("the test is right");
    // The number of values is written twice: in the description, and with the page.
    let group = metadata.row_group(0).clone();
    let column = group
        .column(0)
        .clone()
        .into_builder()
        .set_num_values(1 << 30)
        .build()
        .expect("the test is right");
    let group = group
        .into_builder()
        .set_column_metadata(vec![column])
        .build()
        .expect("the test is right");
    metadata = metadata.into_builder().set_row_groups(vec![group]).build();
    let mut changed = file[..file.len() - 8 - footer_length(&file)].to_vec();
    parquet::file::metadata::ParquetMetaDataWriter::new(&mut changed, &metadata)
        .finish()
        .expect("the test is right");
    let error = read(&changed).expect_err("it is refused");
    assert_eq!(error.code(), Some("Stream_InputStreamTooLarge"), "{error}");
}

fn footer_length(file: &[u8]) -> usize {
    let length = &file[file.len() - 8..file.len() - 4];
    u32::from_le_bytes(length.try_into().expect("the test is right")) as usize
}

#[test]
fn int96_has_every_year_and_every_tick() {
    let schema = parse_message_type("message m { required int96 at; repeated int96 more; }")
        .expect("the test is right");
    let mut file = Vec::new();
    let mut writer =
        SerializedFileWriter::new(&mut file, Arc::new(schema), Arc::default()).expect("the test is right");
    let mut group = writer.next_row_group().expect("the test is right");
    let moment = |day: u32, nanoseconds: u64| {
        let mut value = Int96::new();
        value.set_data(nanoseconds as u32, (nanoseconds >> 32) as u32, day);
        value
    };
    let values = [
        moment(1_721_426, 0),
        moment(5_373_484, 86_399_999_999_900),
        moment(2_440_588, 123_456_799),
    ];
    let mut column = group
        .next_column()
        .expect("the test is right")
        .expect("the test is right");
    column
        .typed::<Int96Type>()
        .write_batch(&values, None, None)
        .expect("the test is right");
    column.close().expect("the test is right");
    let mut column = group
        .next_column()
        .expect("the test is right")
        .expect("the test is right");
    let levels: (&[i16], &[i16]) = (&[1, 1, 0, 0], &[0, 1, 0, 0]);
    column
        .typed::<Int96Type>()
        .write_batch(&values[..2], Some(levels.0), Some(levels.1))
        .expect("the test is right");
    column.close().expect("the test is right");
    group.close().expect("the test is right");
    writer.close().expect("the test is right");

    let inference =
        infer(Sample::complete(&file), DataFormat::Parquet, Header::Detect).expect("the test is right");
    assert_eq!(inference.schema.to_string(), "at:datetime,more:dynamic");
    let options = DecodeOptions::new(DataFormat::Parquet);
    let decoded = decode(file.as_slice(), &options, &inference.schema).expect("the test is right");
    let shown = |at: usize| (decoded.rows[at][0].to_string(), decoded.rows[at][1].to_string());
    let (first, last) = ("0001-01-01T00:00:00.0000000Z", "9999-12-31T23:59:59.9999999Z");
    assert_eq!(shown(0), (first.to_owned(), format!("[\"{first}\",\"{last}\"]")));
    assert_eq!(shown(1), (last.to_owned(), "[]".to_owned()));
    assert_eq!(
        shown(2),
        ("1970-01-01T00:00:00.1234567Z".to_owned(), "[]".to_owned())
    );
}
