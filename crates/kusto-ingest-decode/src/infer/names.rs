//! Names that columns may have, each once.

use std::collections::{HashMap, HashSet};

/// The names, made valid and unique, in their order; an empty one becomes `Column` and its place from 1.
pub(super) fn unique<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let valid: Vec<String> = names.enumerate().map(|(at, name)| valid(name, at + 1)).collect();
    let mut taken: HashSet<String> = valid.iter().cloned().collect();
    let mut met: HashMap<&str, u64> = HashMap::new();
    let mut unique = Vec::with_capacity(valid.len());
    for name in &valid {
        unique.push(match met.get_mut(name.as_str()) {
            None => {
                met.insert(name, 1);
                name.clone()
            }
            Some(times) => loop {
                *times += 1;
                let free = format!("{name}_{times}");
                if taken.insert(free.clone()) {
                    break free;
                }
            },
        });
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
