//! Which of what is found in folders and containers is taken.

use glob::{MatchOptions, Pattern};
use kusto_ingest::sources::DataFormat;
use kusto_ingest::{Error, ErrorKind};

use crate::args::SelectArgs;
use crate::report::CommandError;

/// Ways of packing that Kusto does not read, with the programs that unpack them.
const UNREAD: [(&str, &str); 4] = [
    (".bz2", "bzip2 -dc"),
    (".zst", "zstd -dc"),
    (".xz", "xz -dc"),
    (".lz4", "lz4 -dc"),
];

/// Which of what is found in folders and containers is taken.
#[derive(Debug, Default)]
pub(super) struct Selection {
    patterns: Vec<Glob>,
    excludes: Vec<Glob>,
}

/// A pattern, and what of a name it looks at.
#[derive(Debug)]
struct Glob {
    pattern: Pattern,
    /// Whether it looks at the last part of a name only.
    is_of_name: bool,
    /// Whether a star stops at a slash.
    options: MatchOptions,
}

impl Selection {
    /// What the arguments say.
    ///
    /// # Errors
    /// A pattern that is none.
    pub(super) fn new(args: &SelectArgs) -> Result<Self, CommandError> {
        let globs = |texts: &[String]| -> Result<Vec<Glob>, CommandError> {
            texts
                .iter()
                .map(|text| Glob::new(text, args.legacy_patterns))
                .collect()
        };
        Ok(Self {
            patterns: globs(&args.patterns)?,
            excludes: globs(&args.excludes)?,
        })
    }

    /// Whether something is taken, by its path below the folder or container.
    pub(super) fn takes(&self, below: &str) -> bool {
        let is_wanted = self.patterns.is_empty() || self.patterns.iter().any(|glob| glob.matches(below));
        is_wanted && !self.excludes.iter().any(|glob| glob.matches(below))
    }
}

impl Glob {
    fn new(text: &str, is_legacy: bool) -> Result<Self, CommandError> {
        // LightIngest knows two signs, of which a star goes over slashes, and looks at how a name ends.
        let written = match is_legacy {
            true => format!("*{}", legacy(text)),
            false => text.to_owned(),
        };
        let pattern = Pattern::new(&written).map_err(|error| {
            CommandError::usage(format!("the pattern {text:?} cannot be used: {}", error.msg))
        })?;
        Ok(Self {
            pattern,
            is_of_name: !is_legacy && !text.contains('/'),
            options: MatchOptions {
                case_sensitive: true,
                require_literal_separator: !is_legacy,
                require_literal_leading_dot: false,
            },
        })
    }

    fn matches(&self, below: &str) -> bool {
        let name = below.rsplit('/').next().unwrap_or(below);
        let looked_at = if self.is_of_name { name } else { below };
        self.pattern.matches_with(looked_at, self.options)
    }
}

/// A pattern of LightIngest's, with all but its two signs as they are.
fn legacy(text: &str) -> String {
    let mut written = String::new();
    for sign in text.chars() {
        match sign {
            '*' if written.ends_with('*') => {}
            '*' | '?' => written.push(sign),
            other => written.push_str(&Pattern::escape(&other.to_string())),
        }
    }
    written.trim_start_matches('*').to_owned()
}

/// Why something cannot be ingested by its name, and what to do; none where it can.
pub(crate) fn unreadable(shown: &str, format: Option<DataFormat>) -> Option<Error> {
    let refused = |why: String| Some(Error::new(ErrorKind::Unsupported, "take the source").because(why));
    let name = shown.to_ascii_lowercase();
    if let Some((end, unpack)) = UNREAD.iter().find(|(end, _)| name.ends_with(end)) {
        return refused(format!(
            "{shown}: Kusto reads gzip and zip, and no {end}: pack it anew, by `{unpack} FILE | gzip`"
        ));
    }
    if format.is_some() || shown == "-" || DataFormat::from_name(shown).is_some() {
        return None;
    }
    refused(format!(
        "the name of {shown} does not tell its format: name it with --format"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(patterns: &[&str], excludes: &[&str], is_legacy: bool, below: &str) -> bool {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let args = SelectArgs {
            patterns: texts(patterns),
            excludes: texts(excludes),
            legacy_patterns: is_legacy,
            ..SelectArgs::default()
        };
        Selection::new(&args).unwrap().takes(below)
    }

    #[test]
    fn a_pattern_without_a_slash_looks_at_the_last_part_of_a_name_and_others_at_all_of_it() {
        for (pattern, below, is_taken) in [
            ("*.csv", "a.csv", true),
            ("*.csv", "2026/01/a.csv", true),
            ("*.csv", "a.csv.gz", false),
            ("*.csv", "a.CSV", false),
            ("a?.csv", "dir/a1.csv", true),
            ("a[0-9].csv", "a1.csv", true),
            ("2026/*.csv", "2026/a.csv", true),
            ("2026/*.csv", "2026/01/a.csv", false),
            ("2026/**/*.csv", "2026/01/02/a.csv", true),
            ("**/*.csv", "a.csv", true),
        ] {
            assert_eq!(
                takes(&[pattern], &[], false, below),
                is_taken,
                "{pattern} {below}"
            );
        }
        assert!(takes(&["*.csv", "*.json"], &[], false, "b.json"));
        assert!(!takes(&["*.csv"], &["tmp*"], false, "dir/tmp1.csv"));
        assert!(takes(&[], &["tmp/**"], false, "a.csv"));
    }

    #[test]
    fn a_pattern_of_lightingest_looks_at_the_end_and_goes_over_slashes() {
        for (pattern, below, is_taken) in [
            ("*.csv", "2026/a.csv", true),
            ("b.csv", "2026/banana.csv", false),
            ("ana.csv", "2026/banana.csv", true),
            ("2026*.csv", "x/2026/01/a.csv", true),
            ("a?.csv", "a1.csv", true),
            ("a[1].csv", "a[1].csv", true),
            ("*", "anything/at.all", true),
            ("**.csv", "a.csv", true),
            ("*.csv", "a.csv.gz", false),
        ] {
            assert_eq!(takes(&[pattern], &[], true, below), is_taken, "{pattern} {below}");
        }
    }

    #[test]
    fn what_kusto_cannot_read_by_its_name_is_told_with_what_to_do() {
        let why = |shown: &str, format| unreadable(shown, format).map(|error| error.to_string());
        assert_eq!(why("a.csv.gz", None), None);
        assert_eq!(why("README", Some(DataFormat::Csv)), None);
        assert!(why("README", None).is_some_and(|why| why.contains("--format")));
        for packed in ["a.csv.bz2", "a.ZST", "dir/a.json.xz"] {
            assert!(
                why(packed, Some(DataFormat::Csv)).is_some_and(|why| why.contains("pack it anew")),
                "{packed}"
            );
        }
    }
}
