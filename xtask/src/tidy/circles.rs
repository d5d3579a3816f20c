//! No circles: the files of a crate import each other one way.
//!
//! Two things are free. A file may re-export what its folder holds, and the files of a folder may name what the file
//! above them declares: Rust shows them its private items for that. It reads text as `rustfmt` leaves it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;
use std::slice;

use super::Finding::{self, Failure, Note};
use super::homes::without_tests;
use super::rust;

/// Imports that may close a circle: who imports, what, and why.
const CLOSING: &[(&str, &str, &str)] = &[
    (
        "crates/kusto-ingest-core/src/error.rs",
        "crates/kusto-ingest-core/src/receipt.rs",
        "an error carries the receipt of what may have been ingested",
    ),
    (
        "crates/kusto-ingest-core/src/error.rs",
        "crates/kusto-ingest-core/src/source_id.rs",
        "an error names its source, and the text of an id may be wrong",
    ),
];

/// Which files a file imports from, all by their paths from the root.
type Imports = BTreeMap<String, BTreeSet<String>>;

/// The circles among the files of each crate; takes the paths and texts of all files.
pub(super) fn check(files: &[(String, String)]) -> Vec<Finding> {
    let mut imports = Imports::new();
    let mut crates: BTreeMap<&str, Vec<Module>> = BTreeMap::new();
    for (path, text) in files {
        if let Some((package, file)) = path.split_once("/src/") {
            crates
                .entry(package)
                .or_default()
                .push(Module::new(path, file, text));
        }
    }
    for modules in crates.values() {
        for module in modules {
            imports.insert(module.file.clone(), module.imports(modules));
        }
    }
    let mut found = Vec::new();
    for (from, to, _) in CLOSING {
        let closes = imports.get_mut(*from).is_some_and(|its| its.remove(*to));
        let is_here = from
            .split_once("/src/")
            .is_some_and(|(package, _)| crates.contains_key(package));
        found.extend(
            (is_here && !closes).then(|| Note(format!("{from} may import from {to}, and does so no more"))),
        );
    }
    let mut told = BTreeSet::new();
    for file in imports.keys() {
        let Some(circle) = circle(&imports, file).filter(|_| !told.contains(file)) else {
            continue;
        };
        found.push(Failure(format!(
            "{}: these files import each other in a circle; move what both need into a file of its own",
            circle.join(" → ")
        )));
        told.extend(circle);
    }
    found
}

/// The shortest way from a file by imports back to it.
fn circle(imports: &Imports, start: &str) -> Option<Vec<String>> {
    let mut ways = VecDeque::from([vec![start.to_owned()]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        for next in way
            .last()
            .and_then(|last| imports.get(last))
            .into_iter()
            .flatten()
        {
            let further = [&way[..], slice::from_ref(next)].concat();
            if next == start {
                return Some(further);
            }
            if seen.insert(next) {
                ways.push_back(further);
            }
        }
    }
    None
}

/// A file as a module of its crate.
struct Module {
    file: String,
    /// Its path from the root of the crate, which has none.
    path: Vec<String>,
    /// Each name that it imports, and the path of that.
    names: Vec<(String, Vec<String>)>,
    /// All paths that it names and does not re-export.
    used: BTreeSet<Vec<String>>,
}

impl Module {
    fn new(file: &str, within: &str, text: &str) -> Self {
        let stem = within.trim_end_matches(".rs");
        let path = match stem {
            "lib" | "main" => Vec::new(),
            _ => segments(&stem.replace('/', "::")),
        };
        let (mut names, mut used) = (Vec::new(), BTreeSet::new());
        let mut code = rust::code_only(without_tests(text));
        for (public, place) in uses(&code) {
            for (name, path) in leaves(code[place.clone()].trim()) {
                used.extend((!public).then(|| path.clone()));
                names.push((name, path));
            }
            code.replace_range(place.clone(), &" ".repeat(place.len()));
        }
        used.extend(inline(&code));
        Self {
            file: file.to_owned(),
            path,
            names,
            used,
        }
    }

    /// The files that it imports from, but not those above it.
    fn imports(&self, modules: &[Self]) -> BTreeSet<String> {
        let homes = self.used.iter().filter_map(|path| home(modules, self, path, 0));
        let others = homes.filter(|home| !self.path.starts_with(&home.path));
        others.map(|home| home.file.clone()).collect()
    }
}

/// The file that declares what a module means by a path; none where it is of another crate.
fn home<'m>(modules: &'m [Module], from: &Module, path: &[String], depth: usize) -> Option<&'m Module> {
    let at = |path: &[String]| modules.iter().find(|module| module.path == path);
    let (mut place, mut rest) = match path.first()?.as_str() {
        "crate" => (Vec::new(), &path[1..]),
        "self" | "super" => (from.path.clone(), path),
        first => {
            let child = [&from.path[..], &[first.to_owned()]].concat();
            at(&child)?;
            (child, &path[1..])
        }
    };
    while let Some((first, after)) = rest.split_first() {
        match first.as_str() {
            "self" => {}
            "super" => drop(place.pop()),
            _ => match at(&[&place[..], slice::from_ref(first)].concat()) {
                Some(child) => place.clone_from(&child.path),
                None => break,
            },
        }
        rest = after;
    }
    let module = at(&place)?;
    // What it imports itself has its home elsewhere.
    let passed_on = rest.first().filter(|_| depth < 8).and_then(|name| {
        let imported = module.names.iter().filter(|(known, _)| known == name);
        imported
            .into_iter()
            .find_map(|(_, path)| home(modules, module, path, depth + 1))
    });
    passed_on.or(Some(module))
}

