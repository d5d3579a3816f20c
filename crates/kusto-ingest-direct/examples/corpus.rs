//! Prints more than five hundred commands as one JSON array of texts: every property, and names, tags, paths and
//! addresses that try to break out of their literals. Other readers of Kusto's language should accept all of them.

use kusto_ingest_core::{
    BlobUri, ColumnMapping, DataFormat, IngestionMapping, IngestionProperties, MappingKind, Result,
    Timestamp, Transform, ValidationImplications, ValidationOptions, ValidationPolicy,
};
use kusto_ingest_direct::IngestCommand;

/// Texts that mean something to readers of Kusto's language, or to those behind them.
const HOSTILE: [&str; 32] = [
    "plain",
    "it's",
    "say \"so\"",
    "back\\slash",
    "trailing\\",
    "'",
    "\"",
    "''",
    "\\'",
    "a'] | take 1",
    "') with (format='x",
    "x\",\"y",
    "<| .drop table T",
    "a;b",
    "// not a comment",
    "/* nor this */",
    "```three```",
    "h@'secret'",
    "@'verbatim'",
    "where",
    "1day",
    "['name']",
    "{\"json\":[1]}",
    "tab\there",
    "ümläut",
    "日本語",
    "😀🏴‍☠️",
    "a\u{0301}\u{200b}\u{202e}b",
    "line\u{2028}para\u{2029}",
    "$(rm -rf)",
    "%41%27",
    "\u{feff}bom",
];

#[expect(clippy::print_stdout, reason = "it is what this program is for")]
fn main() -> Result<()> {
    let texts: Vec<String> = commands()?
        .iter()
        .map(|command| command.expose().to_owned())
        .collect();
    println!("{}", serde_json::Value::from(texts));
    Ok(())
}

fn commands() -> Result<Vec<IngestCommand>> {
    let mut commands = Vec::new();
    for hostile in HOSTILE {
        for properties in [
            table(&hostile.replace('\t', " "))?,
            table("T")?
                .with_additional_tags([hostile])
                .with_drop_by_tags([hostile]),
            table("T")?
                .with_ingest_by_tags([hostile])
                .with_ingest_if_not_exists([hostile]),
            table("T")?.with_mapping(IngestionMapping::reference(MappingKind::Csv, hostile)?),
            table("T")?.with_mapping(constant(hostile)?),
            table("T")?.with_zip_pattern(hostile),
            table("T")?.with_property("anything", hostile),
            table("T")?.with_property("anything", format!("{hostile}\r\n\0\u{7f}{hostile}")),
        ] {
            commands.extend(all_forms(
                &properties,
                DataFormat::Csv,
                &format!("a,{hostile},z"),
            )?);
        }
        commands.push(IngestCommand::of_blobs(
            [&blob(hostile)?],
            &table("T")?.with_mapping(path(hostile)?),
            DataFormat::MultiJson,
        )?);
    }
    for format in DataFormat::all() {
        commands.extend(all_forms(&full(format)?, format, "a,1\n")?);
    }
    Ok(commands)
}

/// A command for blobs, an asynchronous one, and one with data, where the data is text.
fn all_forms(properties: &IngestionProperties, format: DataFormat, data: &str) -> Result<Vec<IngestCommand>> {
    let (one, other) = (blob("f.csv")?, blob("g.csv")?);
    let mut commands = vec![
        IngestCommand::of_blobs([&one], properties, format)?,
        IngestCommand::of_blobs_async([&one, &other], properties, format)?,
    ];
    if format.is_compressible() {
        commands.push(IngestCommand::inline(data, properties, format)?);
    }
    Ok(commands)
}

fn table(name: &str) -> Result<IngestionProperties> {
    IngestionProperties::into_table("D", name)
}

/// An address whose SAS and name hold the text, as far as an address can.
fn blob(text: &str) -> Result<BlobUri> {
    let one_line: String = text
        .chars()
        .filter(|letter| !letter.is_control() && !matches!(letter, '\u{2028}' | '\u{2029}'))
        .collect();
    BlobUri::parse(format!(
        "https://acct.blob.core.windows.net/c/x{}.csv?sv=2022-11-02&sig={one_line}",
        one_line.replace(['?', ';', '#', '\\', '*'], "_")
    ))
}

fn constant(text: &str) -> Result<IngestionMapping> {
    let columns = vec![
        ColumnMapping::new(text).with_type("string").with_ordinal(0),
        ColumnMapping::new("constant").with_constant(text),
    ];
    IngestionMapping::inline(MappingKind::Csv, columns)
}

fn path(text: &str) -> Result<IngestionMapping> {
    let text = text.replace('\'', "\\'");
    let columns = vec![
        ColumnMapping::new("at")
            .with_path("$.at")
            .with_transform(Transform::DateTimeFromUnixSeconds),
        ColumnMapping::new("field")
            .with_type("dynamic")
            .with_path(format!("$['{text}']")),
    ];
    IngestionMapping::inline(MappingKind::Json, columns)
}

/// Everything that can be said at once.
fn full(format: DataFormat) -> Result<IngestionProperties> {
    let mapping = IngestionMapping::reference(format.mapping_kind(), "map_1")?;
    Ok(table("T")?
        .with_mapping(mapping)
        .with_additional_tags(["plain"])
        .with_drop_by_tags(["day"])
        .with_ingest_by_tags(["batch"])
        .with_ingest_if_not_exists(["batch"])
        .with_creation_time(Timestamp::parse("2017-02-13T01:02:03.0405067Z")?)
        .with_ignore_first_record()
        .with_validation_policy(ValidationPolicy {
            options: ValidationOptions::ValidateCsvInputConstantColumns,
            implications: ValidationImplications::Fail,
        })
        .with_zip_pattern(".*\\.csv$")
        .with_property("TreatGzAsUncompressed", "true"))
}
