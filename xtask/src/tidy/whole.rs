//! The facade is whole: no public signature that can be reached from it names a type that it does not export.
//!
//! It reads text as `rustfmt` leaves it, and not the compiler's mind: what a macro writes, it does not see.

use std::collections::{BTreeMap, BTreeSet};

use super::Finding::{self, Failure};
use super::homes::without_tests;
use super::rust;

const FACADE: &str = "crates/kusto-ingest/src/";

/// A type, function or trait, by the crate that exports it.
type Name = (String, String);

/// What public signatures name that the facade does not export; takes the paths and texts of all files.
pub(super) fn check(files: &[(String, String)]) -> Vec<Finding> {
    let code: Vec<(&str, String)> = files
        .iter()
        .filter(|(path, _)| path.starts_with("crates/") && path.contains("/src/"))
        .map(|(path, text)| (path.as_str(), rust::code_only(without_tests(text))))
        .collect();
    let mut exported = BTreeSet::new();
    for (_, text) in code.iter().filter(|(path, _)| path.starts_with(FACADE)) {
        exported.extend(uses(text, "pub use ").into_iter().filter_map(of_a_crate));
    }
    let mut public = BTreeSet::new();
    for (path, text) in code.iter().filter(|(path, _)| path.ends_with("/src/lib.rs")) {
        let own = crate_of(path);
        // What a crate passes on from another is exported under both names.
        for used in uses(text, "pub use ") {
            let passed_on = exported.contains(&(own.clone(), used.alias.clone()));
            exported.extend(of_a_crate(used).filter(|_| passed_on));
        }
        let named = uses(text, "pub use ").into_iter();
        public.extend(
            named
                .filter(|it| is_type(&it.name))
                .map(|it| (own.clone(), it.name)),
        );
    }
    let mut found = Vec::new();
    for (path, text) in &code {
        let own = crate_of(path);
        let imported: BTreeMap<String, Name> = uses(text, "use ")
            .into_iter()
            .filter_map(|it| Some((it.alias.clone(), of_a_crate(it)?)))
            .collect();
        for (line, owner, signature) in signatures(text) {
            if !exported.contains(&(own.clone(), owner.to_owned())) {
                continue;
            }
            for word in capitalised(signature) {
                let meant = imported.get(word).cloned();
                let meant = meant.unwrap_or_else(|| (own.clone(), word.to_owned()));
                if public.contains(&meant) && !exported.contains(&meant) {
                    let (home, name) = meant;
                    found.push(Failure(format!(
                        "{path}:{line}: a signature of {owner} names {name} of {home}, which kusto-ingest does not export"
                    )));
                }
            }
        }
    }
    found
}

/// One name of a `use`.
struct Used {
    path: String,
    name: String,
    alias: String,
}

/// The names of all statements that begin so, at the start of a line.
fn uses(code: &str, keyword: &str) -> Vec<Used> {
    let mut found = Vec::new();
    let starts = code.match_indices(keyword).map(|(at, _)| at);
    for at in starts.filter(|&at| at == 0 || code[..at].ends_with('\n')) {
        let statement = code[at + keyword.len()..].split(';').next().unwrap_or_default();
        let (path, names) = match statement.split_once('{') {
            Some((path, names)) => (path, names.trim_end().trim_end_matches('}')),
            None => match statement.rsplit_once("::") {
                Some((path, name)) => (path, name),
                None => continue,
            },
        };
        for item in names.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            let (name, alias) = item.split_once(" as ").unwrap_or((item, item));
            found.push(Used {
                path: path.trim().trim_end_matches("::").to_owned(),
                name: name.to_owned(),
                alias: alias.to_owned(),
            });
        }
    }
    found
}

/// The name, if it is one of a crate of ours: `kusto_storage::BlobName` is one of `kusto-storage`.
fn of_a_crate(used: Used) -> Option<Name> {
    let home = used
        .path
        .split("::")
        .next()
        .filter(|it| it.starts_with("kusto_"))?;
    Some((home.replace('_', "-"), used.name))
}

fn crate_of(path: &str) -> String {
    path.split('/').nth(1).unwrap_or_default().to_owned()
}

fn is_type(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.contains(|it: char| it.is_ascii_lowercase())
}

fn capitalised(signature: &str) -> impl Iterator<Item = &str> {
    signature
        .split(|it: char| !it.is_alphanumeric() && it != '_')
        .filter(|word| is_type(word))
}

