//! Which type all values of a column can be read as.

use kusto_ingest_core::Timespan;

use crate::ScalarType;
use crate::json::{fault, unescape};
use crate::value::parse_datetime;

/// The types, the preferred first, that text can turn out to be.
const ORDER: [ScalarType; 8] = [
    ScalarType::DateTime,
    ScalarType::Long,
    ScalarType::Decimal,
    ScalarType::Real,
    ScalarType::Bool,
    ScalarType::Guid,
    ScalarType::Timespan,
    ScalarType::Dynamic,
];

/// The types as which all values so far can be read.
#[derive(Clone, Debug, Default)]
pub(crate) struct TypeCandidates {
    /// Nothing, as long as there was no value.
    possible: Option<Vec<ScalarType>>,
    /// There were objects or arrays, which only dynamic columns hold.
    has_structure: bool,
    /// There was a number with digits: `NaN` alone does not make a real.
    has_digits: bool,
}

impl TypeCandidates {
    /// Takes in a field of text.
    pub(crate) fn see_text(&mut self, text: &str) {
        let text = text.trim();
        if !text.is_empty() {
            self.narrow(text, |wanted| is_text_of(text, wanted));
        }
    }

    /// Takes in a JSON value; only text in quotes can be a datetime, guid or timespan, only other text a number.
    pub(crate) fn see_json(&mut self, raw: &str) {
        match raw.as_bytes().first() {
            None | Some(b'n') => {}
            Some(b'{' | b'[') => self.has_structure = true,
            Some(b'"') => {
                let text = unescape(raw.get(1..raw.len() - 1).unwrap_or_default()).0;
                let of_text = [ScalarType::DateTime, ScalarType::Guid, ScalarType::Timespan];
                if !text.is_empty() {
                    self.narrow(&text, |wanted| {
                        of_text.contains(&wanted) && is_text_of(&text, wanted)
                    });
                }
            }
            Some(_) => self.narrow(raw, |wanted| {
                wanted != ScalarType::Dynamic && is_text_of(raw, wanted)
            }),
        }
    }

    /// The type that all values can be read as.
    pub(crate) fn scalar_type(&self) -> ScalarType {
        if self.has_structure {
            return ScalarType::Dynamic;
        }
        let fits = |wanted: &&ScalarType| **wanted != ScalarType::Real || self.has_digits;
        let possible = self.possible.as_deref().unwrap_or_default();
        possible.iter().find(fits).copied().unwrap_or(ScalarType::String)
    }

    fn narrow(&mut self, text: &str, is: impl Fn(ScalarType) -> bool) {
        self.has_digits |= text.bytes().any(|next| next.is_ascii_digit());
        let possible = self.possible.get_or_insert_with(|| ORDER.to_vec());
        possible.retain(|wanted| is(*wanted));
    }
}

fn is_text_of(text: &str, wanted: ScalarType) -> bool {
    match wanted {
        ScalarType::DateTime => parse_datetime(text).is_some(),
        ScalarType::Long => is_number(text) && text.parse::<i64>().is_ok(),
        ScalarType::Decimal => is_number(text) && is_whole(text),
        ScalarType::Real => text.parse::<f64>().is_ok() && (is_number(text) || !has_digit(text)),
        ScalarType::Bool => text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false"),
        ScalarType::Guid => text.len() == 36 && uuid::Uuid::try_parse(text).is_ok(),
        ScalarType::Timespan => text.matches(':').count() == 2 && Timespan::parse(text).is_some(),
        ScalarType::Dynamic => text.starts_with(['{', '[']) && fault(text).is_none(),
        ScalarType::Int | ScalarType::String => false,
    }
}

/// Whether it is written as numbers are: codes such as `00123` and `+49` are text.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    match digits {
        [b'0', next, ..] if next.is_ascii_digit() => false,
        [first, ..] => first.is_ascii_digit() || *first == b'.',
        [] => false,
    }
}

/// Whether it consists of as many digits as a decimal holds.
fn is_whole(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.len() <= 34 && digits.bytes().all(|next| next.is_ascii_digit())
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|next| next.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_type_that_fits_all_values_is_chosen() {
        for (values, expect) in [
            (vec!["2012-01-01", "", "2012/01/02 03:04"], "datetime"),
            (vec!["1", "-2", ""], "long"),
            (vec!["1", "99999999999999999999"], "decimal"),
            (vec!["1", "2.5", "1e9", "NaN"], "real"),
            (vec!["NaN"], "string"),
            (vec!["true", "False"], "bool"),
            (vec!["74be27de-1e4e-49d9-b579-fe0b331d3642"], "guid"),
            (vec!["00:01:02.5", "1.10:00:00"], "timespan"),
            (vec!["{\"a\":1}", "[]"], "dynamic"),
            (vec!["00123", "12"], "string"),
            (vec!["+49", "1"], "string"),
            (vec!["1", "x"], "string"),
            (vec!["", " "], "string"),
            (vec!["2012-01-01", "7"], "string"),
            (vec!["{broken"], "string"),
        ] {
            let mut guess = TypeCandidates::default();
            values.iter().for_each(|value| guess.see_text(value));
            assert_eq!(guess.scalar_type().name(), expect, "{values:?}");
        }
    }

    #[test]
    fn json_says_itself_what_is_text() {
        for (values, expect) in [
            (vec!["1", "null", "2"], "long"),
            (vec!["1", "2.0"], "real"),
            (vec!["\"1\""], "string"),
            (vec!["\"2012-01-01T00:00:00Z\"", "\"\""], "datetime"),
            (vec!["true", "false"], "bool"),
            (vec!["true", "1"], "string"),
            (vec!["\"x\"", "{\"a\":1}"], "dynamic"),
            (vec!["null"], "string"),
        ] {
            let mut guess = TypeCandidates::default();
            values.iter().for_each(|value| guess.see_json(value));
            assert_eq!(guess.scalar_type().name(), expect, "{values:?}");
        }
    }
}
