//! Drives the fuzz targets without libFuzzer: seeds, changed at random, for so many seconds.

use std::env;
use std::panic;
use std::time::{Duration, Instant};

/// Data that means something to one of the formats.
const SEEDS: &[&str] = &[
    "a,\"b \"\"c\"\"\",1\r\n2012/01/01,{\"\"x\"\":1},-2.5e3\n",
    "true\t1\t2\t3.5\t4.50\t2012-01-01\t1.02:03:04\t74be27de-1e4e-49d9-b579-fe0b331d3642\ttext\t[1]\n",
    "{'id': 1, 'name': 'single'} // end\n{\"a\": /* why */ [1, {\"b\": \"cut \\ud83d\"}]}\n",
    "[{\"a\":[1,{\"c\":2}],\"b\":{\"c\":1e400}},\n{\"dynamic_column\":\"\\u00e9\\n\",\"long_column\":\"0x1F\"}]",
    "#Version: 1.0\n#Fields: date time cs(User-Agent) sc-status\n2012-01-01 00:00:01 \"Mo zilla\" -\n",
    "\u{FEFF}{\"decimal_column\":12345678901234567890123456789012345.678,\"timespan_column\":\"1.02:03\"}",
    "\u{1}\u{1}x\\t\\n\\\\|;y\n",
];

/// Pieces that are put in at random.
const WORDS: &[&str] = &[
    "\"", "'", "\\", "\n", "\r\n", ",", "{", "}", "[", "]", ":", "\\u", "d83d", "\\ude00", "//", "/*", "*/", "1e400",
    "-0", "null", "NaN", "9999-12-31T23:59:59.9999999Z", "\u{FEFF}", "\u{e9}", "#Fields: a b\n", "\0", "0.1e-6176",
];

fn main() {
    let seconds = env::args().nth(1).and_then(|word| word.parse().ok()).unwrap_or(120);
    let targets: [(&str, fn(&[u8])); 2] = [
        ("decode", kusto_ingest_fuzz::decode_any),
        ("infer", kusto_ingest_fuzz::infer_any),
    ];
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut chance = Chance(0x9E37_79B9_7F4A_7C15);
    let mut runs = 0_u64;
    while Instant::now() < end {
        let data = changed(&mut chance);
        for (name, target) in targets {
            runs += 1;
            if panic::catch_unwind(|| target(&data)).is_err() {
                println!("{name}: {data:?}");
                std::process::exit(1);
            }
        }
    }
    println!("{runs} runs in {seconds} s, nothing found");
}

fn changed(chance: &mut Chance) -> Vec<u8> {
    let mut data = vec![chance.byte(), chance.byte()];
    data.extend(chance.of(SEEDS).bytes());
    if chance.below(4) == 0 {
        data.extend(chance.of(SEEDS).bytes());
    }
    for _ in 0..chance.below(12) {
        let at = 2 + chance.below(data.len() - 1);
        let at = at.min(data.len());
        match chance.below(5) {
            0 if at < data.len() => data[at] = chance.byte(),
            1 if at < data.len() => drop(data.remove(at)),
            2 => drop(data.splice(at..at, chance.of(WORDS).bytes())),
            3 => {
                let end = (at + chance.below(20)).min(data.len());
                let piece = data[at..end].to_vec();
                drop(data.splice(at..at, piece));
            }
            _ => data.truncate(at),
        }
    }
    data
}

/// Numbers that look random, and are the same on every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap_or_default() % most.max(1)
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap_or_default()
    }

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }
}
