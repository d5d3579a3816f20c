//! Commands that are ended in the middle, as a crash would, and what has to be true when they were run again.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Child;
use std::time::Duration;

use kusto_emulator::{Emulator, HttpFault, HttpFaultPlan, Route};
use kusto_ingest::journal::Shard;
use kusto_ingest::testing::{Operation, RequestKind};
use serde_json::Value;

use crate::setup::command::{end, run, start};
use crate::setup::folder::Folder;
use crate::setup::kusto::Kusto;
use crate::setup::poll::while_it_runs;

/// Where a command is ended.
#[derive(Clone, Copy, Debug)]
pub(crate) enum KillPoint {
    /// At a line of its journal, as `KUSTO_INGEST_ABORT_AT_LINE` has it.
    Line(&'static str),
    /// When the request of this number, from zero, has come, and before anything was done.
    Before(Route, u64),
    /// When it was carried out, and before it is answered.
    After(Route, u64),
}

impl KillPoint {
    /// Whether a message is in a queue whose sender cannot know of it: what it names comes twice, and must be named.
    pub(crate) fn is_behind_a_message(self) -> bool {
        matches!(self, Self::After(Route::Storage(Operation::PutMessage), _))
    }
}

/// Starts a command, which ends at a line of its journal where one is named, and ends it at a point.
pub(crate) fn kill_at(point: KillPoint, emulator: &Emulator, start: impl FnOnce(Option<&str>) -> Child) {
    let long = Duration::from_secs(3600);
    let (fault, route, number) = match point {
        KillPoint::Line(line) => {
            let ran = end(start(Some(line)));
            assert_eq!(ran.code, -1, "{point:?}: {ran:?}");
            return;
        }
        KillPoint::Before(route, number) => (HttpFault::Delay(long), route, number),
        KillPoint::After(route, number) => (HttpFault::ResponseDelayed(long), route, number),
    };
    let count = || match point {
        KillPoint::After(..) => carried_out(emulator, route),
        _ => emulator.request_count(route),
    };
    let before = count();
    let plan = HttpFaultPlan::new(fault)
        .on(route)
        .after(u32::try_from(number).expect("a few"))
        .forever();
    emulator.plan(plan);
    let mut child = start(None);
    while_it_runs(&mut child, || count() > before + number);
    child.kill().expect("it runs");
    end(child);
    emulator.clear_faults();
}

/// How many requests of a route have come as far as the Kusto itself, which carries out what it counts: an emulator counts
/// a request when its head is there.
fn carried_out(emulator: &Emulator, route: Route) -> u64 {
    let fake = emulator.fake();
    match route {
        Route::Storage(operation) => fake.storage().request_count(operation),
        Route::Management => {
            let asked = [
                RequestKind::IngestionResources,
                RequestKind::IdentityToken,
                RequestKind::Schema,
                RequestKind::Mappings,
            ];
            asked.map(|kind| fake.request_count(kind)).iter().sum()
        }
        other => panic!("nothing counts what is done of {other}"),
    }
}

/// A folder of files that is ingested by commands which are ended in the middle.
pub(crate) struct KilledJob {
    pub(crate) folder: Folder,
    pub(crate) kusto: Kusto,
    /// The number of each file, which is its name and in its rows.
    numbers: Vec<i64>,
    shards: usize,
}

impl KilledJob {
    /// So many files, of which each has two rows with its number, and each shard has as many: which one takes a file is
    /// told by its whole path, and so by where these tests run.
    pub(crate) fn new(name: &str, files: usize, shards: usize) -> Self {
        let folder = Folder::new(name);
        let mut numbers = Vec::new();
        for shard in 0..shards {
            let shard = Shard::new(small(shard), small(shards)).expect("there is one");
            let is_taken = |number: &i64| shard.takes(&format!("{}/data/{number}.csv", folder.path()));
            numbers.extend((0..).filter(is_taken).take(files / shards));
        }
        for number in &numbers {
            folder.write(&format!("data/{number}.csv"), format!("{number}\n{number}\n"));
        }
        Self {
            folder,
            kusto: Kusto::with(&["D.T(a:long)"]),
            numbers,
            shards,
        }
    }

