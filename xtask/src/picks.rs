//! `picks [CRATE]…`: builds each crate alone and prints what it brings along.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use xshell::{Shell, cmd};

use crate::layers::HIGHEST_LOGIC_FLOOR;
use crate::workspace::Workspace;

/// One line of the table.
struct Pick {
    name: String,
    floor: u64,
    ours: usize,
    third_party: u64,
    promised: Option<u64>,
}

/// Builds the crates that were named, or all, each without its siblings' features; fails over budget.
pub(crate) fn run(sh: &Shell, names: &[&str]) -> Result<()> {
    let workspace = Workspace::read(sh)?;
    if let Some(unknown) = names
        .iter()
        .find(|name| !workspace.published().any(|it| it.name == **name))
    {
        bail!("{unknown} is none of our crates");
    }
    let (mut picks, mut logic) = (Vec::new(), BTreeSet::new());
    for package in workspace
        .published()
        .filter(|it| names.is_empty() || names.contains(&it.name.as_str()))
    {
        let name = &package.name;
        cmd!(sh, "cargo check --quiet --package {name}").quiet().run()?;
        let brought = workspace.third_party(sh, name)?;
        picks.push(Pick {
            name: name.clone(),
            floor: package.floor.unwrap_or_default(),
            ours: below(&workspace, name),
            third_party: brought.len() as u64,
            promised: package.third_party_max,
        });
        if package.floor.is_some_and(|floor| floor <= HIGHEST_LOGIC_FLOOR) {
            logic.extend(brought);
        }
    }
    println!("{}", table(&picks));
    println!(
        "floors 0 to {HIGHEST_LOGIC_FLOOR} together bring {} third-party crates",
        logic.len()
    );
    crate::report("picks", &over_budget(&picks))
}

/// How many of our crates come along, itself left out.
fn below(workspace: &Workspace, name: &str) -> usize {
    let mut found = vec![name];
    let mut next = 0;
    while let Some(&current) = found.get(next) {
        let package = workspace.packages.iter().find(|it| it.name == current);
        for needed in package.into_iter().flat_map(|it| it.stands_on()) {
            if !found.contains(&needed) {
                found.push(needed);
            }
        }
        next += 1;
    }
    found.len() - 1
}

fn table(picks: &[Pick]) -> String {
    let mut lines = vec![format!(
        "{:<28}{:>6}{:>6}{:>13}{:>10}",
        "crate", "floor", "ours", "third-party", "promised"
    )];
    for pick in picks {
        let promised = pick.promised.map_or("–".to_owned(), |it| it.to_string());
        lines.push(format!(
            "{:<28}{:>6}{:>6}{:>13}{promised:>10}",
            pick.name, pick.floor, pick.ours, pick.third_party
        ));
    }
    lines.join("\n")
}

fn over_budget(picks: &[Pick]) -> Vec<String> {
    picks
        .iter()
        .filter(|pick| pick.promised.is_none_or(|promised| pick.third_party > promised))
        .map(|pick| format!("{} brings more third-party crates than it promises", pick.name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pick_over_its_promise_is_told_apart() {
        let pick = |name: &str, third_party, promised| Pick {
            name: name.to_owned(),
            floor: 1,
            ours: 1,
            third_party,
            promised,
        };
        let picks = [
            pick("kept", 3, Some(3)),
            pick("grown", 4, Some(3)),
            pick("silent", 0, None),
        ];
        assert_eq!(over_budget(&picks).len(), 2);
        assert!(table(&picks).contains("grown                            1     1            4         3"));
    }
}
