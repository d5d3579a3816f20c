//! Arguments as others repeat them, without what may be secret in them.

/// The text with every address cut where a `?` or `;` follows it, up to the end of the argument: a connection string may
/// hold blanks, and keys of any shape.
pub(crate) fn cut_from_arguments(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, from_address) = rest.split_at(at + 3);
        let end = from_address.find(['\'', '\n']).unwrap_or(from_address.len());
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
    }
}
