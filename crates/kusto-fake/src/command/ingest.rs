//! Reads the ingest commands, in every form in which clients and documents have written them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use kusto_ingest_core::{BlobUri, Result};
use serde_json::{Map, Value as Json};

use crate::words::Words;

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
pub(super) fn ingest(words: &mut Words<'_>) -> Result<Ingest> {
    if words.keywords(&["compressed", "csv", "stream"]) || words.keywords(&["csv", "stream"]) {
        return stream(words);
    }
    let is_inline = words.keyword("inline");
    let is_async = !is_inline && words.keyword("async");
    if !words.keyword("into") {
        return Err(words.expected("into"));
    }
    words.keyword("table");
    let table = words.table_name()?;
    if is_inline {
        return inline(words, table);
    }
    let blobs = blobs(words)?;
    Ok(Ingest {
        table,
        is_async,
        data: Data::Blobs(blobs),
        properties: properties(words)?,
    })
}

fn inline(words: &mut Words<'_>, table: String) -> Result<Ingest> {
    let properties = properties(words)?;
    let data = match words.data() {
        Some(data) => data.to_owned(),
        None => records(words)?,
    };
    Ok(Ingest {
        table,
        is_async: false,
        data: Data::Inline(data),
        properties,
    })
}

/// CSV in base64, gzipped before where it is called compressed: how programs put data into a command in old times. What
/// is gzip is told by the bytes.
fn stream(words: &mut Words<'_>) -> Result<Ingest> {
    if !words.keyword("into") {
        return Err(words.expected("into"));
    }
    words.keyword("table");
    let table = words.table_name()?;
    let properties = properties(words)?;
    let text = words.data().or_else(|| words.brackets());
    let text = text.unwrap_or_else(|| words.scalar()).trim();
    let data = STANDARD.decode(text).ok().filter(|data| !data.is_empty());
    let data = data.ok_or_else(|| words.expected("data in base64 before this"))?;
    Ok(Ingest {
        table,
        is_async: false,
        data: Data::Stream(data.into()),
        properties,
    })
}

/// Records in brackets, one a line: how data was written in old times.
fn records(words: &mut Words<'_>) -> Result<String> {
    let mut data = String::new();
    while let Some(record) = words.brackets() {
        data.push_str(record);
        data.push('\n');
    }
    if data.is_empty() {
        return Err(words.expected("<| and data"));
    }
    Ok(data)
}

/// Addresses in parentheses, or a single one without.
fn blobs(words: &mut Words<'_>) -> Result<Vec<BlobUri>> {
    if !words.mark('(') {
        return Ok(vec![blob(words)?]);
    }
    let mut blobs = vec![blob(words)?];
    while words.mark(',') {
        blobs.push(blob(words)?);
    }
    if !words.mark(')') {
        return Err(words.expected("a comma or the closing parenthesis"));
    }
    Ok(blobs)
}

fn blob(words: &mut Words<'_>) -> Result<BlobUri> {
    let address = words
        .string()
        .ok_or_else(|| words.expected("the address of a blob as a string"))?;
    BlobUri::parse(address).map_err(|error| {
        let error = words
            .expected("an address that this Kusto can read")
            .caused_by(error);
        error.with_code("BadRequest_InvalidBlobUri")
    })
}

/// The clause `with (…)`, or the text of a JSON object in its place.
fn properties(words: &mut Words<'_>) -> Result<Map<String, Json>> {
    if !words.keyword("with") {
        return Ok(Map::new());
    }
    if let Some(bag) = words.string() {
        return serde_json::from_str(&bag)
            .map_err(|_| words.expected("a JSON object of properties before this"));
    }
    if !words.mark('(') {
        return Err(words.expected("properties in parentheses"));
    }
    let mut properties = Map::new();
    loop {
        let name = words
            .name()
            .ok_or_else(|| words.expected("the name of a property"))?;
        if !words.mark('=') {
            return Err(words.expected("= and the value of the property"));
        }
        properties.insert(name, value(words)?);
        if !words.mark(',') {
            break;
        }
    }
    if !words.mark(')') {
        return Err(words.expected("a comma or the closing parenthesis"));
    }
    Ok(properties)
}

fn value(words: &mut Words<'_>) -> Result<Json> {
    if let Some(text) = words.string() {
        return Ok(text.into());
    }
    let word = words.scalar();
    let known: Result<Json, _> = serde_json::from_str(&word.to_ascii_lowercase());
    known
        .ok()
        .filter(|value| value.is_boolean() || value.is_number())
        .ok_or_else(|| words.expected("a string, a truth value or a number before this"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(text: &str, data: Data, properties: &Json) {
        let mut words = Words::new(text);
        let read = ingest(&mut words).and_then(|read| words.end().map(|()| read));
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
            let error = ingest(&mut Words::new(text)).unwrap_err();
            assert_eq!(error.http_status(), Some(400), "{text}");
            assert!(
                !format!("{} {error:?}", error.chain()).contains("SECRET"),
                "{error:?}"
            );
        }
    }
}
