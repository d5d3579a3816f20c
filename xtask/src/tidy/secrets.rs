//! Types that hold a secret write their `Debug` by hand: a derived one prints what it must not.

use super::Finding::{self, Failure};
use super::rust;

/// Types that hold a signature, a key or a token.
const SECRET_TYPES: &[&str] = &[
    "AccessToken",
    "BlobUri",
    "ConnectionString",
    "IdentityToken",
    "ResourceUri",
    "SasUrl",
    "Secret",
];

/// Endings that give a secret away.
const SECRET_ENDINGS: &[&str] = &["Credential", "Password", "Secret", "Signature", "Token"];

/// Names that merely sound like one, and why.
const INNOCENT: &[(&str, &str)] = &[("ContinuationToken", "a place in a listing, no proof of identity")];

/// The types of a file that look secret and derive `Debug` all the same.
pub(super) fn check(path: &str, text: &str) -> Vec<Finding> {
    let code = rust::code_only(text);
    let mut found = Vec::new();
    for keyword in ["struct", "enum"] {
        for at in rust::words(&code, keyword) {
            let name = code[at + keyword.len()..].trim_start();
            let name = &name[..name.find(|it: char| !it.is_alphanumeric()).unwrap_or(name.len())];
            if looks_secret(name) && derives_debug(&code[..at]) {
                let line = rust::line_of(&code, at);
                found.push(Failure(format!(
                    "{path}:{line}: {name} holds a secret and derives Debug; write it by hand"
                )));
            }
        }
    }
    found
}

fn looks_secret(name: &str) -> bool {
    let innocent = INNOCENT.iter().any(|&(it, _)| it == name);
    !innocent && (SECRET_TYPES.contains(&name) || SECRET_ENDINGS.iter().any(|ending| name.ends_with(ending)))
}

/// Whether the attributes that end the text, those of the item that follows it, derive `Debug`.
fn derives_debug(before: &str) -> bool {
    let start = before.rfind([';', '{', '}']).map_or(0, |at| at + 1);
    let attributes = &before[start..];
    attributes.match_indices("derive(").any(|(at, _)| {
        let list = &attributes[at..];
        let list = &list[..list.find(')').unwrap_or(list.len())];
        rust::words(list, "Debug").next().is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_type_may_not_derive_debug() {
        let refused = |text: &str| !check("a.rs", text).is_empty();
        assert!(refused(
            "#[derive(Clone, Debug)]\npub struct IdentityToken(String);"
        ));
        assert!(refused(
            "#[derive(\n    Clone,\n    Debug,\n)]\n#[non_exhaustive]\npub enum ResourceUri { A }"
        ));
        assert!(refused(
            "struct A {}\n#[cfg_attr(test, derive(Debug))]\nstruct BearerToken;"
        ));
        assert!(!refused("#[derive(Clone)]\npub struct IdentityToken(String);"));
        assert!(!refused("#[derive(Debug)]\nstruct A;\nstruct ResourceUri;"));
        assert!(!refused(
            "#[derive(Debug)]\nstruct Tokens;\n// #[derive(Debug)] struct Secret;"
        ));
        assert!(!refused("#[derive(Debug)]\nstruct ContinuationToken;"));
    }

    #[test]
    fn the_finding_names_the_place() {
        let found = check("crates/a/src/b.rs", "//! B.\n#[derive(Debug)]\nstruct Secret;");
        let place = "crates/a/src/b.rs:3: Secret holds a secret and derives Debug; write it by hand";
        assert_eq!(found, [Failure(place.to_owned())]);
    }
}
