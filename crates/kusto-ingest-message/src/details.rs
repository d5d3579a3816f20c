//! The service's own words about a failure, without the secrets that they may quote.

/// The text with every address cut before its signature or key; all else stays, letter by letter.
pub(crate) fn without_secrets(text: &str) -> String {
    text.split_inclusive(char::is_whitespace).map(word).collect()
}

/// A word whose address ends before the first `?` or `;`, and whose signature is gone.
fn word(word: &str) -> String {
    // ASCII letters only change, so the places of bytes stay.
    let lower = word.to_ascii_lowercase();
    let address = lower.find("://").unwrap_or(word.len());
    let query = word[address..].find(['?', ';']).map(|place| address + place);
    let named = ["sig=", "accountkey=", "sharedaccesssignature="];
    let named = named.iter().filter_map(|name| lower.find(name));
    let Some(start) = named.chain(query).min() else {
        return word.to_owned();
    };
    let secret = &word[start..];
    // A closing quote or bracket ends the address; what follows it belongs to the sentence again.
    let end = |letter: char| letter.is_whitespace() || "'\")>]".contains(letter);
    let rest = secret.find(end).map_or("", |end| &secret[end..]);
    // A sign at the very end of an address belongs to the sentence.
    let mark = if secret.len() == rest.len() + 1 {
        &secret[..1]
    } else {
        "?…"
    };
    format!("{}{mark}{}", &word[..start], without_secrets(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_end_before_their_secrets_and_all_else_stays() {
        for (text, expect) in [
            (
                "Größe überschritten:\n  数据; really?",
                "Größe überschritten:\n  数据; really?",
            ),
            (
                "cannot read 'https://a.blob/c/b?sv=1&sig=SECRET'.\r\nGone",
                "cannot read 'https://a.blob/c/b?…'.\r\nGone",
            ),
            (
                "(h@'https://a/b;SECRET==','https://c/d?SIG=SECRET')",
                "(h@'https://a/b?…','https://c/d?…')",
            ),
            ("query was sv=2&sig=SECRET%3D end", "query was sv=2&?… end"),
            ("AccountName=a;AccountKey=SECRET==", "AccountName=a;?…"),
            ("is it https://a/b?", "is it https://a/b?"),
            ("", ""),
        ] {
            assert_eq!(without_secrets(text), expect);
        }
    }
}
