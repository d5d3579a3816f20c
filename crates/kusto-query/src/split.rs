//! Takes the text of a command apart from what stands behind it.

use crate::lexer::{Kind, lexemes};

/// Takes a command apart from what stands behind its first bar or semicolon, which belongs to the second part. Bars within
/// literals and brackets are the command's, and so is everything behind `<|`.
///
/// ```
/// use kusto_query::split_command;
///
/// assert_eq!(split_command(".show tables | count"), (".show tables ", "| count"));
/// assert_eq!(split_command(".set T <| print a=1 | take 1"), (".set T <| print a=1 | take 1", ""));
/// ```
#[must_use]
pub fn split_command(text: &str) -> (&str, &str) {
    split(text, &["|", ";"])
}

/// Takes the first statement of a text apart from those behind it, which begin with the semicolon.
#[must_use]
pub fn split_statement(text: &str) -> (&str, &str) {
    split(text, &[";"])
}

fn split<'a>(text: &'a str, marks: &[&str]) -> (&'a str, &'a str) {
    let mut depth = 0_usize;
    for lexeme in lexemes(text).unwrap_or_default() {
        match lexeme.kind {
            Kind::Mark("(" | "[" | "{") => depth += 1,
            Kind::Mark(")" | "]" | "}") => depth = depth.saturating_sub(1),
            Kind::Mark("<|") if marks.len() > 1 => break,
            Kind::Mark(mark) if depth == 0 && marks.contains(&mark) => return text.split_at(lexeme.start),
            _ => {}
        }
    }
    (text, "")
}
