//! Aggregates of numbers: sums, means, deviations, percentiles.

use std::sync::Arc;

use kusto_ingest_decode::ScalarType::Real;

use super::{AggregateFunction, Gives, State, aggregate, per_group};
use crate::Value;
use crate::value::Decimal;

pub(super) const TABLE: &[AggregateFunction] = &[
    aggregate("sum", "o", Gives::Promoted, per_group::<Sum>),
    aggregate("avg", "o", Gives::Mean, per_group::<Mean>),
    aggregate("stdev", "o", Gives::Type(Real), per_group::<Spread<true, true>>),
    aggregate("stdevp", "o", Gives::Type(Real), per_group::<Spread<false, true>>),
    aggregate(
        "variance",
        "o",
        Gives::Type(Real),
        per_group::<Spread<true, false>>,
    ),
    aggregate(
        "variancep",
        "o",
        Gives::Type(Real),
        per_group::<Spread<false, false>>,
    ),
    aggregate("percentile", "ar", Gives::First, per_group::<Percentile>),
    aggregate("binary_all_and", "l", Gives::First, per_group::<Bits<0>>),
    aggregate("binary_all_or", "l", Gives::First, per_group::<Bits<1>>),
    aggregate("binary_all_xor", "l", Gives::First, per_group::<Bits<2>>),
];

/// Of whole numbers, lengths of time, reals or decimals: whatever comes.
#[derive(Default)]
struct Sum {
    whole: i128,
    real: f64,
    decimal: Option<Decimal>,
    kind: Kind,
}

#[derive(Default, Clone, Copy, PartialEq)]
enum Kind {
    #[default]
    Nothing,
    Whole,
    Time,
    Moment,
    Real,
    Decimal,
}

impl State for Sum {
    fn add(&mut self, arguments: &[&Value]) -> usize {
        self.kind = match arguments[0] {
            Value::Null => return 0,
            Value::Real(value) => {
                self.real += value;
                Kind::Real
            }
            Value::Timespan(ticks) => {
                self.whole += i128::from(*ticks);
                Kind::Time
            }
            Value::DateTime(ticks) => {
                self.whole += i128::from(*ticks);
                Kind::Moment
            }
            Value::Decimal(value) => {
                self.decimal = self.decimal.unwrap_or(Decimal::from_long(0)).add(**value);
                Kind::Decimal
            }
            other => {
                self.whole += i128::from(other.as_long().unwrap_or(0));
                Kind::Whole
            }
        };
        0
    }

    fn finish(self) -> Value {
        let whole = i64::try_from(self.whole);
        match self.kind {
            Kind::Nothing => Value::Null,
            Kind::Real => Value::Real(self.real),
            Kind::Decimal => self
                .decimal
                .map_or(Value::Null, |value| Value::Decimal(Arc::new(value))),
            Kind::Time | Kind::Moment => whole.map_or(Value::Null, Value::Timespan),
            #[expect(clippy::cast_possible_truncation, reason = "longs wrap, as elsewhere")]
            Kind::Whole => Value::Long(self.whole as i64),
        }
    }
}

#[derive(Default)]
struct Mean {
    sum: Sum,
    count: i64,
}

impl State for Mean {
    fn add(&mut self, arguments: &[&Value]) -> usize {
        self.count += i64::from(!arguments[0].is_null());
        self.sum.add(arguments)
    }

    fn finish(self) -> Value {
        if self.count == 0 {
            return Value::Null;
        }
        let ticks = i64::try_from(self.sum.whole / i128::from(self.count)).unwrap_or_default();
        #[expect(clippy::cast_precision_loss, reason = "a mean is a real")]
        let (sum, count) = (self.sum.whole as f64, self.count as f64);
        match self.sum.kind {
            Kind::Time => Value::Timespan(ticks),
            Kind::Moment => Value::DateTime(ticks),
            Kind::Decimal => {
                let mean = self
                    .sum
                    .decimal
                    .and_then(|sum| sum.divide(Decimal::from_long(self.count)));
                mean.map_or(Value::Null, |value| Value::Decimal(Arc::new(value)))
            }
            Kind::Real => Value::Real(self.sum.real / count),
            Kind::Nothing | Kind::Whole => Value::Real(sum / count),
        }
    }
}

/// By Welford's method: of a sample or of all, as the deviation or its square.
#[derive(Default)]
struct Spread<const SAMPLE: bool, const ROOT: bool> {
    count: f64,
    mean: f64,
    squares: f64,
}

impl<const SAMPLE: bool, const ROOT: bool> State for Spread<SAMPLE, ROOT> {
    fn add(&mut self, arguments: &[&Value]) -> usize {
        let value = match arguments[0] {
            Value::Timespan(ticks) => Value::Long(*ticks).as_real(),
            other => other.as_real(),
        };
        if let Some(value) = value {
            self.count += 1.0;
            let before = value - self.mean;
            self.mean += before / self.count;
            self.squares += before * (value - self.mean);
        }
        0
    }

    fn finish(self) -> Value {
        let freedom = if SAMPLE { self.count - 1.0 } else { self.count };
        let square = match (self.count > 0.0, freedom > 0.0) {
            (false, _) => return Value::Null,
            (true, true) => self.squares / freedom,
            (true, false) => 0.0,
        };
        Value::Real(if ROOT { square.sqrt() } else { square })
    }
}

/// By nearest rank.
#[derive(Default)]
struct Percentile {
    values: Vec<Value>,
    percent: f64,
}

impl State for Percentile {
    fn add(&mut self, arguments: &[&Value]) -> usize {
        self.percent = arguments[1].as_real().unwrap_or(0.0);
        if arguments[0].is_null() {
            return 0;
        }
        self.values.push(arguments[0].clone());
        arguments[0].size()
    }

    fn finish(mut self) -> Value {
        self.values.sort_unstable_by(Value::order);
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rank"
        )]
        let rank = (self.percent / 100.0 * self.values.len() as f64).ceil().max(1.0) as usize;
        self.values
            .get(rank - 1)
            .or(self.values.last())
            .cloned()
            .unwrap_or(Value::Null)
    }
}

/// All values' bits brought together: by and, or, exclusive or.
#[derive(Default)]
struct Bits<const HOW: u8>(Option<i64>);

impl<const HOW: u8> State for Bits<HOW> {
    fn add(&mut self, arguments: &[&Value]) -> usize {
        if let Some(value) = arguments[0].as_long() {
            self.0 = Some(match (self.0, HOW) {
                (None, _) => value,
                (Some(bits), 0) => bits & value,
                (Some(bits), 1) => bits | value,
                (Some(bits), _) => bits ^ value,
            });
        }
        0
    }

    fn finish(self) -> Value {
        self.0.into()
    }
}
