//! Decimal numbers, to reckon with: up to 34 digits.

use std::cmp::Ordering;
use std::fmt;

/// The most digits of a decimal.
const MOST_DIGITS: u32 = 34;

/// A decimal number: digits, and how many of them stand behind the point.
#[derive(Clone, Copy, Debug)]
pub struct Decimal {
    digits: i128,
    scale: i32,
}

impl Decimal {
    /// Reads digits with a point and an exponent.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let exact = kusto_ingest_decode::Decimal::parse(text)?;
        let (number, exponent) = match exact.as_str().split_once('E') {
            Some((number, exponent)) => (number, exponent.parse().ok()?),
            None => (exact.as_str(), 0),
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let digits = format!("{whole}{fraction}").parse().ok()?;
        let scale = i32::try_from(fraction.len()).ok()? - exponent;
        Some(Self { digits, scale })
    }

    pub(crate) fn from_long(value: i64) -> Self {
        Self {
            digits: value.into(),
            scale: 0,
        }
    }

    pub(crate) fn from_real(value: f64) -> Option<Self> {
        Self::parse(&format!("{value}"))
    }

    pub(crate) fn to_real(self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// Its whole part.
    pub(crate) fn to_long(self) -> Option<i64> {
        let whole = match self.scale {
            0 => self.digits,
            1.. => self.digits / power(self.scale.unsigned_abs())?,
            _ => self.digits.checked_mul(power(self.scale.unsigned_abs())?)?,
        };
        whole.try_into().ok()
    }

    pub(crate) fn add(self, other: Self) -> Option<Self> {
        let (left, right, scale) = aligned(self, other)?;
        Self::kept(left.checked_add(right)?, scale)
    }

    pub(crate) fn negated(self) -> Self {
        Self {
            digits: -self.digits,
            ..self
        }
    }

    pub(crate) fn multiply(self, other: Self) -> Option<Self> {
        let scale = self.scale.checked_add(other.scale)?;
        match self.digits.checked_mul(other.digits) {
            Some(digits) => Self::kept(digits, scale),
            None => Self::from_real(self.to_real() * other.to_real()),
        }
    }

    /// Nothing for a division by zero.
    pub(crate) fn divide(self, other: Self) -> Option<Self> {
        if other.digits == 0 {
            return None;
        }
        let (mut rest, mut digits, mut scale) = (self.digits, 0_i128, self.scale.checked_sub(other.scale)?);
        loop {
            digits = digits.checked_add(rest / other.digits)?;
            rest %= other.digits;
            let longer = digits
                .checked_mul(10)
                .filter(|longer| longer.abs() < power(MOST_DIGITS).unwrap_or(i128::MAX));
            match (rest, longer, rest.checked_mul(10)) {
                (0, ..) | (_, None, _) | (_, _, None) => break,
                (_, Some(longer), Some(next)) => {
                    (digits, rest, scale) = (longer, next, scale.checked_add(1)?)
                }
            }
        }
        Self::kept(digits, scale)
    }

    /// No more digits than a decimal has.
    fn kept(mut digits: i128, mut scale: i32) -> Option<Self> {
        let most = power(MOST_DIGITS)?;
        while digits.abs() >= most {
            digits = digits.checked_add(5 * digits.signum())? / 10;
            scale = scale.checked_sub(1)?;
        }
        Some(Self { digits, scale })
    }

    /// The same digits without zeros at their end.
    pub(crate) fn reduced(self) -> (i128, i32) {
        let (mut digits, mut scale) = (self.digits, self.scale);
        while digits != 0 && digits % 10 == 0 {
            (digits, scale) = (digits / 10, scale - 1);
        }
        (digits, if digits == 0 { 0 } else { scale })
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.reduced() == other.reduced()
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match aligned(*self, *other) {
            Some((left, right, _)) => left.cmp(&right),
            None if self == other => Ordering::Equal,
            None => self.to_real().total_cmp(&other.to_real()),
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}E{}", self.digits, -self.scale);
        match kusto_ingest_decode::Decimal::parse(&text) {
            Some(decimal) => decimal.fmt(f),
            None => f.write_str(&text),
        }
    }
}

/// Both numbers' digits with as many behind the point.
fn aligned(left: Decimal, right: Decimal) -> Option<(i128, i128, i32)> {
    let scale = left.scale.max(right.scale);
    let lift = |value: Decimal| {
        let by = u32::try_from(scale.checked_sub(value.scale)?).ok()?;
        value.digits.checked_mul(power(by)?)
    };
    Some((lift(left)?, lift(right)?, scale))
}

fn power(exponent: u32) -> Option<i128> {
    10_i128.checked_pow(exponent)
}
