//! Addresses in texts of others, without what may be secret in them.

/// A text that repeats arguments: what follows a `?` or `;` in an address is left out, up to the end of the argument.
/// A connection string may hold blanks.
pub(crate) fn cut_from_arguments(text: &str) -> String {
    cut(text, |next| matches!(next, '\'' | '\n'))
}

/// A text in words: what follows a `?` or `;` in an address is left out, up to the end of the word.
pub(crate) fn cut_from_words(text: &str) -> String {
    cut(text, |next| next.is_whitespace() || "'\"()<>[]".contains(next))
}

fn cut(text: &str, ends_address: impl Fn(char) -> bool) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, from_address) = rest.split_at(at + 3);
        let end = from_address.find(&ends_address).unwrap_or(from_address.len());
        let (address, after) = from_address.split_at(end);
        let kept = address.find(['?', ';']).unwrap_or(address.len());
        shown.push_str(before);
        shown.push_str(&address[..kept]);
        if kept < address.len() {
            shown.push('…');
        }
        rest = after;
    }
    shown.push_str(rest);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_an_address_is_not_repeated() {
        for (text, expect) in [
            (
                "unexpected argument 'https://h/c?sig=S' found",
                "unexpected argument 'https://h/c…' found",
            ),
            (
                "value 'Data Source=https://h;AppKey=a b' is\nnone",
                "value 'Data Source=https://h…' is\nnone",
            ),
            ("'http://a' and 'http://b?c'", "'http://a' and 'http://b…'"),
            ("no address; none?", "no address; none?"),
        ] {
            assert_eq!(cut_from_arguments(text), expect);
        }
        assert_eq!(
            cut_from_words("cannot read (https://h/c?sig=S) or https://h/d;k at all"),
            "cannot read (https://h/c…) or https://h/d… at all"
        );
    }
}
