//! Addresses: taken apart, and texts as parts of them.

use std::sync::Arc;

use kusto_ingest_decode::ScalarType::{Dynamic, String as Text};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use url::Url;

use super::strings::text;
use super::{Function, typed};
use crate::Value;

/// What a part of an address keeps.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

pub(super) const TABLE: &[Function] = &[
    typed("url_encode", "t", Text, |args, _| {
        utf8_percent_encode(text(args, 0), KEPT).to_string().into()
    }),
    typed("url_decode", "t", Text, |args, _| {
        percent_decode_str(text(args, 0))
            .decode_utf8_lossy()
            .into_owned()
            .into()
    }),
    typed("parse_url", "s", Dynamic, |args, _| parsed(text(args, 0))),
    typed("parse_path", "s", Dynamic, |args, _| path(text(args, 0))),
];

/// The parts of an address; empty where it has none of a kind.
fn parsed(text: &str) -> Value {
    let url = Url::parse(text).ok();
    let part =
        |part: fn(&Url) -> Option<String>| Value::from(url.as_ref().and_then(part).unwrap_or_default());
    let parameters = url.iter().flat_map(|url| url.query_pairs());
    let parameters: Vec<(Arc<str>, Value)> = parameters
        .map(|(name, value)| (Arc::from(name.as_ref()), Value::text(&value)))
        .collect();
    let members = [
        ("Scheme", part(|url| Some(url.scheme().to_owned()))),
        ("Host", part(|url| url.host_str().map(str::to_owned))),
        ("Port", part(|url| url.port().map(|port| port.to_string()))),
        ("Path", part(|url| Some(url.path().to_owned()))),
        ("Username", part(|url| Some(url.username().to_owned()))),
        ("Password", part(|url| url.password().map(str::to_owned))),
        ("Query Parameters", Value::bag(parameters)),
        ("Fragment", part(|url| url.fragment().map(str::to_owned))),
    ];
    Value::bag(members.map(|(name, value)| (Arc::from(name), value)).into())
}

/// The parts of a path to a file.
fn path(text: &str) -> Value {
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (scheme, rest),
        None => ("", text),
    };
    let (folder, file) = rest.rsplit_once(['/', '\\']).unwrap_or(("", rest));
    let extension = file.rsplit_once('.').map_or("", |(_, extension)| extension);
    let root = match rest.split_once(['/', '\\']) {
        Some((root, _)) if scheme.is_empty() => root,
        _ => "",
    };
    let folder_name = folder.rsplit(['/', '\\']).next().unwrap_or_default();
    let members = [
        ("Scheme", scheme),
        ("RootPath", root),
        ("DirectoryPath", folder),
        ("DirectoryName", folder_name),
        ("Filename", file),
        ("Extension", extension),
        ("AlternateDataStreamName", ""),
    ];
    Value::bag(
        members
            .map(|(name, value)| (Arc::from(name), Value::text(value)))
            .into(),
    )
}
