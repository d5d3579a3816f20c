//! What of a service's text may be shown: the beginning, without secrets, in one line.

/// How much of a text is kept, in bytes.
const LONGEST: usize = 4 * 1024;

/// The text in one line of bounded length, its addresses cut before their signature.
pub(crate) fn shown(text: &str) -> String {
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
            line.push_str(&without_secrets(word));
        }
    }
    if end < text.len() {
        line.push('…');
    }
    line
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

/// A word whose address ends before the first `?` or `;`, and whose signature is gone.
fn without_secrets(word: &str) -> String {
    let address = word.find("://").unwrap_or(word.len());
    let secret = word[address..].find(['?', ';']).map(|place| address + place);
    let signature = word.to_ascii_lowercase().find("sig=");
    let Some(start) = [secret, signature].into_iter().flatten().min() else {
        return word.to_owned();
    };
    // A closing quote or bracket ends the address; what follows it belongs to the sentence again.
    let rest = &word[start..];
    let after = rest
        .find(['\'', '"', ')', '>', ']'])
        .map_or("", |end| &rest[end..]);
    let mark = if rest.len() > after.len() + 1 { "?…" } else { "" };
    format!("{}{mark}{}", &word[..start], without_secrets(after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_end_before_their_secrets_and_sentences_go_on() {
        for (text, expect) in [
            ("no secret here; really?", "no secret here; really?"),
            (
                "cannot read 'https://a.blob/c/b?sv=1&sig=SECRET'.\r\nGone",
                "cannot read 'https://a.blob/c/b?…'. Gone",
            ),
            (
                "(h@'https://a/b;SECRET==','https://c/d?sig=SECRET')",
                "(h@'https://a/b?…','https://c/d?…')",
            ),
            ("query was sv=2&SIG=SECRET", "query was sv=2&?…"),
            ("see https://aka.ms/kusto;", "see https://aka.ms/kusto"),
        ] {
            assert_eq!(shown(text), expect);
        }
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
