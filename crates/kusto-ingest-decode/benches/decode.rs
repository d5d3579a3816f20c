//! Decoding beside bare reading: CSV beside `csv`, JSON lines beside `serde_json`.
//!
//! Every figure is a ratio of two runs that took turns in this process; the middle one of seven counts. Time is that of the
//! processor, so that it matters little what else the machine does. `csv` and `json`
//! on the command line choose a part.

#![expect(clippy::print_stdout, reason = "a benchmark speaks on the terminal")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::ops::ControlFlow;
use std::time::Duration;

use kusto_ingest_core::DataFormat;
use kusto_ingest_decode::{DecodeOptions, DecodedValue, RowSink, Schema, Warning, decode_into};

const BYTES: usize = 32 << 20;
const RUNS: usize = 7;
const LARGEST_RATIO: f64 = 4.0;
const COLUMNS: &str = "at:datetime,level:string,service:string,host:string,trace:string,status:int,spent:real,path:string,note:string";

fn main() {
    let schema: Schema = COLUMNS.parse().expect("it is a schema");
    if is_wanted("csv") {
        let data = log(|text, row| {
            writeln!(
                text,
                "{},{},{},{},{},{},{},{},\"{}\"",
                row.at,
                row.level,
                row.service,
                row.host,
                row.trace,
                row.status,
                row.spent,
                row.path,
                row.note
            )
        });
        ratio(
            "csv",
            &data,
            || decoded(&data, DataFormat::Csv, &schema),
            || read_as_csv(&data),
        );
    }
    if is_wanted("json") {
        let data = log(|text, row| {
            writeln!(
                text,
                r#"{{"at":"{}","level":"{}","service":"{}","host":"{}","trace":"{}","status":{},"spent":{},"path":"{}","note":"{}"}}"#,
                row.at,
                row.level,
                row.service,
                row.host,
                row.trace,
                row.status,
                row.spent,
                row.path,
                row.note
            )
        });
        ratio(
            "json",
            &data,
            || decoded(&data, DataFormat::Json, &schema),
            || read_as_values(&data),
        );
    }
}

fn is_wanted(part: &str) -> bool {
    let mut named = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .peekable();
    named.peek().is_none() || named.any(|word| word == part)
}

fn ratio(what: &str, data: &str, ours: impl Fn() -> usize, bare: impl Fn() -> usize) {
    assert_eq!(ours(), bare(), "both meet every record");
    let mut ratios = Vec::new();
    let (mut our_best, mut bare_best) = (f64::MAX, f64::MAX);
    for _ in 0..RUNS {
        let (bare, ours) = (seconds(&bare), seconds(&ours));
        (our_best, bare_best) = (our_best.min(ours), bare_best.min(bare));
        ratios.push(ours / bare);
    }
    ratios.sort_by(f64::total_cmp);
    #[expect(clippy::cast_precision_loss, reason = "a few MiB")]
    let rate = |seconds: f64| data.len() as f64 / seconds / 1_048_576.0;
    let found = ratios[RUNS / 2];
    let verdict = if found <= LARGEST_RATIO {
        "reached"
    } else {
        "MISSED"
    };
    println!(
        "{what}: {:.0} MiB/s decoded, {:.0} MiB/s read bare; {found:.2} times, at most {LARGEST_RATIO}: {verdict}",
        rate(our_best),
        rate(bare_best),
    );
}

fn seconds(work: impl Fn() -> usize) -> f64 {
    let begun = of_the_processor();
    black_box(work());
    (of_the_processor() - begun).as_secs_f64()
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

/// Counts rows, and keeps nothing.
struct Counted(usize);

impl RowSink for Counted {
    fn value(&mut self, _column: usize, value: DecodedValue<'_>) {
        black_box(value);
    }

    fn end_row(&mut self) -> ControlFlow<()> {
        self.0 += 1;
        ControlFlow::Continue(())
    }

    fn warning(&mut self, _warning: Warning) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

fn decoded(data: &str, format: DataFormat, schema: &Schema) -> usize {
    let mut rows = Counted(0);
    decode_into(data.as_bytes(), &DecodeOptions::new(format), schema, &mut rows).expect("it can be decoded");
    rows.0
}

fn read_as_csv(data: &str) -> usize {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(data.as_bytes());
    let mut record = csv::StringRecord::new();
    let mut rows = 0;
    while reader.read_record(&mut record).expect("it is csv") {
        rows += usize::from(!black_box(&record).is_empty());
    }
    rows
}

fn read_as_values(data: &str) -> usize {
    let values = data.lines().map(serde_json::from_str::<serde_json::Value>);
    values.filter(|value| black_box(value).is_ok()).count()
}

/// One line of the log.
struct Row {
    at: String,
    level: &'static str,
    service: &'static str,
    host: String,
    trace: String,
    status: u64,
    spent: String,
    path: String,
    note: &'static str,
}

/// A log as services write it, the same on every run.
fn log(write: impl Fn(&mut String, &Row) -> std::fmt::Result) -> String {
    let mut text = String::with_capacity(BYTES + 512);
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut below = move |most: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % most
    };
    while text.len() < BYTES {
        let service = ["checkout", "catalog", "identity", "search"][below(4) as usize];
        let row = Row {
            at: format!(
                "2026-11-{:02}T{:02}:{:02}:07.{:06}Z",
                1 + below(28),
                below(24),
                below(60),
                below(1_000_000)
            ),
            level: ["INFO", "DEBUG", "WARN", "ERROR"][below(4) as usize],
            service,
            host: format!("{service}-{:02}.eu-west.example.net", below(40)),
            trace: format!("{:016x}", below(u64::MAX)),
            status: 200 + below(300),
            spent: format!("{}.{:03}", below(9_000), below(1_000)),
            path: format!("/api/v2/{service}/items/{}", below(1_000_000)),
            note: [
                "request completed",
                "cache miss, asking the database",
                "user session was renewed",
            ][below(3) as usize],
        };
        write(&mut text, &row).expect("memory does not fail");
    }
    text
}
