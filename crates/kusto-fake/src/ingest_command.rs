//! Reads the ingest commands, in every form in which clients and documents have written them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use kusto_ingest_core::{BlobUri, Result};
use serde_json::{Map, Value as Json};

use crate::lexer::Lexer;
use crate::manage::options;

/// `.ingest into table` and `.ingest inline into table`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ingest {
    pub(crate) table: String,
    pub(crate) is_async: bool,
    pub(crate) data: Data,
    /// The properties by name, as texts, truth values and numbers.
    pub(crate) properties: Map<String, Json>,
}

/// Where the data is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Data {
    Blobs(Vec<BlobUri>),
    Inline(String),
    /// Plain or gzipped.
    Stream(Bytes),
}

/// Reads what follows `.ingest`.
pub(crate) fn from_blobs(lexer: &mut Lexer<'_>) -> Result<Ingest> {
    let is_async = lexer.keyword("async");
    let table = into_table(lexer)?;
    let blobs = blobs(lexer)?;
    Ok(Ingest {
        table,
        is_async,
        data: Data::Blobs(blobs),
        properties: properties(lexer)?,
    })
}

/// Reads what follows `.ingest inline`.
pub(crate) fn inline(lexer: &mut Lexer<'_>) -> Result<Ingest> {
    let table = into_table(lexer)?;
    let properties = properties(lexer)?;
    let data = match lexer.data() {
        Some(data) => data.to_owned(),
        None => records(lexer)?,
    };
    Ok(Ingest {
        table,
        is_async: false,
        data: Data::Inline(data),
        properties,
    })
}

fn into_table(lexer: &mut Lexer<'_>) -> Result<String> {
    if !lexer.keyword("into") {
        return Err(lexer.expected("into"));
    }
    lexer.keyword("table");
    lexer.table_name()
}

/// Reads what follows `.ingest csv stream`: CSV in base64, gzipped before where it is called compressed, which is how
/// programs put data into a command in old times. What is gzip is told by the bytes.
pub(crate) fn stream(lexer: &mut Lexer<'_>) -> Result<Ingest> {
    let table = into_table(lexer)?;
    let properties = properties(lexer)?;
    let text = lexer.data().or_else(|| lexer.brackets());
    let text = text.unwrap_or_else(|| lexer.scalar()).trim();
    let data = STANDARD.decode(text).ok().filter(|data| !data.is_empty());
    let data = data.ok_or_else(|| lexer.expected("data in base64 before this"))?;
    Ok(Ingest {
        table,
        is_async: false,
        data: Data::Stream(data.into()),
        properties,
    })
}

/// Records in brackets, one a line: how data was written in old times.
fn records(lexer: &mut Lexer<'_>) -> Result<String> {
    let mut data = String::new();
    while let Some(record) = lexer.brackets() {
        data.push_str(record);
        data.push('\n');
    }
    if data.is_empty() {
        return Err(lexer.expected("<| and data"));
    }
    Ok(data)
}

/// Addresses in parentheses, or a single one without.
fn blobs(lexer: &mut Lexer<'_>) -> Result<Vec<BlobUri>> {
    if !lexer.mark('(') {
        return Ok(vec![blob(lexer)?]);
    }
    let mut blobs = vec![blob(lexer)?];
    while lexer.mark(',') {
        blobs.push(blob(lexer)?);
    }
    if !lexer.mark(')') {
        return Err(lexer.expected("a comma or the closing parenthesis"));
    }
    Ok(blobs)
}

fn blob(lexer: &mut Lexer<'_>) -> Result<BlobUri> {
    let address = lexer
        .string()
        .ok_or_else(|| lexer.expected("the address of a blob as a string"))?;
    BlobUri::parse(address).map_err(|error| {
        let error = lexer
            .expected("an address that this Kusto can read")
            .caused_by(error);
        error.with_code("BadRequest_InvalidBlobUri")
    })
}

fn properties(lexer: &mut Lexer<'_>) -> Result<Map<String, Json>> {
    options(lexer).map(|options| options.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ingest(lexer: &mut Lexer<'_>) -> Result<Ingest> {
        if lexer.keyword("inline") {
            return inline(lexer);
        }
        match lexer.keywords(&["compressed", "csv", "stream"]) || lexer.keywords(&["csv", "stream"]) {
            true => stream(lexer),
            false => from_blobs(lexer),
        }
    }

    fn check(text: &str, data: Data, properties: &Json) {
        let mut lexer = Lexer::new(text);
        let read = ingest(&mut lexer).and_then(|read| lexer.end_of_statement().map(|()| read));
        let read = read.unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(Json::Object(read.properties), *properties, "{text}");
        assert_eq!((read.table.as_str(), read.data), ("T", data), "{text}");
    }

    fn blobs(names: &[&str]) -> Data {
        let blob = |name: &&str| BlobUri::parse(format!("https://a/c/{name}?sig=S'X")).unwrap();
        Data::Blobs(names.iter().map(blob).collect())
    }

    #[test]
    fn blobs_are_named_with_and_without_parentheses() {
        let strict =
            "into table ['T'] (h@'https://a/c/f?sig=S''X',h@'https://a/c/g?sig=S''X') with (format=@'csv')";
        check(strict, blobs(&["f", "g"]), &json!({"format": "csv"}));
        check(
            "async into table T (\"https://a/c/f?sig=S'X\")",
            blobs(&["f"]),
            &json!({}),
        );
        check("INTO T @\"https://a/c/f?sig=S'X\"", blobs(&["f"]), &json!({}));
    }

    #[test]
    fn properties_are_texts_truth_values_numbers_or_one_bag() {
        let text = r#"into table T ("https://a/c/f?sig=S'X") with (a="x" "y", ['b c'] = TRUE, d=7)"#;
        check(text, blobs(&["f"]), &json!({"a": "xy", "b c": true, "d": 7}));
        let text = r#"into table T (@"https://a/c/f?sig=S'X") with @'{"format":"csv"}'"#;
        check(text, blobs(&["f"]), &json!({"format": "csv"}));
    }

    #[test]
    fn inline_data_is_taken_as_it_is() {
        let inline = |data: &str| Data::Inline(data.to_owned());
        let text = "inline into table ['T'] with (format=@'csv') <|\n a,1 // data\n'b\n\t";
        check(text, inline(" a,1 // data\n'b\n\t"), &json!({"format": "csv"}));
        check("inline into table T <| a,1", inline(" a,1"), &json!({}));
        check(
            "inline into table T [a,1] [b, 2]",
            inline("a,1\nb, 2\n"),
            &json!({}),
        );
    }

    #[test]
    fn what_is_no_ingest_command_is_refused_without_its_secrets() {
        for text in [
            "into table T",
            "into table T ()",
            "into table T ('https://a/c/f?sig=SECRET'",
            "into table T ('ftp://a/c/f?sig=SECRET')",
            "into table T ('https://a/c/f?sig=SECRET') with (a)",
            "into table T ('https://a/c/f?sig=SECRET') with (a=SECRET)",
            "inline into table T",
            "table T ('https://a/c/f?sig=SECRET')",
        ] {
            let error = ingest(&mut Lexer::new(text)).unwrap_err();
            assert_eq!(error.http_status(), Some(400), "{text}");
            assert!(
                !format!("{} {error:?}", error.chain()).contains("SECRET"),
                "{error:?}"
            );
        }
    }
}
