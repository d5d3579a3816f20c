//! A figure, and whether it is where it should be.

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
