//! No file is forgotten: each below `src` and `tests/it` is a module of the file above it, so that it is built and run.

use std::collections::BTreeMap;

use super::Finding::{self, Failure};
use super::rust;

/// Where a program or a library begins.
const ROOTS: [&str; 2] = ["lib.rs", "main.rs"];

/// The files that no `mod` reaches; takes the paths and texts of all files.
pub(super) fn check(files: &[(String, String)]) -> Vec<Finding> {
    let texts: BTreeMap<&str, &str> = files.iter().map(|(path, text)| (&**path, &**text)).collect();
    let forgotten = texts.keys().filter(|path| !is_reached(path, &texts));
    let failure = |path: &&str| {
        let (folder, name) = path.rsplit_once('/').unwrap_or_default();
        let module = name.trim_end_matches(".rs");
        let above = above(folder);
        let above = above.iter().find(|it| texts.contains_key(&***it));
        Failure(match above {
            Some(above) => format!("{path}: it is not built; list it in {above}: `mod {module};`"),
            None => format!("{path}: it is not built; there is no {folder}.rs that lists it"),
        })
    };
    forgotten.map(failure).collect()
}

/// Whether the file above declares it. Whether that one is reached is asked on its own account.
fn is_reached(path: &str, texts: &BTreeMap<&str, &str>) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or_default();
    let is_root = ROOTS.contains(&name) && (folder.ends_with("/src") || folder.ends_with("/it"));
    if is_root || !(path.contains("/src/") || path.contains("/it/")) {
        return true;
    }
    let module = name.trim_end_matches(".rs");
    let mut above = above(folder).into_iter();
    above.any(|file| texts.get(&*file).is_some_and(|text| declares(text, module)))
}

/// The files that may declare the modules of a folder.
fn above(folder: &str) -> Vec<String> {
    let roots = ROOTS.iter().map(|root| format!("{folder}/{root}"));
    roots.chain([format!("{folder}.rs")]).collect()
}

fn declares(text: &str, module: &str) -> bool {
    let code = rust::code_only(text);
    rust::words(&code, "mod").any(|at| {
        let rest = code[at + 3..].trim_start().strip_prefix(module);
        rest.is_some_and(|rest| rest.trim_start().starts_with(';'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<Finding> {
        let owned = files
            .iter()
            .map(|&(path, text)| (path.to_owned(), text.to_owned()));
        check(&owned.collect::<Vec<_>>())
    }

    #[test]
    fn a_file_that_is_listed_by_the_one_above_it_is_built() {
        let files = [
            (
                "crates/a/src/lib.rs",
                "pub(crate) mod b;\n#[cfg(test)]\nmod tests;",
            ),
            ("crates/a/src/b.rs", "mod c;"),
            ("crates/a/src/b/c.rs", ""),
            ("crates/a/src/tests.rs", ""),
            ("crates/a/tests/it/main.rs", "mod d;"),
            ("crates/a/tests/it/d.rs", ""),
            ("crates/a/benches/e.rs", ""),
            ("tests/benches/f/main.rs", ""),
        ];
        assert_eq!(found(&files), []);
    }

    #[test]
    fn a_file_that_nothing_lists_is_refused() {
        for main in ["mod dd;", "// mod d;", "mod d { fn it() {} }", ""] {
            let files = [
                ("crates/a/tests/it/main.rs", main),
                ("crates/a/tests/it/d.rs", ""),
            ];
            let told =
                "crates/a/tests/it/d.rs: it is not built; list it in crates/a/tests/it/main.rs: `mod d;`";
            assert_eq!(found(&files), [Failure(told.to_owned())], "{main}");
        }
        let lost = [("tests/it/main.rs", "mod a;"), ("tests/it/b/c.rs", "")];
        let told = "tests/it/b/c.rs: it is not built; there is no tests/it/b.rs that lists it";
        assert_eq!(found(&lost), [Failure(told.to_owned())]);
    }
}
