//! What pages keep: links within the repository lead somewhere, and decisions are numbered without a gap.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::Finding::{self, Failure};

const DECISIONS: &str = "docs/decisions";

/// Checks the pages of the root, of `docs` and of the crates.
pub(super) fn check(root: &Path) -> Result<Vec<Finding>> {
    let mut pages = vec![root.join("README.md")];
    pages.extend(pages_in(&root.join("docs"))?);
    let decisions = pages_in(&root.join(DECISIONS))?;
    for entry in std::fs::read_dir(root.join("crates"))? {
        pages.push(entry?.path().join("README.md"));
    }
    pages.extend(decisions.iter().cloned());
    pages.sort();
    let mut found = Vec::new();
    for page in pages.iter().filter(|page| page.is_file()) {
        let shown = page.strip_prefix(root).unwrap_or(page).display().to_string();
        let folder = page.parent().unwrap_or(root);
        let text = std::fs::read_to_string(page)?;
        found.extend(broken_links(&shown, &text, |target| folder.join(target).exists()));
    }
    let mut titles = Vec::new();
    for page in &decisions {
        let name = page
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        titles.push((name, std::fs::read_to_string(page)?));
    }
    found.extend(numbering(&titles));
    Ok(found)
}

fn pages_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut pages = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|it| it == "md") {
            pages.push(path);
        }
    }
    pages.sort();
    Ok(pages)
}

/// Links to files that are not there; takes how a target, as it is seen from the page, is looked up.
fn broken_links(page: &str, text: &str, exists: impl Fn(&str) -> bool) -> Vec<Finding> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split([')', '\n']).next())
        .filter(|target| !target.starts_with('#') && !target.contains("://") && !target.contains([' ', '`']))
        .map(|target| target.split('#').next().unwrap_or(target))
        .filter(|target| target.contains(['/', '.']) && !exists(target))
        .map(|target| Failure(format!("{page}: {target} is linked to and is not there")))
        .collect()
}

/// The pages of decisions, by name and text in order, are numbered 1, 2, 3 …, in the name and in the title.
fn numbering(decisions: &[(String, String)]) -> Vec<Finding> {
    decisions
        .iter()
        .zip(1..)
        .filter(|((name, text), number)| {
            !name.starts_with(&format!("{number:04}-")) || !text.starts_with(&format!("# {number}. "))
        })
        .map(|((name, _), number)| {
            Failure(format!(
                "{DECISIONS}/{name}: decision {number} is due; names and titles are numbered without a gap"
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_within_the_repository_lead_somewhere() {
        let text = "[a](there.md), [b](gone.md#part), [c](https://h/gone.md), [d](#gone), `f[x](y)`\n";
        let found = broken_links("docs/a.md", text, |target| target == "there.md");
        assert_eq!(
            found,
            [Failure(
                "docs/a.md: gone.md is linked to and is not there".to_owned()
            )]
        );
    }

    #[test]
    fn decisions_are_numbered_without_a_gap() {
        let page = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let first = page("0001-a.md", "# 1. A\n");
        assert_eq!(numbering(&[first.clone(), page("0002-b.md", "# 2. B\n")]), []);
        for second in [
            page("0003-b.md", "# 3. B\n"),
            page("0001-b.md", "# 1. B\n"),
            page("0002-b.md", "# 3. B\n"),
        ] {
            assert_eq!(numbering(&[first.clone(), second]).len(), 1);
        }
    }
}
