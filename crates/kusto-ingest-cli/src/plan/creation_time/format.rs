//! Dates and times as .NET's custom format strings write them.

use kusto_ingest::clock::Timestamp;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A custom format: what stands where.
#[derive(Debug)]
pub(super) struct Format(Vec<Piece>);

/// One part of a format.
#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Literal(String),
    /// A number, and how many digits it has: at least, at most.
    Number(Field, usize, usize),
    /// The name of a month, or its first three letters.
    Month {
        is_short: bool,
    },
    /// `AM` or `PM`, or its first letter.
    Half {
        is_short: bool,
    },
    /// `+02:00`, `Z` or nothing.
    Zone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Year,
    ShortYear,
    Month,
    Day,
    Hour,
    HalfHour,
    Minute,
    Second,
    Fraction,
}

/// What was read so far.
#[derive(Clone, Debug)]
struct Parts {
    year: u32,
    month: u32,
    day: u32,
    hour: u32,
    half: Option<bool>,
    minute: u32,
    second: u32,
    fraction: String,
    zone: String,
}

impl Format {
    /// Reads a format.
    ///
    /// # Errors
    /// A letter that means nothing, or no year.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let count = rest.chars().take_while(|next| *next == first).count();
            let (piece, taken) = match first {
                '\'' | '"' => {
                    let end = rest[1..].find(first).ok_or("a quote is not closed")?;
                    (Piece::Literal(rest[1..=end].to_owned()), end + 2)
                }
                '\\' => {
                    let next = rest.chars().nth(1).ok_or("a backslash stands at the end")?;
                    (Piece::Literal(next.to_string()), 1 + next.len_utf8())
                }
                letter if letter.is_ascii_alphabetic() && letter != 'T' && letter != 'Z' => {
                    (piece(letter, count)?, count)
                }
                other => (Piece::Literal(other.to_string()), other.len_utf8()),
            };
            pieces.push(piece);
            rest = &rest[taken..];
        }
        let is_year = |piece: &Piece| matches!(piece, Piece::Number(Field::Year | Field::ShortYear, ..));
        match pieces.iter().any(is_year) {
            true => Ok(Self(pieces)),
            false => Err("it has no year".to_owned()),
        }
    }

    /// The time that is all of a text.
    pub(super) fn read_all(&self, text: &str) -> Option<Timestamp> {
        // No format reads over a zero.
        self.read(&format!("{text}\0"), "\0")
    }

    /// The time at the beginning of a text, with a suffix behind it.
    pub(super) fn read(&self, text: &str, suffix: &str) -> Option<Timestamp> {
        let parts = Parts {
            year: 1,
            month: 1,
            day: 1,
            hour: 0,
            half: None,
            minute: 0,
            second: 0,
            fraction: String::new(),
            zone: "Z".to_owned(),
        };
        walk(&self.0, text, &parts, suffix)
    }
}

fn piece(letter: char, count: usize) -> Result<Piece, String> {
    let number =
        |field, count: usize, most| Ok(Piece::Number(field, count, if count == 1 { most } else { count }));
    match (letter, count) {
        ('y', 3..) => number(Field::Year, count, count),
        ('y', _) => Ok(Piece::Number(Field::ShortYear, count, 2)),
        ('M', 1 | 2) => number(Field::Month, count, 2),
        ('M', 3) => Ok(Piece::Month { is_short: true }),
        ('M', 4) => Ok(Piece::Month { is_short: false }),
        ('d', 1 | 2) => number(Field::Day, count, 2),
        ('H', 1 | 2) => number(Field::Hour, count, 2),
        ('h', 1 | 2) => number(Field::HalfHour, count, 2),
        ('m', 1 | 2) => number(Field::Minute, count, 2),
        ('s', 1 | 2) => number(Field::Second, count, 2),
        ('f', 1..=7) => Ok(Piece::Number(Field::Fraction, count, count)),
        ('F', 1..=7) => Ok(Piece::Number(Field::Fraction, 0, count)),
        ('t', 1 | 2) => Ok(Piece::Half { is_short: count == 1 }),
        ('K', 1) | ('z', 1..=3) => Ok(Piece::Zone),
        _ => Err(format!(
            "{:?} means nothing in a format; letters that mean themselves stand in quotes",
            letter.to_string().repeat(count)
        )
        .replace('"', "'")),
    }
}

