//! A log as services write it: text that compresses as real logs do, and the same on every run.

use std::fmt::Write as _;

use super::chance::Chance;

const LEVELS: [&str; 8] = ["INFO", "INFO", "INFO", "INFO", "DEBUG", "DEBUG", "WARN", "ERROR"];
const SERVICES: [&str; 6] = ["checkout", "catalog", "identity", "search", "billing", "gateway"];
const MESSAGES: [&str; 6] = [
    "request completed",
    "cache miss, asking the database",
    "retrying after a connection reset by peer",
    "user session was renewed",
    "slow query: SELECT id, name, price FROM products WHERE category = $1 ORDER BY price",
    "published to topic orders.created",
];

/// At least so many bytes of CSV, cut at the end of a row.
pub(crate) fn csv(bytes: usize) -> Vec<u8> {
    let mut chance = Chance::new();
    let mut text = String::with_capacity(bytes + 256);
    let mut micros = 0;
    while text.len() < bytes {
        micros += chance.below(20_000);
        row(&mut text, micros, &mut chance);
    }
    text.into_bytes()
}

fn row(text: &mut String, micros: u64, chance: &mut Chance) {
    let (seconds, micros) = (micros / 1_000_000, micros % 1_000_000);
    let (level, service) = (chance.of(&LEVELS), chance.of(&SERVICES));
    let (trace, span) = (chance.next(), chance.next() >> 32);
    let (host, status, spent) = (
        chance.below(40),
        chance.of(&["200", "200", "200", "404", "500"]),
        chance.below(9_000),
    );
    let written = writeln!(
        text,
        "2026-11-{:02}T{:02}:{:02}:{:02}.{micros:06}Z,{level},{service},{service}-{host:02}.eu-west.example.net,\
         {trace:016x},{span:08x},{status},{}.{:03},/api/v2/{service}/items/{},\"{}\"",
        1 + seconds / 86_400 % 28,
        seconds / 3_600 % 24,
        seconds / 60 % 60,
        seconds % 60,
        spent / 1_000,
        spent % 1_000,
        chance.below(50_000),
        chance.of(&MESSAGES),
    );
    written.expect("a string takes what is written");
}
