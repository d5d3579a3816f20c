//! Three kinds of data that are ingested most: a log as CSV, events as lines of JSON, and columns of numbers as a columnar
//! file packs them. The same on every run.

use std::fmt::Write as _;

use super::chance::Chance;

/// A kind of data, by its name.
pub(crate) type Kind = (&'static str, fn(usize) -> Vec<u8>);

pub(crate) const KINDS: [Kind; 3] = [("csv", csv), ("json", json), ("columns", columns)];

const ACTIONS: [&str; 5] = ["view", "view", "search", "add_to_cart", "purchase"];
const COUNTRIES: [&str; 8] = ["DE", "US", "US", "FR", "IN", "BR", "JP", "SE"];
const AGENTS: [&str; 4] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 13_5) AppleWebKit/605.1.15",
    "okhttp/4.11.0",
    "python-requests/2.32",
];

/// At least so many bytes of CSV: an access log, a third of whose bytes are identities that do not repeat.
fn csv(bytes: usize) -> Vec<u8> {
    let mut chance = Chance::new();
    let mut text = String::with_capacity(bytes + 512);
    let mut micros = 0;
    while text.len() < bytes {
        micros += chance.below(20_000);
        request(&mut text, micros, &mut chance);
    }
    text.into_bytes()
}

fn request(text: &mut String, micros: u64, chance: &mut Chance) {
    let (seconds, micros) = (micros / 1_000_000, micros % 1_000_000);
    let (trace, user) = (
        u128::from(chance.next()) << 64 | u128::from(chance.next()),
        chance.next(),
    );
    let written = writeln!(
        text,
        "2026-11-30T{:02}:{:02}:{:02}.{micros:06}Z,{},{trace:032x},{user:016x},10.{}.{}.{},GET,/api/v2/{}/items/{},{},{},{}.{:03},\"{}\"",
        seconds / 3_600 % 24,
        seconds / 60 % 60,
        seconds % 60,
        chance.of(&["INFO", "INFO", "INFO", "DEBUG", "WARN"]),
        chance.below(4),
        chance.below(256),
        chance.below(256),
        chance.of(&ACTIONS),
        chance.below(50_000),
        chance.of(&["200", "200", "200", "404", "500"]),
        chance.below(60_000),
        chance.below(9),
        chance.below(1_000),
        chance.of(&AGENTS),
    );
    written.expect("a string takes what is written");
}

/// At least so many bytes of JSON, an object a line.
fn json(bytes: usize) -> Vec<u8> {
    let mut chance = Chance::new();
    let mut text = String::with_capacity(bytes + 512);
    let mut millis = 1_760_000_000_000_u64;
    while text.len() < bytes {
        millis += chance.below(40);
        event(&mut text, millis, &mut chance);
    }
    text.into_bytes()
}

fn event(text: &mut String, millis: u64, chance: &mut Chance) {
    let (session, user, device) = (chance.next(), chance.next() >> 20, chance.next());
    let request = u128::from(chance.next()) << 64 | u128::from(chance.next());
    let written = writeln!(
        text,
        "{{\"ts\":{millis},\"event\":\"{}\",\"session\":\"{session:016x}-{device:016x}\",\"request\":\"{request:032x}\",\"user\":{user},\"country\":\"{}\",\
         \"props\":{{\"item\":{},\"price\":{}.{:02},\"position\":{},\"score\":0.{:09}}},\"ok\":{}}}",
        chance.of(&ACTIONS),
        chance.of(&COUNTRIES),
        chance.below(90_000),
        chance.below(300),
        chance.below(100),
        chance.below(60),
        chance.below(1_000_000_000),
        chance.below(50) > 0,
    );
    written.expect("a string takes what is written");
}

/// At least so many bytes of pages, each one column: packed keys of a dictionary, steps of time, measurements, and hashes.
fn columns(bytes: usize) -> Vec<u8> {
    let mut chance = Chance::new();
    let mut pages = Vec::with_capacity(bytes + 128 * 1024);
    while pages.len() < bytes {
        for _ in 0..24 * 1024 {
            // Two keys of a dictionary, of which a few are frequent.
            let keys = [(); 2].map(|()| chance.below(16).min(chance.below(16)));
            pages.push(u8::try_from(keys[0] << 4 | keys[1]).expect("each is below 16"));
        }
        for _ in 0..8 * 1024 {
            pages.extend(u16::try_from(chance.below(3_000)).unwrap_or(0).to_le_bytes());
        }
        for _ in 0..4 * 1024 {
            let measured = 20.0 + chance.below(4_000) as f64 / 100.0;
            pages.extend(measured.to_le_bytes());
        }
        for _ in 0..3 * 1024 {
            pages.extend(chance.next().to_le_bytes());
        }
    }
    pages
}
