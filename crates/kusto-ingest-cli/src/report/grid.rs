//! Columns of text under each other.

/// Writes rows under a head: as wide as needed, numbers to the right, without blanks at the end of lines.
pub(super) fn grid(head: &[&str], rows: &[Vec<String>], is_number: impl Fn(usize) -> bool) -> String {
    let width = |at: usize| {
        let cells = rows
            .iter()
            .filter_map(|row| row.get(at))
            .map(|cell| cell.chars().count());
        cells.chain([head[at].chars().count()]).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded = cells
            .zip(&widths)
            .enumerate()
            .map(|(at, (cell, width))| match is_number(at) {
                true => format!("{cell:>width$}"),
                false => format!("{cell:width$}"),
            });
        let line: Vec<String> = padded.collect();
        line.join("  ").trim_end().to_owned()
    };
    let mut lines = vec![line(&mut head.iter().copied())];
    lines.extend(rows.iter().map(|row| line(&mut row.iter().map(String::as_str))));
    lines.join("\n")
}

/// A text that keeps to one line.
pub(super) fn one_line(text: &str) -> String {
    text.replace(|next: char| next.is_control(), " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other() {
        let rows =
            [["é.csv", "7", ""], ["longer.csv", "1461", "why"]].map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(
            grid(&["source", "rows", "error"], &rows, |at| at == 1),
            "source      rows  error\né.csv          7\nlonger.csv  1461  why"
        );
    }
}
