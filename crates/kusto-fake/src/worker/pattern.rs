//! Which files of an archive are read.

use kusto_ingest_core::Result;
use regex_lite::{Regex, escape};

use super::refusal::refused;

/// A pattern that the path of a file in an archive must match.
pub(super) struct Pattern(Regex);

impl Pattern {
    /// A regular expression, which may match anywhere in the path. Text that is none, such as `*.csv`, is read as
    /// wildcards, which must match the whole path.
    ///
    /// # Errors
    /// `BadRequest_MalformedIngestionProperty` when it is neither.
    pub(super) fn parse(text: &str) -> Result<Self> {
        Regex::new(text)
            .or_else(|_| Regex::new(&of_wildcards(text)))
            .map(Self)
            .map_err(|_| {
                let why = "the pattern of files in the archive cannot be read";
                refused("BadRequest_MalformedIngestionProperty", why)
            })
    }

    pub(super) fn fits(&self, path: &str) -> bool {
        self.0.is_match(path)
    }
}

fn of_wildcards(text: &str) -> String {
    let inner = escape(text).replace(r"\*", ".*").replace(r"\?", ".");
    format!("^{inner}$")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_match_anywhere_and_wildcards_the_whole() {
        for (pattern, path, fits) in [
            (r"\.csv$", "day/a.csv", true),
            (r"\.csv$", "a.csv.txt", false),
            ("day", "some/day/a.csv", true),
            ("*.csv", "day/a.csv", true),
            ("*.csv", "a.csv.txt", false),
            ("*.csv", "acsv", false),
            ("?.csv", "a.csv", true),
        ] {
            let read = Pattern::parse(pattern).expect(pattern);
            assert_eq!(read.fits(path), fits, "{pattern} {path}");
        }
    }
}
