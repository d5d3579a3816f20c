//! `layers [--check]`: keeps the floors, and draws them in `docs/architecture.md` and in the guide.

mod diagram;
mod picture;
mod rules;

use anyhow::{Context, Result, bail};
use xshell::Shell;

pub(crate) use self::rules::HIGHEST_LOGIC_FLOOR;
use crate::workspace::Workspace;

const DRAWN_IN: &str = "docs/architecture.md";
const LISTED_IN: &str = "docs/guide/crates.md";
const PICTURE: &str = "docs/guide/pictures/layers.svg";

/// Rewrites the drawing, or fails with `--check` when it is stale; checks every rule either way.
pub(crate) fn run(sh: &Shell, arguments: &[&str]) -> Result<()> {
    let check_only = match arguments {
        [] => false,
        ["--check"] => true,
        [other, ..] => bail!("`layers` takes nothing but --check, and not `{other}`"),
    };
    let workspace = Workspace::read(sh)?;
    let stale = renew(sh, &workspace, check_only)?;
    crate::report("layers", &broken_rules(sh, &workspace)?)?;
    if let Some(page) = stale {
        bail!("{page} no longer shows what exists: run `cargo xtask layers` and commit the page");
    }
    println!("layers: {} packages keep their floors", workspace.packages.len());
    Ok(())
}

/// Draws and lists the crates anew; tells of the first page that is stale where nothing is to be written.
fn renew(sh: &Shell, workspace: &Workspace, check_only: bool) -> Result<Option<&'static str>> {
    let packages = &workspace.packages;
    let (drawn, listed) = (sh.read_file(DRAWN_IN)?, sh.read_file(LISTED_IN)?);
    let picture = sh.read_file(PICTURE).unwrap_or_default();
    let redrawn = diagram::redraw(&drawn, packages).with_context(|| format!("in {DRAWN_IN}"))?;
    let relisted = diagram::retabled(&listed, packages).with_context(|| format!("in {LISTED_IN}"))?;
    for (path, old, new) in [
        (DRAWN_IN, drawn, redrawn),
        (LISTED_IN, listed, relisted),
        (PICTURE, picture, picture::drawn(packages)),
    ] {
        if old == new {
            continue;
        }
        if check_only {
            return Ok(Some(path));
        }
        sh.write_file(path, new)?;
        println!("layers: wrote {path} anew");
    }
    Ok(None)
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
