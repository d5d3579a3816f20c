//! The rules of the floors, as functions over what cargo says; each answers with the sentences to print.

use std::collections::BTreeSet;

use crate::workspace::{Kind, Package, crate_name};

/// The tools build the workspace and are no part of it, so they stand on no floor.
const WITHOUT_FLOOR: &[&str] = &["xtask"];

/// The highest floor that holds no network, no runtime and no Azure crate.
pub(crate) const HIGHEST_LOGIC_FLOOR: u64 = 5;

/// What must not come along with a logic crate, however indirectly.
const ABOVE_LOGIC: &[&str] = &["tokio", "hyper", "reqwest", "rustls", "azure_core"];

/// A third-party crate that is at home in few of ours; a star stands for any ending.
struct Confined {
    pattern: &'static str,
    homes: &'static [&'static str],
}

const CONFINED: &[Confined] = &[
    Confined {
        pattern: "azure_core",
        homes: &[
            "kusto-auth",
            "kusto-transport-hyper",
            "kusto-endpoint-azure",
            "kusto-storage-azure",
            "kusto-ingest",
        ],
    },
    Confined {
        pattern: "azure_identity",
        homes: &["kusto-auth"],
    },
    Confined {
        pattern: "azure_storage_*",
        homes: &[],
    },
    Confined {
        pattern: "hyper*",
        homes: &["kusto-transport-hyper", "kusto-emulator"],
    },
    Confined {
        pattern: "rustls*",
        homes: &["kusto-transport-hyper", "kusto-emulator"],
    },
    Confined {
        pattern: "tokio",
        homes: &[
            "kusto-ingest-tokio",
            "kusto-ingest-watch",
            "kusto-transport-hyper",
            "kusto-emulator",
            "kusto-ingest",
            "kusto-ingest-cli",
        ],
    },
    Confined {
        pattern: "reqwest",
        homes: &[],
    },
];

/// Rules 1 and 2: every crate has a floor, and stands only on strictly lower ones, in its tests too.
pub(super) fn floors(packages: &[Package]) -> Vec<String> {
    let floor_of = |name: &str| packages.iter().find(|it| it.name == name).and_then(|it| it.floor);
    let mut broken = Vec::new();
    for package in packages
        .iter()
        .filter(|it| !WITHOUT_FLOOR.contains(&it.name.as_str()))
    {
        let Some(own) = package.floor else {
            broken.push(format!(
                "{} has no floor: add `[package.metadata.layer] floor = N`",
                package.name
            ));
            continue;
        };
        for needed in package.dependencies.iter().filter(|it| it.ours) {
            if needed.name == package.name {
                let is_for_tests = needed.kind == Kind::Dev && !needed.versioned;
                if !is_for_tests || !are_of_tests(&needed.features) {
                    broken.push(format!(
                        "{own} {} may only depend on itself for tests, by path alone, with features = [\"mock\", \"testing\"] or one of them",
                        package.name
                    ));
                }
                continue;
            }
            match floor_of(&needed.name) {
                Some(floor) if floor < own => {}
                Some(floor) => broken.push(format!(
                    "{own} {} may not depend on {floor} {}: only strictly lower floors carry it",
                    package.name, needed.name
                )),
                None => broken.push(format!(
                    "{} depends on {}, which has no floor",
                    package.name, needed.name
                )),
            }
        }
    }
    broken
}

/// Rule 3: a confined crate is named only by the crates it is at home in. Tests may use any.
pub(super) fn homes(packages: &[Package]) -> Vec<String> {
    let mut broken = Vec::new();
    for package in packages.iter().filter(|it| it.published || it.floor.is_none()) {
        for needed in package
            .dependencies
            .iter()
            .filter(|it| !it.ours && it.kind != Kind::Dev)
        {
            let confined = CONFINED.iter().find(|it| matches(it.pattern, &needed.name));
            if let Some(confined) = confined.filter(|it| !it.homes.contains(&package.name.as_str())) {
                let homes = if confined.homes.is_empty() {
                    "nowhere".to_owned()
                } else {
                    confined.homes.join(", ")
                };
                broken.push(format!(
                    "{} may not use {}, which is at home in: {homes}",
                    package.name, needed.name
                ));
            }
        }
    }
    broken
}

/// Rule 3, for what has no home at all: it is not even in the lock file.
pub(super) fn nowhere(lock_file: &str) -> Vec<String> {
    let locked = |name: &str| lock_file.lines().any(|line| line == format!("name = \"{name}\""));
    CONFINED
        .iter()
        .filter(|it| it.homes.is_empty() && locked(it.pattern))
        .map(|it| {
            format!(
                "{} is in Cargo.lock: `cargo tree -i {}` shows who brought it",
                it.pattern, it.pattern
            )
        })
        .collect()
}

/// Rule 4: nothing of the adapters comes along with a logic crate.
pub(super) fn leaks(package: &Package, brought: &BTreeSet<String>) -> Vec<String> {
    if package.floor.is_none_or(|floor| floor > HIGHEST_LOGIC_FLOOR) {
        return Vec::new();
    }
    brought
        .iter()
        .map(|line| crate_name(line))
        .filter(|name| ABOVE_LOGIC.contains(name))
        .map(|name| {
            format!(
                "{} brings {name} along: `cargo tree -p {} -i {name}`",
                package.name, package.name
            )
        })
        .collect()
}

