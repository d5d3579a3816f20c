//! Where a test ends the process: at a write of the journal.

/// Where a test ends the process. Built without the feature `failpoints` it never does.
#[derive(Debug, Default)]
pub(crate) struct Failpoint {
    #[cfg(feature = "failpoints")]
    at: Option<(u64, Cut)>,
    #[cfg(feature = "failpoints")]
    lines: u64,
}

/// How much of the line is written by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "failpoints"),
    expect(dead_code, reason = "only tests end a process here")
)]
pub(crate) enum Cut {
    Nothing,
    Half,
    All,
}

impl Failpoint {
    /// As `KUSTO_INGEST_ABORT_AT_LINE` has it: a number from 1, and behind it `-`, `half` or `+` for how much of that line
    /// is written.
    #[cfg(feature = "failpoints")]
    pub(crate) fn from_environment() -> Self {
        let said = std::env::var("KUSTO_INGEST_ABORT_AT_LINE").unwrap_or_default();
        let digits = said.trim_end_matches(|letter: char| !letter.is_ascii_digit());
        let cut = match &said[digits.len()..] {
            "+" => Cut::All,
            "half" => Cut::Half,
            _ => Cut::Nothing,
        };
        Self {
            at: digits.parse().ok().map(|line| (line, cut)),
            lines: 0,
        }
    }

    #[cfg(not(feature = "failpoints"))]
    pub(crate) fn from_environment() -> Self {
        Self::default()
    }

    /// Whether the process ends at the next line, and how much of it is written before.
    #[cfg(feature = "failpoints")]
    pub(crate) fn next(&mut self) -> Option<Cut> {
        self.lines += 1;
        self.at
            .filter(|(line, _)| *line == self.lines)
            .map(|(_, cut)| cut)
    }

    #[cfg(not(feature = "failpoints"))]
    #[expect(clippy::unused_self, reason = "it counts where tests end a process")]
    pub(crate) fn next(&mut self) -> Option<Cut> {
        None
    }
}
