//! What an ingestion costs with the published clients of four languages and with ours: each in a process of its own,
//! against the same emulator, over http and over TLS, in turns. `cargo xtask bench --peers [TURNS]` installs the
//! clients and prints a table.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark measures real time and speaks on the terminal"
)]

#[path = "../measured/chance.rs"]
mod chance;
mod client;
#[expect(dead_code, reason = "each process is asked for its own cost")]
#[path = "../measured/cost.rs"]
mod cost;
#[path = "../measured/logs.rs"]
mod logs;
mod ours;
mod process;
mod service;
mod table;

use std::path::{Path, PathBuf};

use client::{Client, Wire};
use process::Process;
use service::Service;
use table::Figures;

/// How often each client takes its turn, if nothing else is asked for.
const TURNS: usize = 3;

/// The sources: their names in a message, and how many bytes each has.
const SMALL_BYTES: usize = 900;
const FILE_BYTES: usize = 10 * 1024;
const LARGE_BYTES: usize = 64 * 1024 * 1024;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        [service::ROLE, folder, wire] => {
            service::serve(Path::new(folder), *wire == "https").expect("it serves");
        }
        [ours::ROLE, address, small, root @ ..] => ours::ingest(address, small, root.first().copied()),
        words => measure(words.iter().find_map(|word| word.parse().ok()).unwrap_or(TURNS)),
    }
}

fn measure(turns: usize) {
    let folder = Sources::write();
    let mut figures = Figures::default();
    for turn in 1..=turns {
        for wire in [Wire::Http, Wire::Https] {
            for client in Client::installed(wire) {
                println!("turn {turn} of {turns}: {client:?} over {wire:?}");
                take_turn(client, wire, &folder, &mut figures);
            }
        }
    }
    println!("\n{}", figures.table());
}

/// Starts a service and a client, and asks the client for work.
fn take_turn(client: Client, wire: Wire, sources: &Sources, figures: &mut Figures) {
    let service = Service::start(&sources.0, wire);
    let mut command = client.command(&service, &sources.path("small.csv"));
    let mut process = Process::start(&mut command);
    let mut note = |what, value| figures.note(client, wire, what, value);
    note("start, wall ms", process.wall() * 1e3);
    note("start, cpu ms", process.cpu() * 1e3);

    let count = client.count();
    let mut each = |asked: &str, count: usize| {
        let spent = process.cpu();
        process.ask(asked);
        (process.cpu() - spent) * 1e3 / count as f64
    };
    let file = format!("{count} {}", sources.path("file.csv").display());
    // The first half warms a JVM.
    each(&count.to_string(), count);
    note("bytes, cpu ms", each(&count.to_string(), count));
    each(&file, count);
    note("file, cpu ms", each(&file, count));
    note("small, peak MiB", process.peak());
    process.forget_peak();
    let large = format!("1 {}", sources.path("large.csv").display());
    let spent = process.cpu();
    process.ask(&large);
    note("large, cpu ms", (process.cpu() - spent) * 1e3);
    note("large, peak MiB", process.peak());
}

/// A folder with the files to ingest, gone with this.
struct Sources(PathBuf);

impl Sources {
    fn write() -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("peers-{}", std::process::id()));
        let sources = Self(folder);
        std::fs::create_dir_all(&sources.0).expect("the target folder can be written");
        for (name, bytes) in [
            ("small.csv", SMALL_BYTES),
            ("file.csv", FILE_BYTES),
            ("large.csv", LARGE_BYTES),
        ] {
            std::fs::write(sources.path(name), logs::csv(bytes)).expect("the target folder can be written");
        }
        sources
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Sources {
    fn drop(&mut self) {
        let _gone_already = std::fs::remove_dir_all(&self.0);
    }
}