/// Rule 5: a pick brings no more third-party crates than its manifest promises.
pub(super) fn budget(package: &Package, brought: usize) -> Option<String> {
    let Some(allowed) = package.third_party_max else {
        return Some(format!(
            "{} promises no `third-party-max` beside its floor: it brings {brought}",
            package.name
        ));
    };
    (brought as u64 > allowed).then(|| {
        format!(
            "{} brings {brought} third-party crates and promises {allowed}",
            package.name
        )
    })
}

fn matches(pattern: &str, name: &str) -> bool {
    pattern
        .strip_suffix('*')
        .map_or(pattern == name, |start| name.starts_with(start))
}

/// A crate's features that are there for tests alone: its mocks, and the data and set-up that tests share.
fn are_of_tests(features: &[String]) -> bool {
    let known = |feature: &String| ["mock", "testing"].contains(&feature.as_str());
    !features.is_empty() && features.iter().all(known)
}

#[cfg(test)]
mod tests {
    use super::*;
    #[track_caller]
    fn check(broken: &[String], expected: &[&str]) {
        assert_eq!(broken.len(), expected.len(), "{broken:#?}");
        for (sentence, part) in broken.iter().zip(expected) {
            assert!(sentence.contains(part), "{sentence:?} says nothing of {part:?}");
        }
    }

    #[test]
    fn only_strictly_lower_floors_carry_a_crate() {
        let low = Package::example("kusto-low", Some(1), &[]);
        let with = |it: Package| floors(&[low.clone(), it]);
        check(
            &with(Package::example(
                "kusto-up",
                Some(2),
                &[(Kind::Normal, "kusto-low")],
            )),
            &[],
        );
        for kind in [Kind::Normal, Kind::Build, Kind::Dev] {
            check(
                &with(Package::example("kusto-side", Some(1), &[(kind, "kusto-low")])),
                &["1 kusto-side may not depend on 1"],
            );
        }
        check(
            &with(Package::example("kusto-none", None, &[])),
            &["kusto-none has no floor"],
        );
        check(&with(Package::example("xtask", None, &[])), &[]);
        check(
            &with(Package::example("kusto-up", Some(9), &[(Kind::Dev, "xtask")])),
            &["xtask, which has no floor"],
        );
    }

    #[test]
    fn a_crate_may_meet_itself_only_to_borrow_what_it_has_for_tests() {
        let own = |kind, versioned, features: &[&str]| {
            let mut it = Package::example("kusto-a", Some(1), &[(kind, "kusto-a")]);
            it.dependencies[0].versioned = versioned;
            it.dependencies[0].features = features.iter().map(|&feature| feature.to_owned()).collect();
            floors(&[it])
        };
        check(&own(Kind::Dev, false, &["mock"]), &[]);
        check(&own(Kind::Dev, false, &["mock", "testing"]), &[]);
        check(&own(Kind::Dev, false, &["testing"]), &[]);
        check(&own(Kind::Dev, false, &["mock", "other"]), &["itself"]);
        check(&own(Kind::Dev, true, &["mock"]), &["itself"]);
        check(&own(Kind::Dev, false, &[]), &["itself"]);
        check(&own(Kind::Build, false, &["mock"]), &["itself"]);
    }

    #[test]
    fn confined_crates_stay_at_home_and_tests_may_use_them() {
        let check_one = |name: &str, kind, needed: &str, expected: &[&str]| {
            check(
                &homes(&[Package::example(name, Some(4), &[(kind, needed)])]),
                expected,
            );
        };
        check_one(
            "kusto-ingest-queued",
            Kind::Normal,
            "tokio",
            &["may not use tokio"],
        );
        check_one(
            "kusto-ingest-queued",
            Kind::Build,
            "hyper-util",
            &["kusto-transport-hyper, kusto-emulator"],
        );
        check_one("kusto-ingest-queued", Kind::Dev, "tokio", &[]);
        check_one("kusto-ingest-tokio", Kind::Normal, "tokio", &[]);
        check_one("kusto-auth", Kind::Normal, "azure_identity", &[]);
        check_one(
            "kusto-endpoint-azure",
            Kind::Normal,
            "azure_identity",
            &["at home in: kusto-auth"],
        );
        check_one(
            "kusto-storage-azure",
            Kind::Normal,
            "azure_storage_blob",
            &["at home in: nowhere"],
        );
        check_one(
            "kusto-transport-hyper",
            Kind::Normal,
            "reqwest",
            &["at home in: nowhere"],
        );
        check_one("kusto-ingest-queued", Kind::Normal, "tokio-util", &[]);
    }

    #[test]
    fn what_has_no_home_is_not_even_locked() {
        check(&nowhere("[[package]]\nname = \"hyper\"\n"), &[]);
        check(
            &nowhere("[[package]]\nname = \"reqwest\"\nversion = \"0.13.0\"\n"),
            &["reqwest is in Cargo.lock"],
        );
    }

    #[test]
    fn logic_crates_bring_nothing_of_the_rim() {
        let brought = BTreeSet::from(["bytes v1.10.0".to_owned(), "tokio v1.49.0".to_owned()]);
        check(
            &leaks(&Package::example("kusto-a", Some(4), &[]), &brought),
            &["kusto-a brings tokio along"],
        );
        check(&leaks(&Package::example("kusto-a", Some(6), &[]), &brought), &[]);
    }

    #[test]
    fn a_pick_keeps_its_promise() {
        let mut it = Package::example("kusto-a", Some(4), &[]);
        it.third_party_max = Some(3);
        assert_eq!(budget(&it, 3), None);
        assert!(
            budget(&it, 4)
                .unwrap()
                .contains("brings 4 third-party crates and promises 3")
        );
        it.third_party_max = None;
        assert!(budget(&it, 0).unwrap().contains("promises no"));
    }
}
