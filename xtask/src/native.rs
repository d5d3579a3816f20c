//! What is built from C, and so needs more of a machine than Rust and a C compiler.

use std::process::{Command, Stdio};

use anyhow::{Result, bail};
use xshell::{Shell, cmd};

use crate::workspace::Workspace;

/// The features that have ISA-L built, by their crates.
const FEATURES: [(&str, &str); 4] = [
    ("kusto-ingest", "isal"),
    ("kusto-ingest-cli", "isal"),
    ("kusto-ingest-compression-isal", "bundled"),
    ("kusto-ingest-tests", "isal"),
];

/// Whether a feature of a crate has something built from C.
pub(crate) fn is_native(package: &str, feature: &str) -> bool {
    FEATURES.contains(&(package, feature))
}

/// Whether this machine can build it; an automated run must be able to.
pub(crate) fn can_be_built() -> Result<bool> {
    let Some(tool) = missing() else { return Ok(true) };
    if crate::in_ci() {
        bail!("ISA-L cannot be built: there is no {tool}");
    }
    println!("SKIPPED: ISA-L, because there is no {tool}");
    Ok(false)
}

fn missing() -> Option<&'static str> {
    let assembler = cfg!(target_arch = "x86_64").then_some("nasm");
    let tools = ["autoreconf", "libtoolize", "make"].into_iter().chain(assembler);
    let mut missing = tools.filter(|tool| {
        let mut asked = Command::new(tool);
        asked.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
        !asked.status().is_ok_and(|status| status.success())
    });
    missing.next()
}

/// All features of the crates that are named, or of all, as cargo takes them; those of C only where they are wanted.
pub(crate) fn features(workspace: &Workspace, names: &[&str], with_native: bool) -> String {
    let named = workspace
        .packages
        .iter()
        .filter(|package| names.is_empty() || names.contains(&package.name.as_str()));
    let of = |package: &crate::workspace::Package| {
        let name = package.name.clone();
        let wanted = package
            .features
            .iter()
            .filter(|feature| with_native || !is_native(&package.name, feature));
        wanted
            .map(|feature| format!("{name}/{feature}"))
            .collect::<Vec<_>>()
    };
    named.flat_map(of).collect::<Vec<_>>().join(",")
}

/// `clippy-native`: what is built from C, and who uses it.
pub(crate) fn run(sh: &Shell, arguments: &[&str]) -> Result<()> {
    crate::nothing_more("clippy-native", arguments)?;
    clippy(sh)
}

/// Compiles it without a warning.
pub(crate) fn clippy(sh: &Shell) -> Result<()> {
    if !can_be_built()? {
        return Ok(());
    }
    let packages = FEATURES.iter().flat_map(|(package, _)| ["--package", package]);
    let features = FEATURES
        .map(|(package, feature)| format!("{package}/{feature}"))
        .join(",");
    Ok(cmd!(
        sh,
        "cargo clippy {packages...} --features {features} --all-targets -- -D warnings"
    )
    .run()?)
}

/// The test runs of it: a package, its feature, and which tests.
pub(crate) fn tests() -> [(&'static str, &'static str, &'static [&'static str]); 3] {
    [
        ("kusto-ingest-compression-isal", "bundled", &[]),
        ("kusto-ingest-tests", "isal", &["compression", "isa_l"]),
        ("kusto-ingest-cli", "isal", &["compress"]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Package;

    #[test]
    fn all_features_are_named_and_those_of_c_only_where_they_are_wanted() {
        let mut facade = Package::example("kusto-ingest", Some(8), &[]);
        facade.features = ["arrow", "isal"].map(str::to_owned).to_vec();
        let mut other = Package::example("kusto-other", Some(1), &[]);
        other.features = vec!["mock".to_owned()];
        let workspace = Workspace {
            packages: vec![facade, other],
        };
        let of = |names: &[&str], with_native| features(&workspace, names, with_native);
        assert_eq!(of(&[], false), "kusto-ingest/arrow,kusto-other/mock");
        assert_eq!(
            of(&["kusto-ingest"], true),
            "kusto-ingest/arrow,kusto-ingest/isal"
        );
    }
}
