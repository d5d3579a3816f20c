//! The wings of the command line: each imports only from wings before it, so that none needs itself by a detour.

use super::Finding::{self, Failure};
use super::rust;

const HOME: &str = "crates/kusto-ingest-cli/src/";

/// From the one that stands on none to the one that stands on all.
const WINGS: [&str; 5] = ["report", "args", "sign_in", "plan", "run"];

/// What a file of the command line names of a wing behind its own, and a file that is in no wing.
pub(super) fn check(path: &str, text: &str) -> Vec<Finding> {
    let Some(file) = path.strip_prefix(HOME).filter(|file| *file != "main.rs") else {
        return Vec::new();
    };
    let own = file.split(['/', '.']).next().unwrap_or_default();
    let Some(place) = WINGS.iter().position(|wing| *wing == own) else {
        return vec![Failure(format!(
            "{path}: is in none of the wings {}",
            WINGS.join(", ")
        ))];
    };
    let code = rust::code_only(text);
    let later = WINGS.iter().skip(place + 1).flat_map(|wing| {
        let named = format!("crate::{wing}");
        let places: Vec<usize> = code.match_indices(&named).map(|(at, _)| at).collect();
        places.into_iter().map(move |at| (wing, at))
    });
    later
        .map(|(wing, at)| {
            let line = rust::line_of(&code, at);
            Failure(format!("{path}:{line}: {own} names {wing}, which stands on it"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wing_names_only_wings_before_it() {
        for (file, text, faults) in [
            ("plan/a.rs", "use crate::args::A;\nuse crate::report;", 0),
            ("plan/a.rs", "// crate::run\n", 0),
            ("report.rs", "use crate::args::A;", 1),
            ("args/b.rs", "fn f() { crate::plan::g() }\nuse crate::run;", 2),
            ("main.rs", "use crate::run;", 0),
            ("other.rs", "", 1),
        ] {
            assert_eq!(
                check(&format!("{HOME}{file}"), text).len(),
                faults,
                "{file} {text}"
            );
        }
        assert!(check("crates/kusto-ingest/src/other.rs", "use crate::run;").is_empty());
    }
}