/// Reads on, the longer numbers first.
fn walk(pieces: &[Piece], text: &str, parts: &Parts, suffix: &str) -> Option<Timestamp> {
    let Some((piece, next)) = pieces.split_first() else {
        return text.starts_with(suffix).then(|| parts.time())?;
    };
    match piece {
        Piece::Literal(literal) => walk(next, text.strip_prefix(literal.as_str())?, parts, suffix),
        Piece::Number(field, least, most) => {
            let digits = text.bytes().take(*most).take_while(u8::is_ascii_digit).count();
            let mut lengths = (*least..=digits).rev();
            lengths.find_map(|length| {
                let (digits, rest) = text.split_at(length);
                walk(next, rest, &parts.with(*field, digits)?, suffix)
            })
        }
        Piece::Month { is_short } => MONTHS.iter().zip(1..).find_map(|(name, month)| {
            let name = if *is_short { &name[..3] } else { name };
            let begins = text.get(..name.len())?.eq_ignore_ascii_case(name);
            let parts = Parts {
                month,
                ..parts.clone()
            };
            begins.then(|| walk(next, &text[name.len()..], &parts, suffix))?
        }),
        Piece::Half { is_short } => {
            let length = if *is_short { 1 } else { 2 };
            let said = text.get(..length)?.to_ascii_uppercase();
            let half = Some("PM".starts_with(&said)).filter(|is_late| *is_late || "AM".starts_with(&said))?;
            let parts = Parts {
                half: Some(half),
                ..parts.clone()
            };
            walk(next, &text[length..], &parts, suffix)
        }
        Piece::Zone => [6, 1, 0].into_iter().find_map(|length| {
            let zone = text.get(..length)?;
            let is_zone = match length {
                6 => zone.starts_with(['+', '-']) && zone.as_bytes()[3] == b':',
                1 => zone == "Z",
                _ => true,
            };
            let zone = if zone.is_empty() { "Z" } else { zone }.to_owned();
            let parts = Parts {
                zone,
                ..parts.clone()
            };
            is_zone.then(|| walk(next, &text[length..], &parts, suffix))?
        }),
    }
}

impl Parts {
    fn with(&self, field: Field, digits: &str) -> Option<Self> {
        let mut parts = self.clone();
        if field == Field::Fraction {
            digits.clone_into(&mut parts.fraction);
            return Some(parts);
        }
        let number: u32 = digits.parse().ok()?;
        match field {
            Field::Year => parts.year = number,
            // As .NET reads it: up to 2049.
            Field::ShortYear => parts.year = number + if number < 50 { 2000 } else { 1900 },
            Field::Month => parts.month = number,
            Field::Day => parts.day = number,
            Field::Hour | Field::HalfHour => parts.hour = number,
            Field::Minute => parts.minute = number,
            Field::Second => parts.second = number,
            Field::Fraction => {}
        }
        Some(parts)
    }

    fn time(&self) -> Option<Timestamp> {
        let hour = match self.half {
            None => self.hour,
            Some(_) if !(1..=12).contains(&self.hour) => return None,
            Some(is_late) => self.hour % 12 + if is_late { 12 } else { 0 },
        };
        let fraction = if self.fraction.is_empty() {
            "0"
        } else {
            &self.fraction
        };
        let Self {
            year,
            month,
            day,
            minute,
            second,
            zone,
            ..
        } = self;
        let text =
            format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction}{zone}");
        Timestamp::parse(&text).ok()
    }
}
