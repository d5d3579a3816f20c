//! Arguments as others repeat them, without what may be secret in them.

use kusto_ingest::secrets::redact;

/// A text that repeats arguments, without the secrets of these and whatever else looks like one.
///
/// Where an argument begins and ends is known here, so that a secret in it may hold blanks, quotes and brackets.
pub(crate) fn redact_arguments(text: &str, arguments: impl IntoIterator<Item = String>) -> String {
    let mut arguments: Vec<String> = arguments.into_iter().collect();
    // The longest first: a shorter one may be a part of it.
    arguments.sort_by_key(|argument| std::cmp::Reverse(argument.len()));
    let mut shown = text.to_owned();
    for argument in arguments {
        let redacted = redact_argument(&argument);
        // What stands behind the name of an option is repeated without it.
        let value = argument.split_once('=').filter(|_| argument.starts_with("--"));
        if redacted != argument {
            shown = shown.replace(&argument, &redacted);
        }
        if let Some((_, value)) = value {
            let redacted = redact_argument(value);
            if redacted != value && !value.is_empty() {
                shown = shown.replace(value, &redacted);
            }
        }
    }
    redact(&shown)
}

/// An argument that is redacted anywhere behind an address is cut there: the rest of it opens the address.
fn redact_argument(argument: &str) -> String {
    let redacted = redact(argument);
    if redacted == argument {
        return redacted;
    }
    let address = argument.find("://").map_or(0, |at| at + 3);
    match argument[address..].find(['?', ';']) {
        Some(at) => format!("{}…", redact(&argument[..address + at])),
        None => redacted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_an_argument_is_not_repeated() {
        for (argument, expect) in [
            ("https://h/c?sig=S", "https://h/c…"),
            (
                "Data Source=https://h;AppKey=a'b) \"c\" d;Fed=true",
                "Data Source=https://h…",
            ),
            (
                "--cluster=h.kusto.windows.net;AppKey=a'b c",
                "--cluster=h.kusto.windows.net…",
            ),
            ("Password=a b", "Password=…"),
            ("http://a", "http://a"),
            ("none?", "none?"),
            ("--nonsense=x", "--nonsense=x"),
        ] {
            let arguments = ["ingest".to_owned(), argument.to_owned()];
            let text = format!("unexpected argument '{argument}' found\n\ntip: -- '{argument}'");
            let shown = format!("unexpected argument '{expect}' found\n\ntip: -- '{expect}'");
            assert_eq!(redact_arguments(&text, arguments), shown);
        }
        let arguments = ["--auth=https://me:a'b@h".to_owned()];
        let shown = redact_arguments("invalid value 'https://me:a'b@h' for '--auth <WAY>'", arguments);
        assert_eq!(shown, "invalid value 'https://me:…@h' for '--auth <WAY>'");
    }
}
