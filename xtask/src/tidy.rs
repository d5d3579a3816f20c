//! `tidy`: what a reader may rely on in every file of the workspace.

mod circles;
mod conformance;
mod files;
mod homes;
mod modules;
mod pages;
mod rust;
mod secrets;
mod tree;
mod whole;
mod wings;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use xshell::Shell;

pub(crate) use self::conformance::numbers;
use crate::workspace::Workspace;

/// What a check has to say: a note is printed, a failure ends the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Finding {
    Note(String),
    Failure(String),
}

/// Runs every check and prints what it found. With `--write`, `docs/conformance.md` is told first where tests are.
pub(crate) fn run(sh: &Shell, arguments: &[&str]) -> Result<()> {
    let write = match arguments {
        [] => false,
        ["--write"] => true,
        [other, ..] => bail!("`tidy` takes nothing but --write, and not `{other}`"),
    };
    let (mut notes, mut failures) = (Vec::new(), Vec::new());
    for finding in findings(sh, write)? {
        match finding {
            Finding::Note(text) => notes.push(text),
            Finding::Failure(text) => failures.push(text),
        }
    }
    for note in &notes {
        println!("tidy: note: {note}");
    }
    crate::report("tidy", &failures)?;
    println!("tidy: in order");
    Ok(())
}

fn findings(sh: &Shell, write: bool) -> Result<Vec<Finding>> {
    let root = sh.current_dir();
    let workspace = Workspace::read(sh)?;
    let mut found = tree::check(&root, &workspace)?;
    let mut files = Vec::new();
    for folder in ["crates", "tests", "xtask"] {
        for path in rust_files(&root.join(folder))? {
            let shown = path.strip_prefix(&root).unwrap_or(&path).display().to_string();
            let text = sh.read_file(&path)?;
            let floor = workspace
                .packages
                .iter()
                .find(|it| path.starts_with(&it.folder))
                .and_then(|it| it.floor);
            found.extend(files::check(&shown, &text, floor));
            // What a test calls a token is none.
            if shown.contains("/src/") {
                found.extend(secrets::check(&shown, &text));
            }
            found.extend(homes::check(&shown, &text));
            found.extend(wings::check(&shown, &text));
            files.push((shown, text));
        }
    }
    found.extend(homes::unused(&files));
    found.extend(circles::check(&files));
    found.extend(modules::check(&files));
    found.extend(whole::check(&files));
    found.extend(conformance(sh, write, &files)?);
    found.extend(pages::check(&root)?);
    Ok(found)
}

fn conformance(sh: &Shell, write: bool, files: &[(String, String)]) -> Result<Vec<Finding>> {
    let page = sh.read_file(conformance::PAGE)?;
    let (renewed, mut found) = conformance::renewed(&page, files);
    if page != renewed && write {
        sh.write_file(conformance::PAGE, renewed)?;
    } else if page != renewed {
        found.push(Finding::Failure(format!(
            "{} no longer tells where tests are: run `cargo xtask tidy --write` and commit the page",
            conformance::PAGE
        )));
    }
    Ok(found)
}

/// Every Rust file below a folder, in order, without what builds leave behind.
fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if !name.starts_with('.') && name != "target" && name != "node_modules" {
                found.extend(rust_files(&path)?);
            }
        } else if name.ends_with(".rs") {
            found.push(path);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_workspace_is_tidy() {
        let sh = Shell::new().unwrap();
        sh.change_dir(crate::workspace::root().unwrap());
        run(&sh, &[]).unwrap();
    }
}