    fn arguments(&self, shard: usize) -> Vec<String> {
        let mut all = vec!["ingest".to_owned(), format!("{}/data", self.folder.path())];
        let more = [
            "--parallel",
            "4",
            "--output",
            "json",
            "--journal",
            &self.journal(shard),
        ];
        all.extend(more.map(str::to_owned));
        if self.shards > 1 {
            all.extend(["--shard".to_owned(), format!("{shard}/{}", self.shards)]);
        }
        all
    }

    pub(crate) fn journal(&self, shard: usize) -> String {
        format!("{}/{shard}.journal", self.folder.path())
    }

    /// Starts the command of a shard, which ends at a line of its journal where one is named.
    pub(crate) fn start(&self, shard: usize, line: Option<&str>) -> Child {
        let arguments = self.arguments(shard);
        let mut command = self
            .kusto
            .command(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        if let Some(line) = line {
            command.env("KUSTO_INGEST_ABORT_AT_LINE", line);
        }
        start(&mut command)
    }

    /// Starts the command of a shard, and ends it at a point.
    pub(crate) fn kill(&self, shard: usize, point: KillPoint) {
        kill_at(point, &self.kusto.emulator, |line| self.start(shard, line));
    }

    /// Runs the command of a shard to its end.
    pub(crate) fn finish(&self, shard: usize) {
        let ran = end(self.start(shard, None));
        assert_eq!(ran.code, 0, "{ran:?}");
    }

    /// Every file's rows are in the table, and more than once only those of files that were named.
    pub(crate) fn check(&self, point: &str) -> Doubles {
        self.kusto.drained();
        let mut rows: BTreeMap<i64, usize> = BTreeMap::new();
        for row in self.kusto.rows().as_array().expect("there are rows") {
            *rows.entry(row[0].as_i64().expect("it is a number")).or_default() += 1;
        }
        let journals: Vec<String> = (0..self.shards).map(|shard| self.journal(shard)).collect();
        let journals: Vec<&str> = journals.iter().map(String::as_str).collect();
        let merged = run(&[&["merge", "--output", "json"], &journals[..]].concat());
        assert_eq!(merged.code, 0, "{point}: {merged:?}");
        let named = named(&merged.json());
        for number in &self.numbers {
            let found = rows.remove(number).unwrap_or_default();
            let is_whole = found >= 2 && found.is_multiple_of(2);
            assert!(is_whole, "{point}: of {number}.csv {found} rows are there");
            assert!(
                found == 2 || named.contains(number),
                "{point}: {number}.csv is there twice, and not named"
            );
        }
        assert!(rows.is_empty(), "{point}: {rows:?}");
        let doubled = self.kusto.rows().as_array().map_or(0, Vec::len) / 2 - self.numbers.len();
        Doubles {
            named: named.len(),
            doubled,
        }
    }
}

/// How many files were named as perhaps twice there, and how often one is there once more than it should.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Doubles {
    pub(crate) named: usize,
    pub(crate) doubled: usize,
}

fn small(number: usize) -> u32 {
    u32::try_from(number).expect("a few")
}

fn named(merged: &Value) -> BTreeSet<i64> {
    let results = merged["results"].as_array().expect("there are results");
    let doubtful = results
        .iter()
        .filter(|result| result["may_be_duplicated"] == true);
    doubtful
        .map(|result| {
            let name = result["source"].as_str().expect("it has a name");
            let file = name.rsplit('/').next().and_then(|file| file.strip_suffix(".csv"));
            file.and_then(|number| number.parse().ok())
                .expect("it is a number")
        })
        .collect()
}

/// Numbers that are the same in every run.
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    /// The next number below a limit.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}
