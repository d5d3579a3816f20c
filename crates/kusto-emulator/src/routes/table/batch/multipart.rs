//! A body of several parts, as `multipart/mixed` writes it.

/// A part, or a message within: its head and what follows it.
pub(super) struct Part<'a> {
    head: &'a str,
    pub(super) body: &'a str,
}

/// What divides the parts of a body of this type; `None` where it has none.
pub(super) fn boundary(content_type: &str) -> Option<&str> {
    let mut parameters = content_type.split(';').map(str::trim);
    parameters
        .next()
        .filter(|kind| kind.eq_ignore_ascii_case("multipart/mixed"))?;
    let boundary = parameters.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.eq_ignore_ascii_case("boundary").then_some(value)
    });
    boundary
        .map(|value| value.trim_matches('"'))
        .filter(|value| !value.is_empty())
}

/// The parts of a body; `None` where its end is missing.
pub(super) fn parts<'a>(text: &'a str, boundary: &str) -> Option<Vec<&'a str>> {
    let divider = format!("--{boundary}");
    let mut parts = Vec::new();
    let mut begin = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let rest = line.trim_end().strip_prefix(&*divider);
        if matches!(rest, Some("" | "--")) {
            if let Some(begin) = begin {
                parts.push(&text[begin..at]);
            }
            if rest == Some("--") {
                return Some(parts);
            }
            begin = Some(at + line.len());
        }
        at += line.len();
    }
    None
}

impl<'a> Part<'a> {
    /// Takes a head apart from what follows the first empty line; a text without one is all head.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            if line.trim_end().is_empty() {
                return Some(Self {
                    head: &text[..at],
                    body: &text[at + line.len()..],
                });
            }
            at += line.len();
        }
        (!text.is_empty()).then_some(Self { head: text, body: "" })
    }

    pub(super) fn headers(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.map(|(name, value)| (name.trim(), value.trim()))
    }

    pub(super) fn header(&self, name: &str) -> Option<&'a str> {
        let mut headers = self.headers();
        headers
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_divided_where_a_line_says_so_and_must_end() {
        let text = "preamble\r\n--b\r\nA: 1\r\n\r\none --b\r\n--b\nB:2\n\ntwo\n--b--\r\nepilogue";
        let parts = parts(text, "b").unwrap();
        let read: Vec<_> = parts.iter().map(|part| Part::read(part).unwrap()).collect();
        assert_eq!((read[0].header("a"), read[0].body), (Some("1"), "one --b\r\n"));
        assert_eq!((read[1].header("b"), read[1].body), (Some("2"), "two\n"));
        assert_eq!(super::parts("--b\r\nA: 1\r\n\r\none", "b"), None);
        assert_eq!(super::parts("", "b"), None);
    }

    #[test]
    fn what_divides_the_parts_is_told_by_the_type() {
        for (content_type, expected) in [
            ("multipart/mixed; boundary=batch_1", Some("batch_1")),
            ("Multipart/Mixed;charset=utf-8; Boundary=\"a b\"", Some("a b")),
            ("multipart/mixed", None),
            ("multipart/mixed; boundary=", None),
            ("application/http; boundary=x", None),
        ] {
            assert_eq!(boundary(content_type), expected, "{content_type}");
        }
    }
}
