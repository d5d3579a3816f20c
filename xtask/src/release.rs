//! `release plan|prepare|publish`: one version for all, one changelog, published from the ground up.

pub(crate) mod changelog;
mod version;

use anyhow::{Context, Result, bail};
use xshell::{Shell, TempDir, cmd};

use self::version::Version;
use crate::workspace::{Package, Workspace};

const CHANGES: &str = "docs/changelog.md";
const MANIFEST: &str = "Cargo.toml";

/// One of the three steps of `docs/releasing.md`.
pub(crate) fn run(sh: &Shell, arguments: &[&str]) -> Result<()> {
    let dry_run = arguments.contains(&"--dry-run");
    let words: Vec<&str> = arguments
        .iter()
        .copied()
        .filter(|word| *word != "--dry-run")
        .collect();
    match words[..] {
        ["plan"] => plan(sh, None),
        ["plan", version] => plan(sh, Some(version)),
        ["prepare", version] => prepare(sh, version, dry_run),
        ["publish"] => publish(sh, dry_run),
        _ => bail!(
            "say `release plan [VERSION]`, `release prepare VERSION` or `release publish`, with or without --dry-run"
        ),
    }
}

/// Packages every crate as it lies there, and builds each package as its users will, without a network.
pub(crate) fn package(sh: &Shell) -> Result<()> {
    let unpublished = unpublished(sh)?;
    let target = unpacked_anew(sh)?;
    let target = target.path();
    Ok(cmd!(
        sh,
        "cargo package --workspace --offline --allow-dirty --target-dir {target} {unpublished...}"
    )
    .run()?)
}

fn plan(sh: &Shell, asked: Option<&str>) -> Result<()> {
    let workspace = Workspace::read(sh)?;
    let changes = sh.read_file(CHANGES)?;
    let version = chosen(&version::current(&sh.read_file(MANIFEST)?)?, &changes, asked)?;
    println!("version {version}, published in this order:\n");
    for package in order(&workspace) {
        println!("  {} {}", package.floor.unwrap_or_default(), package.name);
    }
    println!(
        "\nwhat changes for users:\n\n{}",
        changelog::unreleased(&changes)?
    );
    Ok(())
}

fn prepare(sh: &Shell, asked: &str, dry_run: bool) -> Result<()> {
    let changes = sh.read_file(CHANGES)?;
    let manifest = sh.read_file(MANIFEST)?;
    let current = version::current(&manifest)?;
    let version = chosen(&current, &changes, Some(asked))?;
    let today = cmd!(sh, "date -u +%Y-%m-%d").quiet().read()?;
    let cut = changelog::cut(&changes, &version.to_string(), &today)?;
    let raised = version::raise(&manifest, &current, &version);
    if dry_run {
        println!("would set {version} (now {current}) in {MANIFEST} and cut {CHANGES}; nothing was written");
        return Ok(());
    }
    sh.write_file(CHANGES, cut)?;
    sh.write_file(MANIFEST, raised)?;
    cmd!(sh, "cargo update --workspace --offline").quiet().run()?;
    println!(
        "raised {current} to {version}: read the changes, commit them, then `cargo xtask release publish`"
    );
    Ok(())
}

fn publish(sh: &Shell, dry_run: bool) -> Result<()> {
    if dry_run {
        let unpublished = unpublished(sh)?;
        let target = unpacked_anew(sh)?;
        let target = target.path();
        return Ok(cmd!(
            sh,
            "cargo publish --workspace --dry-run --target-dir {target} {unpublished...}"
        )
        .run()?);
    }
    let version = version::current(&sh.read_file(MANIFEST)?)?.to_string();
    if !cmd!(sh, "git status --porcelain").quiet().read()?.is_empty() {
        bail!("the tree holds changes that are not committed");
    }
    if !changelog::released(&sh.read_file(CHANGES)?).any(|it| it == version) {
        bail!(
            "{CHANGES} does not tell what {version} brings: run `cargo xtask release prepare {version}` first"
        );
    }
    let workspace = Workspace::read(sh)?;
    let named = order(&workspace)
        .into_iter()
        .flat_map(|it| ["--package", &it.name]);
    cmd!(sh, "cargo publish {named...}").run()?;
    let (tag, message) = (format!("v{version}"), format!("Version {version}"));
    cmd!(sh, "git tag --annotate {tag} --message {message}")
        .run()
        .context("published, but not tagged")?;
    Ok(())
}

/// A target folder for one run, gone with it. Cargo unpacks what it packages once for each version and target folder: in
/// one that was used before, crates would be built against what others were then.
fn unpacked_anew(sh: &Shell) -> Result<TempDir> {
    Ok(sh.create_temp_dir()?)
}

/// From the ground up: whatever a crate stands on is published before it.
fn order(workspace: &Workspace) -> Vec<&Package> {
    let mut packages: Vec<&Package> = workspace.published().collect();
    packages.sort_by_key(|it| (it.floor, &it.name));
    packages
}

/// The version to release: the one asked for, or the next one after what the changelog tells of.
fn chosen(current: &Version, changes: &str, asked: Option<&str>) -> Result<Version> {
    let was_released = |version: &Version| changelog::released(changes).any(|it| it == version.to_string());
    let version = match asked {
        Some(asked) => asked.parse()?,
        None if was_released(current) => current.next(),
        None => *current,
    };
    if version < *current || was_released(&version) {
        bail!("{version} is not newer than what was released");
    }
    Ok(version)
}

fn unpublished(sh: &Shell) -> Result<Vec<String>> {
    let workspace = Workspace::read(sh)?;
    let names = workspace.packages.iter().filter(|it| !it.published);
    Ok(names
        .flat_map(|it| ["--exclude".to_owned(), it.name.clone()])
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_crate_stands_on_is_published_before_it() {
        let sh = Shell::new().unwrap();
        sh.change_dir(crate::workspace::root().unwrap());
        let workspace = Workspace::read(&sh).unwrap();
        let names: Vec<&str> = order(&workspace).iter().map(|it| it.name.as_str()).collect();
        for (place, package) in order(&workspace).iter().enumerate() {
            for needed in package.stands_on() {
                assert!(
                    names[..place].contains(&needed),
                    "{} before {needed}",
                    package.name
                );
            }
        }
    }

    #[test]
    fn the_first_release_takes_the_version_as_it_is_and_later_ones_a_newer() {
        let current: Version = "0.1.0".parse().unwrap();
        let (new, told) = (
            "# C\n\n## Unreleased\n",
            "# C\n\n## Unreleased\n\n## 0.1.0 (2026-11-23)\n",
        );
        let check = |changes, asked, expected: Option<&str>| {
            let chosen = chosen(&current, changes, asked).ok().map(|it| it.to_string());
            assert_eq!(chosen.as_deref(), expected, "{changes:?} {asked:?}");
        };
        check(new, None, Some("0.1.0"));
        check(told, None, Some("0.2.0"));
        check(told, Some("0.1.1"), Some("0.1.1"));
        check(told, Some("0.1.0"), None);
        check(new, Some("0.0.9"), None);
        check(new, Some("soon"), None);
    }
}