/// The `use` statements: whether each re-exports, and where its tree is.
fn uses(code: &str) -> Vec<(bool, Range<usize>)> {
    let statements = rust::words(code, "use").filter_map(|at| {
        let line = code[..at].rsplit('\n').next().unwrap_or_default().trim();
        let begins = line.is_empty() || line.starts_with("pub");
        let (start, length) = (at + "use".len(), code[at..].find(';')?);
        begins.then(|| (!line.is_empty(), start..at + length))
    });
    statements.collect()
}

/// The names that a tree of imports makes known, and the path of each.
fn leaves(tree: &str) -> Vec<(String, Vec<String>)> {
    let (stem, names) = match tree.split_once('{') {
        Some((stem, names)) => (stem, names.trim_end().trim_end_matches('}')),
        None => ("", tree),
    };
    let items = names.split(',').map(str::trim).filter(|item| !item.is_empty());
    let leaf = |item: &str| {
        let (path, alias) = item.split_once(" as ").unwrap_or((item, item));
        let mut path = segments(&format!("{stem}{path}"));
        path.pop_if(|last| last == "self");
        let name = match alias.rsplit("::").next() {
            Some("self") | None => path.last().cloned().unwrap_or_default(),
            Some(alias) => alias.to_owned(),
        };
        (name, path)
    };
    items.map(leaf).collect()
}

/// The paths in code: whatever has a `::` in it.
fn inline(code: &str) -> Vec<Vec<String>> {
    code.split(|it: char| !it.is_alphanumeric() && !matches!(it, '_' | ':'))
        .filter(|word| word.contains("::"))
        .map(segments)
        .filter(|path| path.len() > 1)
        .collect()
}

fn segments(path: &str) -> Vec<String> {
    let segments = path.split("::").map(str::trim).filter(|it| !it.is_empty());
    segments.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks a crate `a` of these files.
    fn of(files: &[(&str, &str)]) -> Vec<Finding> {
        let files = files.iter();
        let files = files.map(|(path, text)| (format!("crates/a/src/{path}.rs"), (*text).to_owned()));
        check(&files.collect::<Vec<_>>())
    }

    #[test]
    fn files_that_import_each_other_are_told_once() {
        let root = ("lib", "mod b;\nmod c;\npub use b::B;\npub use c::C;\n");
        let found = of(&[
            root,
            ("b", "use crate::C;\n"),
            ("c", "fn c() -> crate::b::B {}\n"),
        ]);
        let [Failure(told)] = &found[..] else {
            panic!("{found:?}");
        };
        let circle = "crates/a/src/b.rs → crates/a/src/c.rs → crates/a/src/b.rs: ";
        assert!(told.starts_with(circle), "{told}");
        assert_eq!(of(&[root, ("b", "use crate::C;\n"), ("c", "use d::B;\n")]), []);
        let in_a_test = "#[cfg(test)]\nmod tests {\n    use crate::B;\n}\n";
        assert_eq!(of(&[root, ("b", "use crate::C;\n"), ("c", in_a_test)]), []);
    }

    #[test]
    fn a_re_export_is_no_import() {
        let root = ("lib", "mod b;\nmod c;\n");
        let b = ("b", "mod inner;\npub(crate) use inner::Inner;\n");
        let (inner, c) = (("b/inner", "use crate::c::C;\n"), ("c", "use crate::b;\n"));
        assert_eq!(of(&[root, b, inner, c]), []);
    }

    #[test]
    fn a_name_has_its_home_where_it_is_declared_and_not_where_it_is_passed_on() {
        let root = ("lib", "mod b;\nmod c;\n");
        let passes_on = ("b", "mod inner;\npub(crate) use inner::{B as Passed, other};\n");
        let inner = ("b/inner", "use crate::c;\n");
        let found = of(&[root, passes_on, inner, ("c", "use crate::b::Passed;\n")]);
        assert!(
            matches!(&found[..], [Failure(told)] if told.contains("b/inner.rs → crates/a/src/c.rs")),
            "{found:?}"
        );
    }

    #[test]
    fn a_folder_may_use_the_file_above_it_which_may_use_the_folder() {
        let above = ("b", "mod inner;\nuse inner::Inner;\nfn b() { inner::f() }\n");
        let inner = ("b/inner", "use super::B;\nuse crate::b::other;\n");
        assert_eq!(of(&[("lib", "mod b;\n"), above, inner]), []);
        let siblings = [
            ("b/one", "use super::two::Two;\n"),
            ("b/two", "use super::one;\n"),
        ];
        assert_eq!(of(&[("b", ""), siblings[0], siblings[1]]).len(), 1);
    }
}
