//! What queries over a million rows take: `where`, `summarize`, `top` and `join`, each within two seconds. Figures are of the
//! processor, so that it matters little what else the machine does.
//!
//! Where `KUSTO_BENCH_DUCKDB` holds what `tests/peers/python/duckdb_queries.py` prints, as `cargo xtask test --peers` arranges,
//! each figure stands as a ratio to DuckDB on the same rows as well.

#![expect(clippy::print_stdout, reason = "a benchmark speaks on the terminal")]

use std::sync::Arc;
use std::time::Duration;

use kusto_endpoint::RequestProperties;
use kusto_fake::wire::AnswerOptions;
use kusto_fake::{Answer, FakeKusto, ResourceIssuer};
use kusto_ingest_core::{DatabaseName, ManualClock, Timestamp};
use serde_json::Value;

const ROWS: u64 = 1_000_000;

/// The longest that a query may take.
const LIMIT: Duration = Duration::from_secs(2);

const QUERIES: [(&str, &str); 4] = [
    ("where", "T | where v > 500000 and text contains 'host-7' | count"),
    (
        "summarize",
        "T | summarize count(), sum(v), avg(r), max(at) by host | order by host asc | take 1",
    ),
    ("top", "T | top 10 by v desc | project id, v"),
    (
        "join",
        "T | join kind=inner Hosts on host | summarize count(), sum(v + weight)",
    ),
];

fn main() {
    let world = World::filled();
    let other: Value = std::env::var("KUSTO_BENCH_DUCKDB")
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default();
    let mut slowest = Duration::ZERO;
    for (name, query) in QUERIES {
        let mut best = Duration::MAX;
        let mut answer = Answer::default();
        for _ in 0..3 {
            let start = of_the_processor();
            answer = world.ask(query);
            best = best.min(of_the_processor().saturating_sub(start));
        }
        slowest = slowest.max(best);
        let ratio = other[name].as_f64().map_or(String::new(), |seconds| {
            format!(", {:.1} times DuckDB", best.as_secs_f64() / seconds)
        });
        println!(
            "{name:>10}: {:.3} s{ratio}   {:?}",
            best.as_secs_f64(),
            answer.tables[0].rows.first()
        );
    }
    println!(
        "slowest: {:.3} s of {:.0} s",
        slowest.as_secs_f64(),
        LIMIT.as_secs_f64()
    );
}

/// How much time the processor gave this process.
#[cfg(unix)]
fn of_the_processor() -> Duration {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::try_from(spent).unwrap_or_default()
}

/// The time of day, where the system does not tell that of the processor.
#[cfg(not(unix))]
#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
fn of_the_processor() -> Duration {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.unwrap_or_default()
}

struct World {
    kusto: FakeKusto,
    database: DatabaseName,
}

impl World {
    fn filled() -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
        let world = Self {
            kusto: FakeKusto::new(clock, ResourceIssuer::hosts()).expect("addresses are valid"),
            database: DatabaseName::net_default(),
        };
        let start = of_the_processor();
        world.ask(&format!(
            ".set T <| range id from 0 to {} step 1 | extend host = strcat('host-', id * 7919 % 1000), v = id * 104729 % 1000003, \
             r = (id % 977) / 7.0, at = datetime(2020-01-01) + id * 1s, text = strcat('row ', id, ' of host-', id % 10)",
            ROWS - 1
        ));
        world.ask(".set Hosts <| range weight from 0 to 999 step 2 | project host = strcat('host-', weight), weight");
        println!(
            "{ROWS} rows are made within {:.1} s",
            of_the_processor().saturating_sub(start).as_secs_f64()
        );
        world
    }

    fn ask(&self, text: &str) -> Answer {
        let properties = RequestProperties::new();
        let options = AnswerOptions::of(&properties);
        let answer = self
            .kusto
            .answer_query(&self.database, text, &properties, &options);
        answer.unwrap_or_else(|error| panic!("{text}: {error}"))
    }
}
