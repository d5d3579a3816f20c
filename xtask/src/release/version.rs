//! The one version of all crates, and where the root manifest writes it.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use anyhow::{Context, Result, bail};

/// `major.minor.patch`, compared in that order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version([u64; 3]);

impl Version {
    /// Before 1.0 every release may break something, which is what the middle number says; after it, adds something.
    pub(super) fn next(self) -> Self {
        let [major, minor, _] = self.0;
        Self([major, minor + 1, 0])
    }
}

impl FromStr for Version {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let numbers: Option<Vec<u64>> = text.split('.').map(|it| it.parse().ok()).collect();
        match numbers.as_deref() {
            Some(&[major, minor, patch]) => Ok(Self([major, minor, patch])),
            _ => bail!("`{text}` is no version such as 0.2.0"),
        }
    }
}

impl Display for Version {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.0;
        write!(f, "{major}.{minor}.{patch}")
    }
}

/// The version under `[workspace.package]`.
pub(super) fn current(manifest: &str) -> Result<Version> {
    let (_, package) = manifest
        .split_once("[workspace.package]")
        .context("no [workspace.package]")?;
    let line = package.lines().find_map(|line| line.strip_prefix("version = \""));
    line.and_then(|it| it.strip_suffix('"'))
        .context("no version under [workspace.package]")?
        .parse()
}

/// The manifest with the version raised: its own, and the one beside the path of each of our crates.
pub(super) fn raise(manifest: &str, from: &Version, to: &Version) -> String {
    let (old, new) = (format!("version = \"{from}\""), format!("version = \"{to}\""));
    let mut raised = String::with_capacity(manifest.len());
    for line in manifest.split_inclusive('\n') {
        let ours = line.trim_end() == old || line.contains("path = \"crates/");
        raised.push_str(&if ours {
            line.replace(&old, &new)
        } else {
            line.to_owned()
        });
    }
    raised
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "[workspace.package]\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace.dependencies]\n\
                            kusto-a = { version = \"0.1.0\", path = \"crates/kusto-a\" }\nother = { version = \"0.1.0\" }\n";

    #[test]
    fn versions_are_three_numbers_in_order() {
        let version = |text: &str| text.parse::<Version>();
        assert!(version("0.10.0").unwrap() > version("0.9.9").unwrap());
        assert_eq!(version("0.1.7").unwrap().next().to_string(), "0.2.0");
        for text in ["1.0", "1.0.0-beta", "v1.0.0", ""] {
            assert!(version(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_release_raises_ours_and_nobody_elses() {
        let from = current(MANIFEST).unwrap();
        let raised = raise(MANIFEST, &from, &from.next());
        assert_eq!(current(&raised).unwrap().to_string(), "0.2.0");
        assert!(raised.contains("kusto-a = { version = \"0.2.0\""));
        assert!(raised.contains("other = { version = \"0.1.0\" }"));
        assert_eq!(raised.len(), MANIFEST.len());
    }
}
