//! What has one home: trying again, waiting, reading `Retry-After`, fetching once for many, drawing random numbers.

use super::Finding::{self, Failure, Note};
use super::rust;

/// Something that is done in one place, and by all others through it.
struct Home {
    /// What it is, for people.
    what: &'static str,
    /// The files where it is at home, and those that do it for a reason of their own: a path, or a folder of a crate.
    places: &'static [(&'static str, &'static str)],
    /// What others do instead.
    instead: &'static str,
    /// In which lines of a file it is done; takes its text without its tests.
    finds: fn(&str) -> Vec<usize>,
}

const USE_CORE: &str = "has its home in crates/kusto-ingest-core/src; use that";

const HOMES: &[Home] = &[
    Home {
        what: "sleeping by a clock",
        places: &[
            (
                "crates/kusto-ingest-core/src/retry/engine.rs",
                "the engine that tries again",
            ),
            (
                "crates/kusto-ingest-core/src/clock/deadline.rs",
                "a limit of time",
            ),
            (
                "crates/kusto-ingest-core/src/cache/refresh.rs",
                "the wait for a refresh",
            ),
            ("crates/kusto-ingest-status/src/waiting.rs", "polls"),
            ("crates/kusto-ingest-status/src/router/watch.rs", "polls"),
            ("crates/kusto-ingest-status/src/operations/wait.rs", "polls"),
            ("crates/kusto-ingest-direct/src/operations.rs", "polls"),
            ("crates/kusto-ingest-direct/src/from_storage.rs", "polls"),
            (
                "crates/kusto-auth/src/provider/device_code.rs",
                "polls, as the service paces it",
            ),
            (
                "crates/kusto-ingest-testkit/",
                "suites wait for what a service does by itself",
            ),
            (
                "crates/kusto-ingest-cli/src/report/progress/lines.rs",
                "a line of progress now and then",
            ),
            (
                "crates/kusto-ingest-cli/src/args/rate_limit.rs",
                "the pace that somebody asked for",
            ),
            (
                "crates/kusto-ingest-watch/src/watcher/course.rs",
                "a look at a folder now and then",
            ),
            (
                "crates/kusto-ingest-cli/src/run/watch/metrics.rs",
                "a pause where nobody can be let in",
            ),
            ("crates/kusto-emulator/", "a service, and no client of one"),
        ],
        instead: USE_CORE,
        finds: |text| calls(text, "sleep"),
    },
    Home {
        what: "reading a `Retry-After` header",
        places: &[
            ("crates/kusto-ingest-core/src/retry_after.rs", "the one reading"),
            ("crates/kusto-emulator/", "a service, which writes it"),
        ],
        instead: USE_CORE,
        finds: names_the_header,
    },
    Home {
        what: "fetching once for many",
        places: &[
            ("crates/kusto-ingest-core/src/cache.rs", "the cache"),
            (
                "crates/kusto-ingest-rest/src/batch/seat.rs",
                "a request that several sources share, which is sent and not fetched",
            ),
        ],
        instead: USE_CORE,
        // A method of that name is a flight only where futures have it.
        finds: |text| match text.contains("FutureExt") {
            true => calls(text, "shared"),
            false => Vec::new(),
        },
    },
    Home {
        what: "drawing a random number",
        places: &[
            ("crates/kusto-ingest-core/src/source_id.rs", "the id of a source"),
            ("crates/kusto-ingest-core/src/source.rs", "the id of a source"),
            (
                "crates/kusto-ingest-rows/src/rows.rs",
                "the id that all chunks share",
            ),
            (
                "crates/kusto-ingest-queued/src/prepare/new_record.rs",
                "the status row of a chunk",
            ),
            (
                "crates/kusto-ingest-cli/src/plan/properties.rs",
                "the id of a source",
            ),
            ("crates/kusto-endpoint/src/request.rs", "the id of a request"),
            (
                "crates/kusto-endpoint/src/streaming/call.rs",
                "the id of a request",
            ),
            (
                "crates/kusto-auth/src/certificate/assertion.rs",
                "the id of an assertion",
            ),
            ("crates/kusto-auth/src/attempts.rs", "jitter of sign-in"),
            (
                "crates/kusto-ingest-resources/src/manager.rs",
                "jitter, and the order of accounts that do alike",
            ),
            (
                "crates/kusto-ingest-upload/src/random.rs",
                "jitter, and the names of blobs",
            ),
            ("crates/kusto-endpoint/src/queued/call.rs", "the id of a request"),
            ("crates/kusto-storage-azure/src/call.rs", "the id of a request"),
            (
                "crates/kusto-ingest-journal/src/journal/builder.rs",
                "the id of a journal",
            ),
            ("crates/kusto-ingest-tokio/", "names of files that nobody has"),
            ("crates/kusto-ingest-testkit/", "the ids of what suites make"),
            ("crates/kusto-fake/", "a service"),
            ("crates/kusto-emulator/", "a service"),
        ],
        instead: "is done in few places; take the number as an argument",
        finds: draws,
    },
];

