//! `ci`: every check there is, in the order in which a mistake is cheapest to find.

use anyhow::{Result, bail};
use xshell::{Shell, cmd};

use crate::native;
use crate::workspace::Workspace;

/// Runs all, and ends with the first that fails.
pub(crate) fn run(sh: &Shell, arguments: &[&str]) -> Result<()> {
    crate::nothing_more("ci", arguments)?;
    cmd!(sh, "cargo fmt --all --check").run()?;
    crate::layers::run(sh, &["--check"])?;
    crate::tidy::run(sh, &[])?;
    cmd!(sh, "cargo clippy --workspace --all-targets -- -D warnings").run()?;
    native::clippy(sh)?;
    crate::test::run(sh, &[])?;
    document(sh)?;
    crate::docs::run(sh, &["--check"])?;
    crate::features::run(sh, &[])?;
    crate::picks::run(sh, &[])?;
    deny(sh)?;
    crate::release::package(sh)
}

fn document(sh: &Shell) -> Result<()> {
    let _strict = sh.push_env("RUSTDOCFLAGS", "-D warnings");
    let features = native::features(&Workspace::read(sh)?, &[], native::can_be_built()?);
    Ok(cmd!(sh, "cargo doc --workspace --no-deps --features {features}").run()?)
}

/// Licences, refused crates and sources, after `.deny.toml`. Advisories need a network and are asked for by hand.
fn deny(sh: &Shell) -> Result<()> {
    if cmd!(sh, "cargo deny --version")
        .quiet()
        .ignore_stderr()
        .read()
        .is_ok()
    {
        return Ok(cmd!(sh, "cargo deny check licenses bans sources").run()?);
    }
    let why = "cargo-deny is not installed (`cargo install --locked cargo-deny`)";
    if crate::in_ci() {
        bail!("licences and sources cannot be checked: {why}");
    }
    println!("SKIPPED: licences and sources, because {why}");
    Ok(())
}
