//! The changelog: one section for what is not released yet, one for each version.

use anyhow::{Result, bail};

const UNRELEASED: &str = "## Unreleased";

/// What the one *Unreleased* section says.
///
/// # Errors
/// When there is none, or more than one.
pub(crate) fn unreleased(page: &str) -> Result<&str> {
    let starts: Vec<usize> = sections(page)
        .filter(|(_, line)| line.trim_end() == UNRELEASED)
        .map(|(at, _)| at)
        .collect();
    let [start] = starts[..] else {
        bail!("{} sections `{UNRELEASED}`, and there is one", starts.len())
    };
    let body = &page[start + UNRELEASED.len()..];
    let end = sections(body).next().map_or(body.len(), |(at, _)| at);
    Ok(body[..end].trim())
}

/// The versions that have a section, newest first.
pub(crate) fn released(page: &str) -> impl Iterator<Item = &str> {
    sections(page)
        .filter_map(|(_, line)| line[3..].split_whitespace().next())
        .filter(|word| *word != "Unreleased")
}

/// The page with what was unreleased under a version and its day, and an empty *Unreleased* above it.
///
/// # Errors
/// When there is nothing to release, or the version has a section already.
pub(super) fn cut(page: &str, version: &str, day: &str) -> Result<String> {
    if unreleased(page)?.is_empty() {
        bail!("nothing is noted as unreleased");
    }
    if released(page).any(|it| it == version) {
        bail!("{version} was released before");
    }
    Ok(page.replacen(UNRELEASED, &format!("{UNRELEASED}\n\n## {version} ({day})"), 1))
}

/// The headings of the second level and where each starts.
fn sections(page: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    page.split_inclusive('\n').filter_map(move |line| {
        let start = at;
        at += line.len();
        line.starts_with("## ").then_some((start, line))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str =
        "# Changelog\n\n## Unreleased\n\n- Ingests files.\n\n## 0.1.0 (2026-11-01)\n\n- Begins.\n";

    #[test]
    fn there_is_one_section_for_what_is_not_released() {
        assert_eq!(unreleased(PAGE).unwrap(), "- Ingests files.");
        assert!(unreleased("# Changelog\n").is_err());
        assert!(unreleased(&format!("{PAGE}\n## Unreleased\n")).is_err());
        assert_eq!(released(PAGE).collect::<Vec<_>>(), ["0.1.0"]);
    }

    #[test]
    fn cutting_leaves_an_empty_section_and_loses_no_line() {
        let after = cut(PAGE, "0.2.0", "2026-12-01").unwrap();
        assert_eq!(unreleased(&after).unwrap(), "");
        assert_eq!(released(&after).collect::<Vec<_>>(), ["0.2.0", "0.1.0"]);
        assert!(after.contains("## 0.2.0 (2026-12-01)\n\n- Ingests files.\n\n## 0.1.0"));
        assert!(PAGE.lines().all(|line| after.contains(line)));
    }

    #[test]
    fn nothing_and_the_same_version_twice_are_refused() {
        assert!(cut(PAGE, "0.1.0", "2026-12-01").is_err());
        assert!(cut("# C\n\n## Unreleased\n\n## 0.1.0\n", "0.2.0", "2026-12-01").is_err());
    }
}
