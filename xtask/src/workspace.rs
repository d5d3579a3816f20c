//! The workspace as `cargo metadata` and `cargo tree` tell it, reduced to what the checks need.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;
use xshell::{Shell, cmd};

/// Every member of the workspace, by name.
#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) packages: Vec<Package>,
}

/// One member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) description: String,
    pub(crate) folder: PathBuf,
    /// `package.metadata.layer.floor`.
    pub(crate) floor: Option<u64>,
    /// `package.metadata.layer.third-party-max`.
    pub(crate) third_party_max: Option<u64>,
    pub(crate) published: bool,
    pub(crate) dependencies: Vec<Dependency>,
    /// The names of its features, `default` included.
    pub(crate) features: Vec<String>,
}

/// One line of a manifest's dependency tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// It is a folder of this workspace, and not from the registry.
    pub(crate) ours: bool,
    /// It names a version, so it stays in the published manifest.
    pub(crate) versioned: bool,
    pub(crate) features: Vec<String>,
}

/// Which table a dependency stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Normal,
    Build,
    Dev,
}

/// The folder of the workspace: the parent of this package's own.
pub(crate) fn root() -> Result<PathBuf> {
    let own = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    own.parent()
        .map(Path::to_owned)
        .context("the tools lie in a folder of the workspace")
}

impl Workspace {
    /// Asks cargo, without resolving anything.
    pub(crate) fn read(sh: &Shell) -> Result<Self> {
        let text = cmd!(sh, "cargo metadata --no-deps --format-version 1")
            .quiet()
            .read()?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self> {
        let metadata: Value = serde_json::from_str(text).context("cargo metadata is JSON")?;
        let mut packages: Vec<Package> = items(&metadata["packages"]).map(package).collect::<Result<_>>()?;
        packages.sort_by(|a, b| (a.floor, &a.name).cmp(&(b.floor, &b.name)));
        Ok(Self { packages })
    }

    /// The crates that users get, lowest floor first: what `crates/` holds.
    pub(crate) fn published(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| package.published)
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.packages.iter().any(|package| package.name == name)
    }

    /// The registry crates, as `name version`, that come along with a crate and its default features.
    pub(crate) fn third_party(&self, sh: &Shell, package: &str) -> Result<BTreeSet<String>> {
        let tree = cmd!(sh, "cargo tree -p {package} -e normal --prefix none")
            .quiet()
            .read()?;
        let mut crates = tree_lines(&tree);
        crates.retain(|line| !self.contains(crate_name(line)));
        Ok(crates)
    }
}

impl Package {
    /// The workspace crates it needs to be built, without those of its tests.
    pub(crate) fn stands_on(&self) -> impl Iterator<Item = &str> {
        self.dependencies
            .iter()
            .filter(|it| it.ours && it.kind != Kind::Dev)
            .map(|it| it.name.as_str())
    }
}

#[cfg(test)]
impl Package {
    /// A published package for the tables of the tests: a crate of ours is called `kusto…` or `xtask`.
    pub(crate) fn example(name: &str, floor: Option<u64>, dependencies: &[(Kind, &str)]) -> Self {
        let dependency = |&(kind, name): &(Kind, &str)| Dependency {
            name: name.to_owned(),
            kind,
            ours: name.starts_with("kusto") || name == "xtask",
            versioned: true,
            features: Vec::new(),
        };
        Self {
            name: name.to_owned(),
            version: "0.1.0".to_owned(),
            description: format!("Is {name}."),
            folder: Path::new("/w/crates").join(name),
            floor,
            third_party_max: None,
            published: true,
            dependencies: dependencies.iter().map(dependency).collect(),
            features: Vec::new(),
        }
    }
}

/// `tokio` of `tokio v1.49.0`.
pub(crate) fn crate_name(line: &str) -> &str {
    line.split(' ').next().unwrap_or(line)
}

/// The distinct `name version` pairs of a tree printed without its branches.
fn tree_lines(tree: &str) -> BTreeSet<String> {
    tree.lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            Some(format!("{} {}", words.next()?, words.next()?))
        })
        .collect()
}

