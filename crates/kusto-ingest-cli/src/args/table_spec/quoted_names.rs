//! Names with dots between, each bare or in quotes, as Kusto writes them.

/// The names at the front, whether any of them is in quotes, and what follows.
///
/// # Errors
/// A quote or bracket that is not closed.
pub(super) fn read(text: &str) -> Result<(Vec<String>, bool, &str), String> {
    let (mut names, mut is_quoted) = (Vec::new(), false);
    let mut rest = text.trim_start();
    loop {
        let after = match quoted(rest)? {
            Some((name, after)) => {
                is_quoted = true;
                names.push(name);
                after
            }
            None => {
                let end = rest.find(['.', '(']).unwrap_or(rest.len());
                names.push(rest[..end].trim().to_owned());
                &rest[end..]
            }
        };
        let after = after.trim_start();
        match after.strip_prefix('.') {
            Some(next) => rest = next.trim_start(),
            None => return Ok((names, is_quoted, after)),
        }
    }
}

/// The name in quotes at the front, in brackets or not, and what follows it; nothing where it has none.
fn quoted(text: &str) -> Result<Option<(String, &str)>, String> {
    let inner = text.strip_prefix('[').map(str::trim_start);
    let (is_bracketed, inner) = (inner.is_some(), inner.unwrap_or(text));
    let Some(quote) = inner.chars().next().filter(|first| matches!(first, '\'' | '"')) else {
        return Ok(None);
    };
    let open = || format!("the name that begins with {text:?} is not closed");
    let mut name = String::new();
    let mut letters = inner.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => name.push(letters.next().ok_or_else(open)?.1),
            _ if letter == quote => {
                let after = &inner[at + 1..];
                let closed = match is_bracketed {
                    true => after.trim_start().strip_prefix(']'),
                    false => Some(after),
                };
                return Ok(Some((name, closed.ok_or_else(open)?)));
            }
            _ => name.push(letter),
        }
    }
    Err(open())
}
