//! Dates and times as `strftime` writes them, translated into .NET's custom format strings.

/// The same format, as .NET has it.
///
/// # Errors
/// A conversion that is not read, or none.
pub(super) fn as_dotnet(text: &str) -> Result<String, String> {
    let mut written = String::new();
    let mut rest = text.chars();
    while let Some(next) = rest.next() {
        if next != '%' {
            literal(&mut written, next);
            continue;
        }
        let mut conversion = rest.next().ok_or("a % stands at the end")?;
        // Without padding.
        let is_short = conversion == '-';
        if matches!(conversion, '-' | ':') {
            conversion = rest.next().ok_or("a % stands at the end")?;
        }
        if conversion == '%' {
            literal(&mut written, '%');
            continue;
        }
        written.push_str(match (conversion, is_short) {
            ('Y', _) => "yyyy",
            ('y', _) => "yy",
            ('m', true) => "M",
            ('m', false) => "MM",
            ('d', true) | ('e', _) => "d",
            ('d', false) => "dd",
            ('H', true) => "H",
            ('H', false) => "HH",
            ('I', true) => "h",
            ('I', false) => "hh",
            ('M', _) => "mm",
            ('S', _) => "ss",
            ('f', _) => "FFFFFFF",
            ('p', _) => "tt",
            ('b' | 'h', _) => "MMM",
            ('B', _) => "MMMM",
            ('z', _) => "K",
            ('F', _) => "yyyy'-'MM'-'dd",
            ('T', _) => "HH':'mm':'ss",
            _ => {
                return Err(format!(
                    "%{conversion} is not read; there are %Y %y %m %d %H %I %p %M %S %f %b %B %z %F %T and %%"
                ));
            }
        });
    }
    Ok(written)
}

fn literal(written: &mut String, letter: char) {
    let quote = if letter == '\'' { '"' } else { '\'' };
    written.extend([quote, letter, quote]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversions_become_letters_and_letters_are_quoted() {
        for (text, expect) in [
            ("%Y-%m-%d", "yyyy'-'MM'-'dd"),
            ("%Y%m%dT%H", "yyyyMMdd'T'HH"),
            ("%-d %b %y%%", "d' 'MMM' 'yy'%'"),
            ("%F %T%z", "yyyy'-'MM'-'dd' 'HH':'mm':'ssK"),
            ("'%Y", "\"'\"yyyy"),
        ] {
            assert_eq!(as_dotnet(text).as_deref(), Ok(expect), "{text}");
        }
        assert!(as_dotnet("%Y%q").is_err_and(|why| why.contains("%q is not read")));
        assert!(as_dotnet("%Y%").is_err_and(|why| why.contains("at the end")));
    }
}
