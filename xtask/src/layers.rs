//! `layers [--check]`: keeps the floors, and draws them in `docs/architecture.md`.

mod diagram;
mod rules;

use anyhow::{Context, Result, bail};
use xshell::Shell;

pub(crate) use self::diagram::NAMES;
pub(crate) use self::rules::HIGHEST_LOGIC_FLOOR;
use crate::workspace::Workspace;

const DRAWN_IN: &str = "docs/architecture.md";

/// Rewrites the drawing, or fails with `--check` when it is stale; checks every rule either way.
pub(crate) fn run(sh: &Shell, arguments: &[&str]) -> Result<()> {
    let check_only = match arguments {
        [] => false,
        ["--check"] => true,
        [other, ..] => bail!("`layers` takes nothing but --check, and not `{other}`"),
    };
    let workspace = Workspace::read(sh)?;
    let page = sh.read_file(DRAWN_IN)?;
    let redrawn = diagram::redraw(&page, &workspace.packages).with_context(|| format!("in {DRAWN_IN}"))?;
    let stale = page != redrawn;
    if stale && !check_only {
        sh.write_file(DRAWN_IN, redrawn)?;
        println!("layers: redrew the floors in {DRAWN_IN}");
    }
    crate::report("layers", &broken_rules(sh, &workspace)?)?;
    if stale && check_only {
        bail!("{DRAWN_IN} no longer shows what exists: run `cargo xtask layers` and commit the page");
    }
    println!("layers: {} packages keep their floors", workspace.packages.len());
    Ok(())
}

/// All five rules, in the order in which `docs/architecture.md` states them.
fn broken_rules(sh: &Shell, workspace: &Workspace) -> Result<Vec<String>> {
    let mut broken = rules::floors(&workspace.packages);
    broken.extend(rules::homes(&workspace.packages));
    broken.extend(rules::nowhere(&sh.read_file("Cargo.lock")?));
    for package in workspace.published() {
        let brought = workspace.third_party(sh, &package.name)?;
        broken.extend(rules::leaks(package, &brought));
        broken.extend(rules::budget(package, brought.len()));
    }
    Ok(broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The workspace itself is the table: `cargo test` is enough to know that the floors hold.
    #[test]
    fn this_workspace_stands_on_its_floors() {
        let sh = Shell::new().unwrap();
        sh.change_dir(crate::workspace::root().unwrap());
        run(&sh, &["--check"]).unwrap();
    }
}
