//! Casts a typed value, which is not nested, to the type of a column.

use super::{Decimal, DecodedValue, Reading, Value, not_of, read_text};
use crate::ScalarType;
use crate::record::{Casts, Typed};

/// Casts a value that is not nested; the missing value where the column does not take it.
pub(crate) fn cast<'a>(value: &'a Typed<'_>, wanted: ScalarType, casts: Casts) -> Reading<'a> {
    if *value == Typed::Null {
        return (DecodedValue::missing(wanted), None);
    }
    if let (Typed::Text(_) | Typed::Bytes(_), true) = (value, takes_text(wanted, casts)) {
        return read_text(value.text(), wanted);
    }
    let cast = match wanted {
        ScalarType::String if *value != Typed::Unrepresentable => {
            return (DecodedValue::String(value.text().into_owned().into()), None);
        }
        ScalarType::Bool => boolean(value),
        ScalarType::Int => integer(value)
            .and_then(|number| number.try_into().ok())
            .map(Value::Int),
        ScalarType::Long => integer(value)
            .and_then(|number| number.try_into().ok())
            .map(Value::Long),
        ScalarType::Real => real(value).map(Value::Real),
        ScalarType::Decimal => decimal(value).map(Value::Decimal),
        ScalarType::DateTime => match value {
            Typed::DateTime(at) => Some(Value::DateTime(*at)),
            _ => None,
        },
        ScalarType::Timespan => match value {
            Typed::Timespan(length) => Some(Value::Timespan(*length)),
            _ => None,
        },
        ScalarType::Guid => match value {
            Typed::Guid(id) => Some(Value::Guid(*id)),
            _ => None,
        },
        ScalarType::Dynamic | ScalarType::String => None,
    };
    match cast {
        Some(value) => (DecodedValue::Other(value), None),
        None => not_of(wanted),
    }
}

/// Whether text is read as a value of a type.
fn takes_text(wanted: ScalarType, casts: Casts) -> bool {
    use ScalarType::{Bool, DateTime, Guid, Timespan};
    casts == Casts::ByText || !matches!(wanted, Bool | DateTime | Guid | Timespan)
}

fn boolean(value: &Typed<'_>) -> Option<Value> {
    let is_true = match value {
        Typed::Bool(is_true) => *is_true,
        Typed::Integer(number) => *number != 0,
        Typed::Real(number) => *number != 0.0,
        Typed::Decimal(number) => number
            .as_str()
            .bytes()
            .any(|digit| (b'1'..=b'9').contains(&digit)),
        _ => return None,
    };
    Some(Value::Bool(is_true))
}

/// A whole number; none for one with a fraction.
fn integer(value: &Typed<'_>) -> Option<i128> {
    match value {
        Typed::Integer(number) => Some(*number),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "it saturates, and longs are smaller"
        )]
        Typed::Real(number) if number.fract() == 0.0 => Some(*number as i128),
        Typed::Decimal(number) => {
            let (whole, fraction) = number.as_str().split_once('.').unwrap_or((number.as_str(), ""));
            fraction
                .bytes()
                .all(|digit| digit == b'0')
                .then(|| whole.parse().ok())?
        }
        _ => None,
    }
}

fn real(value: &Typed<'_>) -> Option<f64> {
    match value {
        #[expect(clippy::cast_precision_loss, reason = "a double has no more digits")]
        Typed::Integer(number) => Some(*number as f64),
        Typed::Real(number) => Some(*number),
        Typed::Decimal(number) => number.as_str().parse().ok(),
        _ => None,
    }
}

fn decimal(value: &Typed<'_>) -> Option<Decimal> {
    match value {
        Typed::Bool(is_one) => Decimal::parse(if *is_one { "1" } else { "0" }),
        Typed::Integer(number) => Decimal::parse(&number.to_string()),
        Typed::Real(number) => Decimal::parse(&format!("{number:?}")),
        Typed::Decimal(number) => Some(number.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use kusto_ingest_core::{Timespan, Timestamp};

    use super::*;

    fn shown(value: &Typed<'_>, casts: Casts) -> String {
        let one = |wanted: ScalarType| {
            let (read, note) = cast(value, wanted, casts);
            let read = read.into_value();
            match note {
                Some(_) => "-".to_owned(),
                None => read.to_string(),
            }
        };
        ScalarType::all().map(one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn each_type_of_a_column_takes_what_is_documented() {
        // bool int long real decimal datetime timespan string guid dynamic
        let noon = Timestamp::parse("2020-01-02T03:04:05.1234567Z").unwrap();
        for (value, expect) in [
            (Typed::Bool(true), "true - - - 1 - - true - -"),
            (
                Typed::Integer(3_000_000_000),
                "true - 3000000000 3000000000.0 3000000000 - - 3000000000 - -",
            ),
            (
                Typed::Integer(u64::MAX.into()),
                "true - - 1.8446744073709552e19 18446744073709551615 - - 18446744073709551615 - -",
            ),
            (Typed::Real(2.0), "true 2 2 2.0 2.0 - - 2.0 - -"),
            (Typed::Real(2.5), "true - - 2.5 2.5 - - 2.5 - -"),
            (Typed::Real(f64::NAN), "true - - NaN - - - NaN - -"),
            (
                Typed::Decimal(Decimal::parse("7.00").unwrap()),
                "true 7 7 7.0 7.00 - - 7.00 - -",
            ),
            (Typed::Text("12".into()), "- 12 12 12.0 12 - - 12 - 12"),
            (
                Typed::DateTime(noon),
                "- - - - - 2020-01-02T03:04:05.1234567Z - 2020-01-02T03:04:05.1234567Z - -",
            ),
            (
                Typed::Timespan(Timespan::from_ticks(1)),
                "- - - - - - 00:00:00.0000001 00:00:00.0000001 - -",
            ),
            (Typed::Unrepresentable, "- - - - - - - - - -"),
        ] {
            assert_eq!(shown(&value, Casts::Documented), expect, "{value:?}");
        }
    }

    #[test]
    fn text_is_every_type_where_text_counts() {
        let text = Typed::Text("2020-01-02".into());
        assert!(shown(&text, Casts::ByText).contains("2020-01-02T00:00:00.0000000Z"));
        assert!(!shown(&text, Casts::Documented).contains("T00"));
    }
}
