//! JSONPath, as far as Kusto reads it: children by name and by place, from the root.

use kusto_ingest_core::Result;

use crate::code::{INVALID_MAPPING, failure};

/// A path from the root of a document to one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JsonPath(pub(crate) Vec<Step>);

/// One step of the path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Name(String),
    Place(usize),
}

impl JsonPath {
    /// Reads `$`, `$.a.b`, `$['a b']`, `$.a[0]` and mixtures of them; without wildcards, slices and filters.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let refuse = |why: &str| failure(INVALID_MAPPING, format!("the path {text:?} {why}"));
        let mut rest = text
            .trim()
            .strip_prefix('$')
            .ok_or_else(|| refuse("does not start with $"))?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            let in_brackets = rest.strip_prefix('[').or_else(|| rest.strip_prefix(".["));
            let (step, after) = match in_brackets {
                Some(inside) => bracketed(inside),
                None => dotted(rest),
            }
            .ok_or_else(|| refuse("is not supported by Kusto"))?;
            steps.push(step);
            rest = after;
        }
        Ok(Self(steps))
    }
}

/// The step of `.name`, and what follows.
fn dotted(text: &str) -> Option<(Step, &str)> {
    let name = text.strip_prefix('.')?;
    let end = name.find(['.', '[']).unwrap_or(name.len());
    let (name, rest) = name.split_at(end);
    (!name.is_empty() && name != "*").then(|| (Step::Name(name.to_owned()), rest))
}

/// The step of `0]`, `'name']` or `"name"]`, and what follows.
fn bracketed(text: &str) -> Option<(Step, &str)> {
    let quote = text.chars().next().filter(|first| matches!(first, '\'' | '"'));
    let Some(quote) = quote else {
        let (place, rest) = text.split_once(']')?;
        return Some((Step::Place(place.trim().parse().ok()?), rest));
    };
    let mut name = String::new();
    let mut letters = text.char_indices().skip(1);
    while let Some((at, next)) = letters.next() {
        match next {
            '\\' => name.push(letters.next()?.1),
            _ if next == quote => {
                let rest = text[at + 1..].strip_prefix(']')?;
                return Some((Step::Name(name), rest));
            }
            _ => name.push(next),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_places_are_read_in_every_spelling() {
        let shown = |text: &str| {
            let steps = JsonPath::parse(text).unwrap().0;
            let steps: Vec<String> = steps
                .into_iter()
                .map(|step| match step {
                    Step::Name(name) => name,
                    Step::Place(place) => format!("#{place}"),
                })
                .collect();
            steps.join("/")
        };
        assert_eq!(shown("$"), "");
        assert_eq!(shown("$.a.b"), "a/b");
        assert_eq!(shown("$['DecodeEvent.Name'][\"x\"]"), "DecodeEvent.Name/x");
        assert_eq!(shown("$.['a b'].c[12].d"), "a b/c/#12/d");
        assert_eq!(shown(r"$['it\'s']"), "it's");
        assert_eq!(shown("$.@timestamp"), "@timestamp");
    }

    #[test]
    fn what_kusto_does_not_read_is_an_invalid_mapping() {
        for text in [
            "a", "$a", "$.", "$..a", "$.*", "$[*]", "$['a", "$[0", "$[-1]", "$['a'x]", "",
        ] {
            let error = JsonPath::parse(text).unwrap_err();
            assert_eq!(error.code(), Some("BadRequest_InvalidMapping"), "{text}");
        }
    }
}