/// Public signatures, each with its line and whose it is.
fn signatures(code: &str) -> Vec<(usize, &str, &str)> {
    let mut found = Vec::new();
    let (mut owner, mut block) = ("", Block::Other);
    let mut start = 0;
    for (number, line) in code.split_inclusive('\n').enumerate() {
        let statement = &code[start..];
        start += line.len();
        let end = |stops: [char; 2]| statement.find(stops).unwrap_or(statement.len());
        if let Some((begun, name)) = opening(line) {
            (block, owner) = (begun, name);
            let stops = if begun == Block::Statement {
                [';', '{']
            } else {
                ['{', '\n']
            };
            found.push((number + 1, owner, &statement[..end(stops)]));
        } else if line.starts_with('}') {
            block = Block::Other;
        } else if block.is_signature(line) {
            let stops = if block == Block::Fields {
                ['\n', '\n']
            } else {
                ['{', ';']
            };
            found.push((number + 1, owner, &statement[..end(stops)]));
        }
    }
    found
}

/// What is between two braces, as far as it matters what is public in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Block {
    /// Fields and variants, which may have fields of their own.
    Fields,
    /// The methods of a trait are as public as it.
    Trait,
    /// Methods that say `pub`, and types that a trait asks for.
    Impl,
    /// It has none.
    Statement,
    Other,
}

impl Block {
    fn is_signature(self, line: &str) -> bool {
        let inner = line.strip_prefix("    ").unwrap_or_default();
        let begins = |words: &[&str]| words.iter().any(|word| inner.starts_with(word));
        match self {
            Self::Fields => begins(&["pub "]) || inner.starts_with(|it: char| it.is_uppercase() || it == ' '),
            Self::Trait => begins(&["fn ", "async fn ", "type "]),
            Self::Impl => begins(&["pub fn ", "pub const ", "pub async fn ", "type "]),
            Self::Statement | Self::Other => false,
        }
    }
}

/// What a line at the left edge begins, and whose it is.
fn opening(line: &str) -> Option<(Block, &str)> {
    let begins = [
        ("pub struct ", Block::Fields),
        ("pub enum ", Block::Fields),
        ("pub trait ", Block::Trait),
        ("pub fn ", Block::Statement),
        ("pub async fn ", Block::Statement),
        ("pub const fn ", Block::Statement),
        ("pub type ", Block::Statement),
    ];
    for (words, block) in begins {
        if let Some(rest) = line.strip_prefix(words) {
            return Some((block, first_word(rest)));
        }
    }
    let header = line.strip_prefix("impl")?;
    let after_generics = match header.strip_prefix('<') {
        Some(_) => &header[closing(header)..],
        None => header,
    };
    let target = match after_generics.split_once(" for ") {
        Some((_, target)) => target,
        None => after_generics,
    };
    Some((Block::Impl, first_word(target.trim_start())))
}

/// Where the first angle bracket is closed.
fn closing(text: &str) -> usize {
    let mut depth = 0;
    for (at, character) in text.char_indices() {
        match character {
            '<' => depth += 1,
            '>' if !text[..at].ends_with('-') => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    text.len()
}

fn first_word(text: &str) -> &str {
    text.split(|it: char| !it.is_alphanumeric() && it != '_')
        .next()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(facade: &str, storage: &str) -> Vec<Finding> {
        let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
        check(&[
            file("crates/kusto-ingest/src/lib.rs", facade),
            file(
                "crates/kusto-storage/src/lib.rs",
                "pub use blob::{BlobStore, Page, Place};\n",
            ),
            file("crates/kusto-storage/src/blob.rs", storage),
        ])
    }

    #[test]
    fn a_type_of_a_reachable_signature_is_exported() {
        let facade = "pub use kusto_storage::{\n    BlobStore, Place,\n};\n";
        for hole in [
            "pub trait BlobStore {\n    fn list(\n        &self,\n    ) -> Vec<Page>;\n}\n",
            "impl<'a, T: Fn() -> u8> Place<'a, T> {\n    pub fn page(&self) -> &Page {\n        todo\n    }\n}\n",
            "pub struct Place {\n    pub page: Page,\n}\n",
            "pub enum Place {\n    One {\n        page: Page,\n    },\n}\n",
            "impl From<Page> for Place {\n}\n",
        ] {
            let found = of(facade, hole);
            assert_eq!(found.len(), 1, "{hole} {found:?}");
        }
    }

    #[test]
    fn what_cannot_be_reached_needs_no_export() {
        let facade = "pub use kusto_storage::{BlobStore, Place};\n";
        for whole in [
            "impl Page {\n    pub fn next(&self) -> Page {}\n}\n",
            "pub struct Place {\n    page: Page,\n}\n",
            "impl Place {\n    fn page(&self) -> Page {\n        Page::new()\n    }\n}\n",
            "impl Place {\n    pub fn page(&self) -> u8 {\n        Page::new().into()\n    }\n}\n",
            "pub trait BlobStore {\n    /// Of a [`Page`].\n    fn list(&self) -> Place;\n}\n",
        ] {
            assert_eq!(of(facade, whole), [], "{whole}");
        }
        assert_eq!(
            of(
                "pub use kusto_storage::{BlobStore, Page};\n",
                "pub trait BlobStore {\n    fn a(&self) -> Page;\n}\n"
            ),
            []
        );
    }
}
