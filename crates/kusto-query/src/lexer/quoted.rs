//! String literals: quoted, verbatim behind `@`, hidden behind `h`, or over several lines.

use winnow::combinator::{alt, delimited, fail, opt, preceded};
use winnow::token::{any, one_of, take_until};
use winnow::{Parser, Result as Parsed};

/// A string literal.
pub(super) fn text(input: &mut &str) -> Parsed<String> {
    preceded(
        opt(one_of(['h', 'H'])),
        alt((verbatim, escaped, lines("```"), lines("~~~"))),
    )
    .parse_next(input)
}

/// Between marks that stand alone; nothing is escaped.
fn lines<'a>(mark: &'static str) -> impl Parser<&'a str, String, winnow::error::ContextError> {
    delimited(mark, take_until(0.., mark), mark).map(str::to_owned)
}

/// `@"…"`: a doubled quote stands for itself.
fn verbatim(input: &mut &str) -> Parsed<String> {
    let quote = preceded('@', one_of(['\'', '"'])).parse_next(input)?;
    let mut text = String::new();
    loop {
        let next = any.parse_next(input)?;
        if next != quote {
            text.push(next);
        } else if opt(quote).parse_next(input)?.is_some() {
            text.push(quote);
        } else {
            return Ok(text);
        }
    }
}

fn escaped(input: &mut &str) -> Parsed<String> {
    let quote = one_of(['\'', '"']).parse_next(input)?;
    let mut text = String::new();
    loop {
        match any.parse_next(input)? {
            '\\' => text.push(escape(input)?),
            '\n' | '\r' => return fail.parse_next(input),
            next if next == quote => return Ok(text),
            next => text.push(next),
        }
    }
}

/// What stands behind a backslash.
fn escape(input: &mut &str) -> Parsed<char> {
    Ok(match any.parse_next(input)? {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{C}',
        'v' => '\u{B}',
        '0' => '\0',
        'x' => code(input, 2)?,
        'u' => unit(input)?,
        'U' => code(input, 8)?,
        other => other,
    })
}

/// Four digits, or two times four for what is a pair of surrogates.
fn unit(input: &mut &str) -> Parsed<char> {
    let high = digits(input, 4)?;
    if (0xD800..0xDC00).contains(&high) && opt("\\u").parse_next(input)?.is_some() {
        let low = digits(input, 4)?;
        let both = 0x10000 + ((high - 0xD800) << 10) + (low.wrapping_sub(0xDC00) & 0x3FF);
        return Ok(char::from_u32(both).unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    Ok(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER))
}

fn code(input: &mut &str, length: usize) -> Parsed<char> {
    Ok(char::from_u32(digits(input, length)?).unwrap_or(char::REPLACEMENT_CHARACTER))
}

fn digits(input: &mut &str, length: usize) -> Parsed<u32> {
    let mut number = 0_u32;
    for _ in 0..length {
        let digit = any
            .verify_map(|letter: char| letter.to_digit(16))
            .parse_next(input)?;
        number = number.wrapping_mul(16).wrapping_add(digit);
    }
    Ok(number)
}
