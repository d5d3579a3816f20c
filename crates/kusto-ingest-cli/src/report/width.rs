//! How many places a text takes on a terminal, as far as columns are to stand under each other.

/// Characters of East Asia and pictures, which take two places: first and last of each range.
const WIDE: &[(char, char)] = &[
    ('\u{1100}', '\u{115f}'),
    ('\u{2e80}', '\u{303e}'),
    ('\u{3041}', '\u{a4cf}'),
    ('\u{a960}', '\u{a97f}'),
    ('\u{ac00}', '\u{d7a3}'),
    ('\u{f900}', '\u{faff}'),
    ('\u{fe30}', '\u{fe6f}'),
    ('\u{ff01}', '\u{ff60}'),
    ('\u{ffe0}', '\u{ffe6}'),
    ('\u{1f300}', '\u{1f64f}'),
    ('\u{1f680}', '\u{1f6ff}'),
    ('\u{1f900}', '\u{1f9ff}'),
    ('\u{1fa70}', '\u{1faff}'),
    ('\u{20000}', '\u{3fffd}'),
];

/// Marks on the character before them, and characters that are not seen.
const UNSEEN: &[(char, char)] = &[
    ('\u{0300}', '\u{036f}'),
    ('\u{0483}', '\u{0489}'),
    ('\u{0591}', '\u{05bd}'),
    ('\u{064b}', '\u{065f}'),
    ('\u{1ab0}', '\u{1aff}'),
    ('\u{1dc0}', '\u{1dff}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{2060}', '\u{2064}'),
    ('\u{20d0}', '\u{20ff}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{fe20}', '\u{fe2f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{e0100}', '\u{e01ef}'),
];

/// The places that a text of one line takes.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(places).sum()
}

fn places(next: char) -> usize {
    let is_in = |ranges: &[(char, char)]| ranges.iter().any(|(first, last)| (first..=last).contains(&&next));
    match next {
        ' '..='~' => 1,
        _ if is_in(UNSEEN) => 0,
        _ if is_in(WIDE) => 2,
        _ => 1,
    }
}
