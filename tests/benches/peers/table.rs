//! The figures, as a table in Markdown: medians, and ratios to ours.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::client::{Client, Wire};
use crate::cost::median;

/// What is measured, in the order of the columns.
const COLUMNS: [(&str, &str); 7] = [
    ("start, cpu ms", "start, CPU"),
    ("start, wall ms", "start, wall"),
    ("bytes, cpu ms", "900 bytes"),
    ("file, cpu ms", "file of 10 KiB"),
    ("small, peak MiB", "resident, those"),
    ("large, cpu ms", "file of 64 MiB"),
    ("large, peak MiB", "resident, that"),
];

/// What was measured, turn by turn.
#[derive(Default)]
pub(crate) struct Figures(BTreeMap<(Wire, Client), BTreeMap<&'static str, Vec<f64>>>);

impl Figures {
    pub(crate) fn note(&mut self, client: Client, wire: Wire, what: &'static str, value: f64) {
        let of = self.0.entry((wire, client)).or_default();
        of.entry(what).or_default().push(value);
    }

    /// Milliseconds of processor unless it says otherwise, and MiB; behind each figure its ratio to ours.
    pub(crate) fn table(&self) -> String {
        let titles: Vec<&str> = COLUMNS.iter().map(|(_, title)| *title).collect();
        let mut table = format!("| client | wire | {} |\n", titles.join(" | "));
        table.push_str("|---|---|");
        table.push_str(&"---|".repeat(COLUMNS.len()));
        for ((wire, client), figures) in &self.0 {
            let _infallible = write!(table, "\n| {} | {wire:?} |", client.name());
            for (what, _) in COLUMNS {
                let of =
                    |figures: &BTreeMap<_, Vec<f64>>| figures.get(what).cloned().map_or(f64::NAN, median);
                let (value, ours) = (
                    of(figures),
                    self.0.get(&(*wire, Client::Ours)).map_or(f64::NAN, of),
                );
                let unit = if what.ends_with("MiB") { "MiB" } else { "ms" };
                let digits = if value < 10.0 { 3 } else { 0 };
                let _infallible = match client {
                    Client::Ours => write!(table, " {value:.digits$} {unit} |"),
                    _ => write!(table, " {value:.digits$} {unit} ({:.1} ×) |", value / ours),
                };
            }
        }
        table
    }
}