/// What a file of the libraries does that has its home elsewhere.
pub(super) fn check(path: &str, text: &str) -> Vec<Finding> {
    if !path.starts_with("crates/") || !path.contains("/src/") {
        return Vec::new();
    }
    let text = without_tests(text);
    HOMES
        .iter()
        .filter(|home| !home.is_at(path))
        .flat_map(|home| (home.finds)(text).into_iter().map(move |line| (home, line)))
        .map(|(home, line)| Failure(format!("{path}:{line}: {} {}", home.what, home.instead)))
        .collect()
}

/// Places that nothing is done in any more; takes the paths and texts of all files.
pub(super) fn unused(files: &[(String, String)]) -> Vec<Finding> {
    let does = |home: &Home, place: &str| {
        files
            .iter()
            .filter(|(path, _)| path.starts_with(place))
            .any(|(_, text)| !(home.finds)(without_tests(text)).is_empty())
    };
    HOMES
        .iter()
        .flat_map(|home| home.places.iter().map(move |(place, _)| (home, *place)))
        .filter(|(home, place)| !does(home, place))
        .map(|(home, place)| {
            Note(format!(
                "{place} is listed for {}, and does it no more",
                home.what
            ))
        })
        .collect()
}

impl Home {
    fn is_at(&self, path: &str) -> bool {
        self.places
            .iter()
            .any(|(place, _)| path == *place || (place.ends_with('/') && path.starts_with(place)))
    }
}

/// In which lines a method of a name is called, which may begin a line of its own.
fn calls(text: &str, method: &str) -> Vec<usize> {
    let code = rust::code_only(text);
    let is_call = |at: &usize| code[..*at].ends_with('.') && code[at + method.len()..].starts_with('(');
    rust::words(&code, method)
        .filter(is_call)
        .map(|at| rust::line_of(&code, at))
        .collect()
}

/// In which lines the header is named, in quotes or by the constant of another crate, but not in comments.
fn names_the_header(text: &str) -> Vec<usize> {
    let names = [
        "\"retry-after",
        "\"x-ms-retry-after",
        "header::retry_after",
        "headers::retry_after",
    ];
    let lines = text.lines().map(str::to_ascii_lowercase).enumerate();
    lines
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .filter(|(_, line)| names.iter().any(|name| line.contains(name)))
        .map(|(at, _)| at + 1)
        .collect()
}

/// In which lines a number is drawn, be it as a UUID.
fn draws(text: &str) -> Vec<usize> {
    let code = rust::code_only(text);
    let draws = |at: &usize| {
        let before = &code[..*at];
        before.ends_with("Uuid::") || before.ends_with("SourceId::")
    };
    ["new_v4", "random"]
        .iter()
        .flat_map(|word| rust::words(&code, word).filter(draws))
        .map(|at| rust::line_of(&code, at))
        .collect()
}

