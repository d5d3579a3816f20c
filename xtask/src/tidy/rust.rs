//! Just enough of Rust's grammar to measure a file: what is code, where functions end, what traits ask for.

/// The text with comments, strings and character literals blanked out; every line keeps its number.
pub(super) fn code_only(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let literal = literal_length(rest, code.chars().next_back());
        let (kept, taken) = if literal == 0 {
            (true, first.len_utf8())
        } else {
            (false, literal)
        };
        let (piece, after) = rest.split_at(taken);
        if kept {
            code.push_str(piece);
        } else {
            code.extend(piece.chars().map(|it| if it == '\n' { '\n' } else { ' ' }));
        }
        rest = after;
    }
    code
}

/// How many bytes of a comment or literal the text starts with; 0 when it starts with code.
fn literal_length(text: &str, before: Option<char>) -> usize {
    let inside_word = before.is_some_and(is_word);
    if text.starts_with("//") {
        text.find('\n').unwrap_or(text.len())
    } else if text.starts_with("/*") {
        block_comment_length(text)
    } else if text.starts_with('"') {
        quoted_length(text, '"')
    } else if !inside_word && (text.starts_with("r\"") || text.starts_with("r#") || text.starts_with("br")) {
        raw_length(text)
    } else if text.starts_with('\'') {
        character_length(text)
    } else {
        0
    }
}

fn block_comment_length(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest.starts_with(b"*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// From a quote to the same quote that no backslash precedes.
fn quoted_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// `r"…"`, `r#"…"#`, `br"…"`; 0 for a raw identifier and for words that merely begin so.
fn raw_length(text: &str) -> usize {
    let start = if text.starts_with("br") { 2 } else { 1 };
    let hashes = text[start..].bytes().take_while(|&byte| byte == b'#').count();
    let Some(body) = text[start + hashes..].strip_prefix('"') else {
        return 0;
    };
    let end = format!("\"{}", "#".repeat(hashes));
    body.find(&end)
        .map_or(text.len(), |at| start + hashes + 1 + at + end.len())
}

/// A character literal; 0 for a lifetime or a label.
fn character_length(text: &str) -> usize {
    let mut characters = text.chars().skip(1);
    match (characters.next(), characters.next()) {
        (Some('\\'), _) => quoted_length(text, '\''),
        (Some(it), Some('\'')) => 2 + it.len_utf8(),
        _ => 0,
    }
}

/// A function with a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Function {
    pub(super) name: String,
    /// Counted from one.
    pub(super) line: usize,
    /// From its name to its last brace, without the rows of its tables.
    pub(super) lines: usize,
}

/// The functions with a body, in order; takes what [`code_only`] made.
pub(super) fn functions(code: &str) -> Vec<Function> {
    let mut found = Vec::new();
    for start in words(code, "fn") {
        let name: String = code[start + 2..]
            .trim_start()
            .chars()
            .take_while(|&it| is_word(it))
            .collect();
        // A function pointer has no name, a required method has no body.
        if name.is_empty() {
            continue;
        }
        if let Some((open, close)) = body(code, start) {
            let line = line_of(code, start);
            debug_assert!(open < close, "a body has two braces");
            found.push(Function {
                name,
                line,
                lines: line_of(code, close) - line + 1 - rows(&code[open..close]),
            });
        }
    }
    found
}

/// How many lines are rows of a table: they are between the brackets of an array that has no statement in it.
fn rows(code: &str) -> usize {
    let (mut rows, mut open, mut depth) = (0, 0, 0);
    for (at, byte) in code.bytes().enumerate() {
        match byte {
            b'[' => {
                if depth == 0 {
                    open = at;
                }
                depth += 1;
            }
            b']' => {
                depth -= 1;
                let inside = &code[open..at];
                if depth == 0 && !inside.contains(';') {
                    rows += inside.matches('\n').count().saturating_sub(1);
                }
            }
            _ => {}
        }
    }
    rows
}

/// The traits and how many methods each requires; takes what [`code_only`] made.
pub(super) fn traits(code: &str) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for start in words(code, "trait") {
        let name: String = code[start + 5..]
            .trim_start()
            .chars()
            .take_while(|&it| is_word(it))
            .collect();
        if let Some((open, close)) = body(code, start) {
            let inside = &code[open..close];
            let required = words(inside, "fn")
                .filter(|&at| body(inside, at).is_none())
                .count();
            found.push((name, required));
        }
    }
    found
}

/// Where a word stands in code, and not as a part of another.
pub(super) fn words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    code.match_indices(word).map(|(at, _)| at).filter(move |&at| {
        let before = code[..at].chars().next_back();
        let after = code[at + word.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

pub(super) fn line_of(code: &str, at: usize) -> usize {
    code[..at].matches('\n').count() + 1
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// The braces of the item that starts here; nothing if a semicolon ends it first.
fn body(code: &str, start: usize) -> Option<(usize, usize)> {
    let (mut round, mut open, mut depth) = (0, None, 0);
    for (at, byte) in code.bytes().enumerate().skip(start) {
        match byte {
            b'(' | b'[' => round += 1,
            b')' | b']' => round -= 1,
            b';' if round == 0 && depth == 0 => return None,
            b'{' => {
                open.get_or_insert(at);
                depth += 1;
            }
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return open.map(|open| (open, at));
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_no_code() {
        let check = |text: &str, expected: &str| {
            let words = |it: &str| it.split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(words(&code_only(text)), words(expected), "{text}");
            assert_eq!(code_only(text).matches('\n').count(), text.matches('\n').count());
        };
        check("a // fn\nb", "a b");
        check("a /* fn /* { */ } */ b", "a b");
        check(r#"f("fn \" {"); g"#, "f( ); g");
        check(r###"f(r#"" { "#, br"\", r"{"); r#type"###, "f( , , ); r#type");
        check(
            r"f('{', '\'', '\u{7d}', 'ä'); fn g<'a>(x: &'a str)",
            "f( , , , ); fn g<'a>(x: &'a str)",
        );
        check(
            "for x in bread {} 'outer: loop {}",
            "for x in bread {} 'outer: loop {}",
        );
        check("let unclosed = \"", "let unclosed =");
    }

    #[test]
    fn functions_are_measured_from_their_name_to_their_last_brace() {
        let code = code_only(
            "trait T {\n    fn required(&self, it: [u8; 4]) -> u8;\n}\nfn outer() where (): Sized {\n    let f: fn(u8);\n    fn inner() {}\n    {\n    }\n}\n",
        );
        let found: Vec<_> = functions(&code)
            .into_iter()
            .map(|it| (it.name, it.line, it.lines))
            .collect();
        assert_eq!(found, [("outer".to_owned(), 4, 6), ("inner".to_owned(), 6, 1)]);
    }

    #[test]
    fn the_rows_of_a_table_are_not_counted_and_statements_are() {
        let lines = |body: &str| functions(&code_only(&format!("fn f() {{\n{body}\n}}\n")))[0].lines;
        assert_eq!(lines("a();\nb();"), 4);
        assert_eq!(lines("for x in [\n(1, &[2]),\n(3, &[\n4,\n]),\n] {\na(x);\n}"), 6);
        assert_eq!(lines("let x = a[0];\nb(x);"), 4);
        assert_eq!(lines("f([\n|| {\na();\nb();\n},\n]);"), 8);
    }

    #[test]
    fn only_methods_without_a_body_are_required() {
        let code = code_only(
            "pub trait Seam: Send {\n async fn a(&self) -> R<()>;\n fn b(&self) { c(); }\n fn d();\n}",
        );
        assert_eq!(traits(&code), [("Seam".to_owned(), 2)]);
    }
}
