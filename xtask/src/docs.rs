//! `docs [--check]`: the guide as a book in `target/guide`: its pictures, its tables, and what mdBook makes of it.

pub(crate) mod picture;
mod terminal;

use anyhow::{Context, Result, bail};
use xshell::{Shell, cmd};

const GUIDE: &str = "docs/guide";

/// What builds the book. Watching and serving are left out: they bring a hundred crates.
const MDBOOK: &str = "0.5.4";

/// Draws the pictures, writes the tables that come from the code, and builds the book. With `--check` it writes nothing
/// that is kept, and fails where a picture is stale; of the tables, the tests of the guide say so.
pub(crate) fn run(sh: &Shell, arguments: &[&str]) -> Result<()> {
    let check_only = match arguments {
        [] => false,
        ["--check"] => true,
        [other, ..] => bail!("`docs` takes nothing but --check, and not `{other}`"),
    };
    draw(sh, check_only)?;
    if !check_only {
        let _write = sh.push_env("GUIDE", "write");
        cmd!(sh, "cargo test --quiet -p kusto-ingest-guide-tests tables").run()?;
    }
    let mdbook = mdbook(sh)?;
    cmd!(sh, "{mdbook} build {GUIDE}").run()?;
    println!("docs: the guide is in target/guide/index.html");
    Ok(())
}

/// Renews the pictures, or fails where one is not what its text says.
fn draw(sh: &Shell, check_only: bool) -> Result<()> {
    let mut stale = Vec::new();
    for (path, drawn) in pictures(sh)? {
        let old = std::fs::read_to_string(sh.current_dir().join(&path)).unwrap_or_default();
        if old == drawn {
            continue;
        }
        if check_only {
            stale.push(format!(
                "{path} is not what its text says: run `cargo xtask docs`"
            ));
        } else {
            sh.write_file(&path, drawn)?;
            println!("docs: drew {path}");
        }
    }
    crate::report("docs", &stale)
}

/// Every picture by its path, without that of the layers, which `layers` draws.
fn pictures(sh: &Shell) -> Result<Vec<(String, String)>> {
    let mut drawn = Vec::new();
    for source in sh.read_dir(format!("{GUIDE}/pictures"))? {
        let Some(name) = source.file_stem().and_then(|name| name.to_str()) else {
            continue;
        };
        let path = format!("{GUIDE}/pictures/{name}.svg");
        match source.extension().and_then(|it| it.to_str()) {
            Some("txt") => {
                let text = sh.read_file(&source)?;
                let svg = picture::drawn(&text).with_context(|| source.display().to_string())?;
                drawn.push((path, svg));
            }
            Some("term") => drawn.push((path, terminal::drawn(&sh.read_file(&source)?))),
            _ => {}
        }
    }
    Ok(drawn)
}

/// The path of mdBook, which is installed below `target` where it is missing.
fn mdbook(sh: &Shell) -> Result<String> {
    let path = format!("target/tools/bin/mdbook{}", std::env::consts::EXE_SUFFIX);
    let is_there = || {
        let version = cmd!(sh, "{path} --version").quiet().ignore_stderr().read();
        version.is_ok_and(|version| version.trim_start_matches("mdbook v") == MDBOOK)
    };
    if !is_there() {
        let install = [
            "install",
            "mdbook",
            "--locked",
            "--version",
            MDBOOK,
            "--root",
            "target/tools",
        ];
        cmd!(sh, "cargo {install...} --no-default-features --features search").run()?;
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pictures_of_the_guide_are_what_their_texts_say() {
        let sh = Shell::new().unwrap();
        sh.change_dir(crate::workspace::root().unwrap());
        draw(&sh, true).unwrap();
    }
}
