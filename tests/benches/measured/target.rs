//! Which figures are wanted, and whether they are where they should be.

/// Where a figure should be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum At {
    Least(f64),
    Most(f64),
}

/// Prints a figure and its verdict.
pub(crate) fn verdict(what: &str, figure: f64, target: At) {
    let (reached, word, limit) = match target {
        At::Least(limit) => (figure >= limit, "at least", limit),
        At::Most(limit) => (figure <= limit, "at most", limit),
    };
    let reached = if reached { "reached" } else { "MISSED" };
    println!("{what:<16} {figure:.3}, {word} {limit:.2}: {reached}");
}

/// Whether a part was named on the command line, or none.
pub(crate) fn wanted(part: &str) -> bool {
    let mut named = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .peekable();
    named.peek().is_none() || named.any(|word| word == part)
}
