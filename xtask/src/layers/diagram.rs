//! Draws the floors, from what the manifests say, between two markers of a page.

use anyhow::{Context, Result};

use super::rules::HIGHEST_LOGIC_FLOOR;
use crate::workspace::Package;

const BEGIN: &str = "<!-- floors: drawn by `cargo xtask layers`, do not edit -->";
const END: &str = "<!-- floors: end -->";

/// What the floors are called, from the ground up.
pub(super) const NAMES: &[&str] = &[
    "words",
    "ports",
    "resources",
    "service",
    "logistics",
    "clients",
    "adapters",
    "emulator",
    "facade",
    "applications",
];

const WIDTH: usize = 100;

/// The page with its drawing renewed.
///
/// # Errors
/// When the page lacks one of the two markers.
pub(super) fn redraw(page: &str, packages: &[Package]) -> Result<String> {
    let (before, rest) = page
        .split_once(BEGIN)
        .with_context(|| format!("no line `{BEGIN}`"))?;
    let (_, after) = rest.split_once(END).with_context(|| format!("no line `{END}`"))?;
    Ok(format!(
        "{before}{BEGIN}\n\n{}\n{}\n{END}{after}",
        drawing(packages),
        table(packages)
    ))
}

const CRATES: &str = "<!-- crates: written by `cargo xtask layers`, do not edit -->";
const CRATES_END: &str = "<!-- crates: end -->";

/// The page of the guide with its table of crates renewed.
///
/// # Errors
/// When the page lacks one of the two markers.
pub(super) fn retabled(page: &str, packages: &[Package]) -> Result<String> {
    let (before, rest) = page
        .split_once(CRATES)
        .with_context(|| format!("no line `{CRATES}`"))?;
    let (_, after) = rest
        .split_once(CRATES_END)
        .with_context(|| format!("no line `{CRATES_END}`"))?;
    let mut table = "| crate | what it is | third-party |\n|---|---|---|\n".to_owned();
    for package in packages.iter().filter(|it| it.published) {
        let brought = package.third_party_max.map(|most| most.to_string());
        table.push_str(&format!(
            "| `{}` | {} | {} |\n",
            package.name,
            package.description.replace('|', "\\|"),
            brought.unwrap_or_default()
        ));
    }
    Ok(format!("{before}{CRATES}\n\n{table}\n{CRATES_END}{after}"))
}

fn drawing(packages: &[Package]) -> String {
    let mut lines = vec!["```text".to_owned()];
    for (floor, name) in NAMES.iter().enumerate().rev() {
        let floor = floor as u64;
        if floor == HIGHEST_LOGIC_FLOOR {
            lines.push(rule(
                "no HTTP, no TLS, no tokio, no Azure crate, no socket, no file system below this line",
            ));
        }
        let crates: Vec<String> = on_floor(packages, floor).map(drawn_name).collect();
        for (row, text) in wrapped(&crates, WIDTH - 18).iter().enumerate() {
            let head = if row == 0 {
                format!("{floor:>2}  {name:<12}")
            } else {
                " ".repeat(16)
            };
            lines.push(format!("{head}  {text}").trim_end().to_owned());
        }
    }
    lines.push("```".to_owned());
    lines.join("\n") + "\n"
}

fn table(packages: &[Package]) -> String {
    let mut lines = vec![
        "| floor | crate | what it is | stands on |".to_owned(),
        "|---|---|---|---|".to_owned(),
    ];
    for floor in (0..NAMES.len() as u64).rev() {
        for package in on_floor(packages, floor).filter(|it| it.published) {
            let mut below: Vec<&str> = package.stands_on().collect();
            below.sort_unstable();
            below.dedup();
            let below = if below.is_empty() {
                "–".to_owned()
            } else {
                below.join(", ")
            };
            let description = package.description.replace('|', "\\|");
            lines.push(format!(
                "| {floor} | `{}` | {description} | {below} |",
                package.name
            ));
        }
    }
    lines.join("\n") + "\n"
}

fn on_floor(packages: &[Package], floor: u64) -> impl Iterator<Item = &Package> {
    packages.iter().filter(move |it| it.floor == Some(floor))
}

fn drawn_name(package: &Package) -> String {
    if package.published {
        package.name.clone()
    } else {
        format!("{} (unpublished)", package.name)
    }
}

/// Words in rows no wider than asked, three blanks between two of them; at least one row.
fn wrapped(words: &[String], width: usize) -> Vec<String> {
    let mut rows = vec![String::new()];
    for word in words {
        let row = rows.last_mut().expect("there is always a row");
        if row.is_empty() {
            row.push_str(word);
        } else if row.len() + 3 + word.len() <= width {
            row.push_str("   ");
            row.push_str(word);
        } else {
            rows.push(word.clone());
        }
    }
    rows
}

fn rule(text: &str) -> String {
    let sides = "─".repeat(WIDTH.saturating_sub(text.len() + 2) / 2);
    format!("{sides} {text} {sides}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Kind;

    #[test]
    fn the_page_keeps_everything_outside_the_markers_and_is_stable() {
        let packages = [
            Package::example("kusto-core", Some(0), &[]),
            Package::example(
                "kusto-facade",
                Some(8),
                &[(Kind::Normal, "kusto-core"), (Kind::Dev, "kusto-fake")],
            ),
            Package {
                published: false,
                ..Package::example("tests", Some(9), &[])
            },
        ];
        let page = format!("# Title\n\n{BEGIN}\nold\n{END}\n\n## After\n");
        let drawn = redraw(&page, &packages).unwrap();
        assert!(drawn.starts_with("# Title\n") && drawn.ends_with("## After\n") && !drawn.contains("old"));
        assert!(
            drawn.contains(" 9  applications  tests (unpublished)\n"),
            "{drawn}"
        );
        assert!(
            drawn.contains("| 8 | `kusto-facade` | Is kusto-facade. | kusto-core |\n"),
            "{drawn}"
        );
        assert!(
            drawn.contains("| 0 | `kusto-core` | Is kusto-core. | – |\n"),
            "{drawn}"
        );
        assert_eq!(redraw(&drawn, &packages).unwrap(), drawn);
    }

    #[test]
    fn a_page_without_markers_is_refused() {
        assert!(
            redraw("# Title\n", &[])
                .unwrap_err()
                .to_string()
                .contains("floors")
        );
        assert!(redraw(BEGIN, &[]).unwrap_err().to_string().contains("end"));
    }

    #[test]
    fn rows_break_between_words() {
        let words: Vec<String> = ["aaaa", "bbbb", "cccc"].map(str::to_owned).to_vec();
        assert_eq!(wrapped(&words, 11), ["aaaa   bbbb", "cccc"]);
        assert_eq!(wrapped(&words, 10), ["aaaa", "bbbb", "cccc"]);
        assert_eq!(wrapped(&[], 10), [""]);
    }
}
