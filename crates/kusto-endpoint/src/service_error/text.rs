//! What of a service's text may be shown: the beginning, without secrets, in one line.

use kusto_ingest_core::redact;

/// How much of a text is kept, in bytes.
const LONGEST: usize = 4 * 1024;
/// How long a secret is at least, in bytes.
const SHORTEST_SECRET: usize = 4;
/// How long a request is shown where a service repeats it, in bytes.
const LONGEST_REQUEST: usize = 1024;

/// The text in one line of bounded length, without secrets.
pub(crate) fn shown(text: &str) -> String {
    // First of all: half a secret is not known for one.
    let text = redact(text);
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut line = String::with_capacity(end);
    for word in text[..end].split(|letter: char| letter.is_whitespace() || letter.is_control()) {
        if !word.is_empty() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    if end < text.len() {
        line.push('…');
    }
    line
}

/// What of a request is not to be repeated by an error. The user's own words help, unless they are many, hold a secret,
/// or carry data.
pub(crate) fn private_parts(request: &str) -> Vec<&str> {
    let mut parts = obfuscated(request);
    let is_private = !parts.is_empty() || request.contains("<|") || redact(request) != request;
    if is_private || request.len() > LONGEST_REQUEST {
        parts.insert(0, request);
    }
    parts
}

/// What stands in Kusto's obfuscated string literals, such as `h'…'` and `h@"…"`: it is written so to be kept out of
/// traces.
fn obfuscated(request: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = request;
    while let Some(start) = rest.find(['\'', '"']) {
        let (before, literal) = rest.split_at(start);
        let (quote, content) = literal.split_at(1);
        let prefix = before.trim_end_matches('@');
        let is_verbatim = prefix.len() < before.len();
        let ends = |(place, _): &(usize, &str)| is_verbatim || !content[..*place].ends_with('\\');
        let end = content.match_indices(quote).find(ends);
        let end = end.map_or(content.len(), |(place, _)| place);
        let is_obfuscated = prefix.strip_suffix(['h', 'H']).is_some_and(|before| {
            !before.ends_with(|letter: char| letter.is_alphanumeric() || letter == '_')
        });
        // What is shorter is no secret, and part of many a word.
        if is_obfuscated && content[..end].trim().len() >= SHORTEST_SECRET {
            parts.push(&content[..end]);
        }
        rest = content.get(end + 1..).unwrap_or_default();
    }
    parts
}

/// What an HTML page says of itself; proxies and gateways answer with pages.
pub(super) fn title(text: &str) -> Option<&str> {
    let text = text.trim_start();
    if !text.starts_with('<') {
        return None;
    }
    // ASCII letters only change, so the places of bytes stay.
    let lower = text.to_ascii_lowercase();
    let start = lower.find("<title>")? + "<title>".len();
    let end = start + lower[start..].find("</title>")?;
    Some(&text[start..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden_and_sentences_go_on_in_one_line() {
        for (text, expect) in [
            ("no secret here; really?", "no secret here; really?"),
            (
                "cannot read 'https://a.blob/c/b?sv=1&sig=SECRET'.\r\nGone",
                "cannot read 'https://a.blob/c/b…'. Gone",
            ),
            (
                "(h@'https://a/my file;S3CR3T==',\t'https://c/d?sig=SECRET')",
                "(h@'https://a/my file…', 'https://c/d…')",
            ),
            ("query was sv=2&SIG=SECRET", "query was sv=2&SIG=…"),
            ("see https://aka.ms/kusto;", "see https://aka.ms/kusto;"),
        ] {
            assert_eq!(shown(text), expect);
        }
    }

    #[test]
    fn a_secret_at_the_end_of_what_is_kept_is_hidden_whole() {
        let key = "K".repeat(88);
        let text = shown(&format!("{};{key}== and more", "x".repeat(LONGEST - 20)));
        assert!(!text.contains('K') && text.ends_with("and more"), "{text}");
    }

    #[test]
    fn a_text_is_kept_to_four_kilobytes_at_a_letter() {
        let text = shown(&"é".repeat(5_000));
        assert!(
            text.len() <= LONGEST + "…".len() && text.ends_with("é…"),
            "{}",
            text.len()
        );
    }

    #[test]
    fn a_page_is_its_title() {
        assert_eq!(
            title("<HTML><head><TITLE>502 Bad Gateway</TITLE></head>"),
            Some("502 Bad Gateway")
        );
        assert_eq!(title("plain <title>x</title>"), None);
    }
}