fn package(json: &Value) -> Result<Package> {
    let layer = &json["metadata"]["layer"];
    let manifest = PathBuf::from(text(&json["manifest_path"])?);
    Ok(Package {
        name: text(&json["name"])?,
        version: text(&json["version"])?,
        description: json["description"].as_str().unwrap_or_default().trim().to_owned(),
        folder: manifest
            .parent()
            .context("a manifest lies in a folder")?
            .to_owned(),
        floor: layer["floor"].as_u64(),
        third_party_max: layer["third-party-max"].as_u64(),
        // `publish = false` is told as an empty list of registries.
        published: json["publish"]
            .as_array()
            .is_none_or(|registries| !registries.is_empty()),
        dependencies: items(&json["dependencies"])
            .map(dependency)
            .collect::<Result<_>>()?,
        features: json["features"]
            .as_object()
            .map(|features| features.keys().cloned().collect())
            .unwrap_or_default(),
    })
}

fn dependency(json: &Value) -> Result<Dependency> {
    Ok(Dependency {
        name: text(&json["name"])?,
        kind: match json["kind"].as_str() {
            Some("dev") => Kind::Dev,
            Some("build") => Kind::Build,
            _ => Kind::Normal,
        },
        ours: json["path"].is_string(),
        versioned: json["req"].as_str().is_some_and(|requirement| requirement != "*"),
        features: items(&json["features"]).map(text).collect::<Result<_>>()?,
    })
}

fn items(json: &Value) -> impl Iterator<Item = &Value> {
    json.as_array().into_iter().flatten()
}

fn text(json: &Value) -> Result<String> {
    json.as_str()
        .map(str::to_owned)
        .context("cargo metadata has the shape it is documented to have")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_tells_floor_budget_and_the_kind_of_each_dependency() {
        let read = Workspace::parse(
            r#"{"packages":[{"name":"upper","version":"0.1.0","description":"Up.","manifest_path":"/w/upper/Cargo.toml",
                "publish":null,"metadata":{"layer":{"floor":1,"third-party-max":9}},
                "dependencies":[{"name":"lower","kind":null,"req":"^0.1.0","path":"/w/lower","features":[]},
                                {"name":"upper","kind":"dev","req":"*","path":"/w/upper","features":["mock"]},
                                {"name":"bytes","kind":"build","req":"^1","features":[]}]},
               {"name":"tool","version":"0.1.0","description":null,"manifest_path":"/w/tool/Cargo.toml",
                "publish":[],"metadata":null,"dependencies":[]}]}"#,
        )
        .unwrap();
        let [tool, upper] = &read.packages[..] else {
            panic!("two packages, the one without a floor first")
        };
        assert!(!tool.published && upper.published);
        assert_eq!((upper.floor, upper.third_party_max), (Some(1), Some(9)));
        assert_eq!(upper.folder, Path::new("/w/upper"));
        let kinds: Vec<_> = upper
            .dependencies
            .iter()
            .map(|it| (it.kind, it.ours, it.versioned))
            .collect();
        assert_eq!(
            kinds,
            [
                (Kind::Normal, true, true),
                (Kind::Dev, true, false),
                (Kind::Build, false, true)
            ]
        );
        assert_eq!(upper.stands_on().collect::<Vec<_>>(), ["lower"]);
    }

    #[test]
    fn a_tree_is_read_once_per_crate_and_version() {
        let tree =
            "a v0.1.0 (/w/a)\nsyn v2.0.1\nserde_derive v1.0.0 (proc-macro)\nsyn v2.0.1 (*)\nsyn v1.0.9\n\n";
        let lines = tree_lines(tree);
        assert_eq!(
            lines.iter().collect::<Vec<_>>(),
            ["a v0.1.0", "serde_derive v1.0.0", "syn v1.0.9", "syn v2.0.1"]
        );
        assert_eq!(crate_name("syn v1.0.9"), "syn");
    }
}
