//! Names that columns may have, each once.

use std::collections::HashSet;

/// The names, made valid and unique, in their order; an empty one becomes `Column` and its place from 1.
pub(super) fn unique<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let valid: Vec<String> = names.enumerate().map(|(at, name)| valid(name, at + 1)).collect();
    let mut given: HashSet<String> = HashSet::new();
    let mut unique = Vec::with_capacity(valid.len());
    for (at, name) in valid.iter().enumerate() {
        let is_free = |name: &str, given: &HashSet<String>| {
            !given.contains(name) && !valid[at + 1..].iter().any(|later| later == name)
        };
        let free = match given.contains(name) {
            false => name.clone(),
            true => (2..)
                .map(|count| format!("{name}_{count}"))
                .find(|name| is_free(name, &given))
                .unwrap_or_default(),
        };
        given.insert(free.clone());
        unique.push(free);
    }
    unique
}

/// A name with only letters, digits, `_`, `-`, `.` and blanks, no longer than Kusto allows.
fn valid(name: &str, place: usize) -> String {
    let name: String = name
        .trim()
        .chars()
        .map(|next| {
            if next.is_alphanumeric() || "_-. ".contains(next) {
                next
            } else {
                '_'
            }
        })
        .take(1000)
        .collect();
    match name.trim() {
        "" => format!("Column{place}"),
        trimmed => trimmed.to_owned(),
    }
}

/// The JSONPath of a member of the root.
pub(super) fn path_to(name: &str) -> String {
    let escaped = name.replace('\\', r"\\").replace('\'', r"\'");
    format!("$['{escaped}']")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_valid_and_unique() {
        let made = |names: &[&str]| unique(names.iter().copied());
        assert_eq!(made(&["a", "b"]), ["a", "b"]);
        assert_eq!(made(&["", " x ", "a$b", ""]), ["Column1", "x", "a_b", "Column4"]);
        assert_eq!(made(&["a", "a", "a_2", "a"]), ["a", "a_3", "a_2", "a_4"]);
        assert_eq!(made(&["Column2", ""]), ["Column2", "Column2_2"]);
    }
}
