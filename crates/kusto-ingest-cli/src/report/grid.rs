//! Columns of text under each other.

use super::width::width;

/// The widest column. A longer cell is written whole and moves the rest of its line alone, so that one cell of a
/// megabyte does not make every other line as long.
const WIDEST: usize = 200;

/// Writes rows under a head: as wide as needed, numbers to the right, without blanks at the end of lines.
pub(super) fn grid(head: &[&str], rows: &[Vec<String>], is_number: impl Fn(usize) -> bool) -> String {
    let head: Vec<String> = head.iter().map(|name| one_line(name)).collect();
    let mut widths = vec![0; head.len()];
    for row in [&head].into_iter().chain(rows) {
        for (widest, cell) in widths.iter_mut().zip(row) {
            *widest = width(cell).min(WIDEST).max(*widest);
        }
    }
    let mut text = String::new();
    for (number, row) in [&head].into_iter().chain(rows).enumerate() {
        if number > 0 {
            text.push('\n');
        }
        let begin = text.len();
        for (at, (cell, widest)) in row.iter().zip(&widths).enumerate() {
            if at > 0 {
                text.push_str("  ");
            }
            let padding = widest.saturating_sub(width(cell));
            let (before, after) = if is_number(at) { (padding, 0) } else { (0, padding) };
            text.extend(std::iter::repeat_n(' ', before));
            text.push_str(cell);
            text.extend(std::iter::repeat_n(' ', after));
        }
        text.truncate(begin + text[begin..].trim_end().len());
    }
    text
}

/// A text that keeps to one line, and to the direction and the cursor of its reader.
pub(super) fn one_line(text: &str) -> String {
    text.replace(
        |next: char| {
            next.is_control()
                || matches!(next, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        },
        " ",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows<const COLUMNS: usize>(rows: &[[&str; COLUMNS]]) -> Vec<Vec<String>> {
        rows.iter().map(|row| row.map(str::to_owned).to_vec()).collect()
    }

    #[test]
    fn columns_stand_under_each_other() {
        let rows = rows(&[["é.csv", "7", ""], ["longer.csv", "1461", "why"]]);
        assert_eq!(
            grid(&["source", "rows", "error"], &rows, |at| at == 1),
            "source      rows  error\né.csv          7\nlonger.csv  1461  why"
        );
    }

    #[test]
    fn what_is_wide_on_the_screen_takes_its_place_and_marks_take_none() {
        let rows = rows(&[["日本", "1"], ["e\u{301}", "2"], ["abcd", "3"]]);
        assert_eq!(
            grid(&["a\nb", "n"], &rows, |_| false),
            "a b   n\n日本  1\ne\u{301}     2\nabcd  3"
        );
    }

    #[test]
    fn a_cell_of_any_length_is_whole_and_makes_no_other_line_longer() {
        let long = "x".repeat(1 << 20);
        let rows = rows(&[[long.as_str(), "1"], ["a", "2"]]);
        for is_number in [false, true] {
            let text = grid(&["head", "n"], &rows, |_| is_number);
            let lines: Vec<usize> = text.lines().map(str::len).collect();
            assert_eq!(lines, [WIDEST + 3, (1 << 20) + 3, WIDEST + 3]);
        }
    }

    #[test]
    fn nothing_in_a_text_moves_its_readers_cursor() {
        let text = "a\u{1b}[2J\r\nb\u{9b}c\u{7f}\u{2028}\u{202e}d\u{2066}";
        assert_eq!(one_line(text), "a [2J  b c   d ");
    }
}
