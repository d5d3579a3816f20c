//! `features [CRATE]…`: compiles each crate without its features, and with each of them alone.

use anyhow::{Result, bail};
use xshell::{Shell, cmd};

use crate::native;
use crate::workspace::{Package, Workspace};

/// Compiles the crates that were named, or all that have features; fails with the compiler's own words.
pub(crate) fn run(sh: &Shell, names: &[&str]) -> Result<()> {
    let workspace = Workspace::read(sh)?;
    let asked = |package: &&Package| names.is_empty() || names.contains(&package.name.as_str());
    let packages: Vec<&Package> = workspace.published().filter(asked).collect();
    if packages.is_empty() {
        bail!("none of our crates is called {}", names.join(" or "));
    }
    let mut failures = Vec::new();
    let has_native = native::can_be_built()?;
    let sets = packages.iter().flat_map(|package| alone(package));
    for (name, feature) in sets.filter(|(name, feature)| has_native || !native::is_native(name, feature)) {
        let shown = if feature.is_empty() { "no feature" } else { feature };
        println!("{name}: {shown}");
        let check = cmd!(
            sh,
            "cargo check --quiet --package {name} --no-default-features --features {feature}"
        );
        if check.quiet().run().is_err() {
            failures.push(format!("{name} does not compile with {shown} alone"));
        }
    }
    crate::report("features", &failures)
}

/// Each set of features that a crate must compile with; none for a crate that has none.
fn alone(package: &Package) -> Vec<(&str, &str)> {
    let own = || package.features.iter().map(String::as_str);
    let named = own().filter(|feature| *feature != "default");
    let none = own().next().map(|_| "");
    let sets = none.into_iter().chain(named);
    sets.map(|feature| (package.name.as_str(), feature)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_feature_is_taken_alone_and_so_is_none() {
        let mut package = Package::example("kept", Some(1), &[]);
        assert!(alone(&package).is_empty());
        package.features = ["arrow", "default", "mock"].map(str::to_owned).to_vec();
        assert_eq!(
            alone(&package),
            [("kept", ""), ("kept", "arrow"), ("kept", "mock")]
        );
    }
}