pub(super) fn without_tests(text: &str) -> &str {
    &text[..text.find("#[cfg(test)]\nmod tests").unwrap_or(text.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failures(path: &str, text: &str) -> usize {
        check(path, text).len()
    }

    #[test]
    fn waiting_is_done_by_the_engine_and_by_what_polls() {
        let sleeps = "//! A.\nasync fn f() { self.clock.sleep(wait).await; }\n";
        assert_eq!(
            failures("crates/kusto-ingest-core/src/retry/engine.rs", sleeps),
            0
        );
        assert_eq!(failures("crates/kusto-emulator/src/server/any.rs", sleeps), 0);
        assert_eq!(failures("crates/kusto-ingest-upload/src/container.rs", sleeps), 1);
        assert_eq!(
            failures("crates/kusto-ingest-upload/tests/container.rs", sleeps),
            0,
            "a test"
        );
        let defines = "//! A.\nasync fn sleep(&self) {} // clock.sleep(\n";
        assert_eq!(failures("crates/kusto-ingest-tokio/src/clock.rs", defines), 0);
        let split = "//! A.\nasync fn f() { clock\n    .sleep(wait).await; }\n";
        let found = check("crates/a/src/b.rs", split);
        assert!(
            matches!(&found[..], [Failure(text)] if text.contains("b.rs:3")),
            "{found:?}"
        );
    }

    #[test]
    fn the_header_is_read_in_one_place() {
        for reads in [
            "//! A.\nlet wait = header(\"Retry-After\");\n",
            "//! A.\nlet wait = header(\"x-ms-retry-after-ms\");\n",
            "//! A.\nlet wait = headers.get(header::RETRY_AFTER);\n",
        ] {
            assert_eq!(failures("crates/kusto-ingest-core/src/retry_after.rs", reads), 0);
            assert_eq!(failures("crates/kusto-auth/src/other.rs", reads), 1, "{reads}");
        }
        let only_in_a_test = "//! A.\n// \"retry-after\"\n#[cfg(test)]\nmod tests { \"retry-after\" }\n";
        assert_eq!(failures("crates/kusto-auth/src/other.rs", only_in_a_test), 0);
    }

    #[test]
    fn flights_are_made_by_the_cache() {
        let flies = "//! A.\nuse futures::FutureExt;\nlet flight = fetch.boxed().shared();\n";
        assert_eq!(failures("crates/kusto-ingest-core/src/cache.rs", flies), 0);
        assert_eq!(failures("crates/kusto-ingest-resources/src/manager.rs", flies), 1);
        let other = "//! A.\nstruct Shared;\nlet shared = self.shared();\n";
        assert_eq!(failures("crates/kusto-ingest-resources/src/manager.rs", other), 0);
    }

    #[test]
    fn random_numbers_are_arguments_but_in_few_places() {
        let draws = "//! A.\nfn f() { Uuid::new_v4() }\nfn g() { SourceId::random() }\n";
        assert_eq!(failures("crates/kusto-ingest-upload/src/random.rs", draws), 0);
        assert_eq!(failures("crates/kusto-ingest-upload/src/container.rs", draws), 2);
        let given = "//! A.\nfn f(random: u64) { draw(random); Self::random() }\n";
        assert_eq!(failures("crates/kusto-ingest-upload/src/container.rs", given), 0);
    }

    #[test]
    fn a_place_that_is_not_needed_any_more_is_noted() {
        let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
        let all = unused(&[file(
            "crates/kusto-ingest-core/src/retry/engine.rs",
            "clock.sleep(wait)",
        )]);
        let noted = |place: &str| {
            all.iter()
                .any(|found| matches!(found, Note(text) if text.starts_with(place)))
        };
        assert!(noted("crates/kusto-ingest-core/src/clock/deadline.rs"));
        assert!(!noted("crates/kusto-ingest-core/src/retry/engine.rs"));
    }
}
