//! What the address of a blob names: a blob, or what is no blob and can be told from one.

use url::{Url, form_urlencoded};

/// The account that emulators of Azure Storage have, which they write into the path.
const EMULATED_ACCOUNT: &str = "devstoreaccount1";

/// What is wrong with what an address names, and what would be right.
pub(super) fn refused(url: &Url) -> Option<&'static str> {
    let path = url.path();
    let is_emulated = begins_with_account(url);
    let is_azure = is_emulated || url.domain().is_some_and(is_azure_host);
    let segments = path.split('/').filter(|segment| !segment.is_empty()).count();
    let named = segments - usize::from(is_emulated);
    if named == 0 {
        return Some("it names no blob");
    }
    // Behind other schemes, the file system or bucket is the host.
    if named == 1 && is_azure && url.scheme().starts_with("http") {
        return Some(
            "it names a container and no blob in it: name each blob, as in https://ACCOUNT/CONTAINER/BLOB; one of the \
             root container as https://ACCOUNT/$root/BLOB",
        );
    }
    if path.ends_with('/') {
        return Some("it names a folder and no blob in it: name each blob");
    }
    if has_pair(url, "restype", "container") || has_pair(url, "comp", "list") {
        return Some("it lists a container, and is no blob: name each blob");
    }
    // A question mark begins the query, of which every part has a value.
    let query = url.query().unwrap_or_default();
    if path.contains('*') || (is_azure && !query.is_empty() && !query.contains('=')) {
        return Some("it has a wildcard: name each blob; a star in the name of one is written as %2A");
    }
    None
}

/// Whether a text is the address of a blob without its scheme.
pub(super) fn lacks_scheme(text: &str) -> bool {
    let host = text.split(['/', ':', '?', ';']).next().unwrap_or_default();
    !text.contains("://") && text.len() > host.len() && is_storage(&host.to_ascii_lowercase())
}

/// Whether the account is the first part of the path, as emulators have it.
fn begins_with_account(url: &Url) -> bool {
    let is_name = url.domain().is_some_and(|name| name != "localhost");
    !is_name && url.path().split('/').nth(1) == Some(EMULATED_ACCOUNT)
}

fn is_azure_host(name: &str) -> bool {
    let mut labels = name.split('.').skip(1);
    labels.any(|label| matches!(label, "blob" | "dfs"))
}

fn is_storage(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    name.chars().all(is_plain) && (is_azure_host(name) || name.ends_with(".amazonaws.com"))
}

/// Whether the query says so. Only what is asked for is decoded, and not the SAS beside it.
fn has_pair(url: &Url, name: &str, value: &str) -> bool {
    let mut pairs = url.query().unwrap_or_default().split('&');
    pairs.any(|pair| {
        let (known, said) = pair.split_once('=').unwrap_or((pair, ""));
        is_written(known, name) && is_written(said, value)
    })
}

/// Whether that is how a word is written in a query, where its letters may be encoded.
fn is_written(text: &str, word: &str) -> bool {
    // A letter that is encoded takes more room.
    if text.len() <= word.len() || !text.contains('%') {
        return text.eq_ignore_ascii_case(word);
    }
    let mut decoded = form_urlencoded::parse(text.as_bytes());
    decoded.any(|(known, rest)| rest.is_empty() && known.eq_ignore_ascii_case(word))
}
