//! What ingestion takes: memory of a row, of many small sources, of one that unpacks to gigabytes; and time, end to end.
//!
//! `row`, `small`, `bomb` and `flow` on the command line choose a part. Memory is what the kernel says of this process.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a benchmark measures real time and speaks on the terminal"
)]

use std::io::Write as _;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use flate2::Compression;
use flate2::write::GzEncoder;
use futures::executor::block_on;
use kusto_endpoint::{ManagementEndpoint as _, RequestProperties};
use kusto_fake::{FakeKusto, ResourceIssuer};
use kusto_ingest_core::{BlobSource, DataFormat, IngestionProperties, ManualClock, Timestamp};
use kusto_ingest_message::IngestionMessage;
use kusto_storage::{BlobName, BlobStore, QueueStore};

const MIB: f64 = 1024.0 * 1024.0;
const SMALL: usize = 50_000;
const ROWS: usize = 4_000_000;
const BOMB: usize = 2 << 30;

fn main() {
    const PARTS: [(&str, fn()); 4] = [("row", row), ("small", small), ("bomb", bomb), ("flow", flow)];
    let named: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    match named.as_slice() {
        [one] => PARTS
            .iter()
            .filter(|(name, _)| name == one)
            .for_each(|(_, part)| part()),
        // Each in a process of its own: memory that one part gives back, the next would take without a trace.
        several => {
            let wanted = |name: &str| several.is_empty() || several.iter().any(|word| word == name);
            for (name, _) in PARTS.iter().filter(|(name, _)| wanted(name)) {
                let program = std::env::current_exe().expect("it runs");
                Command::new(program).arg(name).status().expect("it runs again");
            }
        }
    }
}

/// How much memory a row of two short strings takes.
fn row() {
    let world = World::new("a:string, b:string");
    let mut text = Vec::new();
    for number in 0..ROWS {
        writeln!(text, "host-{:03},r{number:08}", number % 500).expect("memory does not fail");
    }
    let packed = gzip(&text);
    drop(text);
    let before = resident();
    assert_eq!(world.ingest("rows.csv.gz", packed), ROWS as u64);
    let each = (resident() - before) * MIB / ROWS as f64;
    println!(
        "row: {each:.1} bytes for two short strings, at most 48: {}",
        verdict(each <= 48.0)
    );
}

/// How much memory small sources take beyond their data.
fn small() {
    let world = World::new("a:string, b:long");
    let before = resident();
    let begun = Instant::now();
    for number in 0..SMALL {
        let body = format!("source {number},{number}\n");
        assert_eq!(world.ingest(&format!("{number}.csv"), body.into_bytes()), 1);
    }
    let (spent, grown) = (begun.elapsed().as_secs_f64(), resident() - before);
    let beyond = grown - world.kusto.stored_bytes() as f64 / MIB;
    println!(
        "small: {SMALL} sources in {spent:.1} s, {beyond:.0} MiB beyond the data, at most 100: {}",
        verdict(beyond <= 100.0)
    );
}

/// What becomes of a source of 2 MB that unpacks to 2 GiB of rows, and of the next one.
fn bomb() {
    let world = World::new("a:string, b:long");
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let piece = "some text that repeats,1\n".repeat(40_000);
    for _ in 0..=BOMB / piece.len() {
        encoder.write_all(piece.as_bytes()).expect("memory does not fail");
    }
    let packed = encoder.finish().expect("memory does not fail");
    let length = packed.len() as f64 / MIB;
    let blob = world.queued("bomb.csv.gz", packed);
    let begun = Instant::now();
    world.kusto.drain();
    let ended = world.kusto.ingestion(blob.id()).expect("it was drained");
    let code = ended.error_code.map(|code| code.to_string()).unwrap_or_default();
    assert_eq!(world.ingest("next.csv", b"x,1\n".to_vec()), 1, "others go on");
    let peak = mebibytes("VmHWM:");
    println!(
        "bomb: {length:.1} MiB that unpack to 2 GiB end in {code} after {:.1} s; at most {peak:.0} MiB were resident, below \
         1024: {}",
        begun.elapsed().as_secs_f64(),
        verdict(peak < 1024.0 && !code.is_empty())
    );
}

/// How fast a source goes from its blob into the table.
fn flow() {
    let world = World::new("at:datetime, level:string, host:string, status:int, spent:real, note:string");
    let line =
        "2026-11-30T04:53:38.123456Z,INFO,checkout-17.eu-west.example.net,200,1234.567,request completed\n";
    let text = line.repeat((64 << 20) / line.len());
    let begun = Instant::now();
    world.ingest("flow.csv", text.clone().into_bytes());
    println!(
        "flow: {:.0} MiB/s of CSV",
        text.len() as f64 / MIB / begun.elapsed().as_secs_f64()
    );
}

fn verdict(is_reached: bool) -> &'static str {
    if is_reached { "reached" } else { "MISSED" }
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(data).expect("memory does not fail");
    encoder.finish().expect("memory does not fail")
}

fn resident() -> f64 {
    mebibytes("VmRSS:")
}

/// A line of `/proc/self/status`, which counts in KiB; not a number where there is none.
fn mebibytes(line: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found = status.lines().find_map(|text| text.strip_prefix(line));
    let kibibytes = found.and_then(|text| text.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kibibytes.map_or(f64::NAN, |count| count * 1024.0 / MIB)
}

/// A Kusto with one table, and a client that queues.
struct World {
    kusto: FakeKusto,
    properties: IngestionProperties,
    now: Timestamp,
}

impl World {
    fn new(columns: &str) -> Self {
        let now = Timestamp::UNIX_EPOCH;
        let clock = Arc::new(ManualClock::new(now));
        let kusto = FakeKusto::new(clock, ResourceIssuer::hosts()).expect("valid addresses");
        let properties = IngestionProperties::into_table("db", "T").expect("names");
        kusto.create_database(&properties.database);
        let command = format!(".create table T ({columns})");
        block_on(kusto.execute(&properties.database, &command, &RequestProperties::new())).expect("created");
        Self {
            kusto,
            properties,
            now,
        }
    }

    fn queued(&self, name: &str, body: Vec<u8>) -> BlobSource {
        let issued = self.kusto.issued_resources().expect("issued");
        let name = BlobName::parse(name).expect("a name");
        block_on(BlobStore::put(
            self.kusto.storage(),
            &issued.containers[0],
            &name,
            body.into(),
        ))
        .expect("put");
        let blob = BlobSource::new(issued.containers[0].blob(&name).expect("an address"));
        let token = self.kusto.identity_token();
        let message = IngestionMessage::new(&blob, &self.properties, DataFormat::Csv, token);
        let text = message.encode(self.now).expect("a short message");
        block_on(QueueStore::put(self.kusto.storage(), &issued.queues[0], &text)).expect("queued");
        blob
    }

    /// How many rows came of a source.
    fn ingest(&self, name: &str, body: Vec<u8>) -> u64 {
        let blob = self.queued(name, body);
        self.kusto.drain();
        self.kusto
            .ingestion(blob.id())
            .map_or(0, |ingestion| ingestion.rows)
    }
}
