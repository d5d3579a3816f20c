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

/// Requests, and bodies of requests.
const REQUESTS: &[&str] = &[
    "GET /v1/rest/ping HTTP/1.1\r\nhost: localhost\r\n\r\n",
    "POST /v1/rest/mgmt HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "{\"db\":\"Samples\",\"csl\":\"T | take 1 | count\",\"properties\":{\"Options\":{\"truncationmaxrecords\":1}}}",
    "{\"db\":\"Samples\",\"csl\":\".create table ['x y'] (a:string) with (folder='f')\"}",
    "{\"db\":\"Samples\",\"csl\":\".ingest inline into table T with (format=csv) <|\\na,1,{}\\n\"}",
    "{\"SourceUri\":\"http://127.0.0.1:1/devstoreaccount1/ingestdata-0/b?sig=x\"}",
    "<?xml version=\"1.0\"?><BlockList><Latest>QUE=</Latest><Committed>QUI=</Committed></BlockList>",
    "<QueueMessage><MessageText>eyJJZCI6IiJ9&amp;</MessageText></QueueMessage>",
    "{\"PartitionKey\":\"p\",\"RowKey\":\"r\",\"At\":\"2026-01-01T00:00:00Z\",\"At@odata.type\":\"Edm.DateTime\"}",
    "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nContent-Type: application/http\r\n\r\n\
     POST http://h/devstoreaccount1/ingestionsstatus HTTP/1.1\r\nAccept: a\r\n\r\n{\"PartitionKey\":\"p\",\"RowKey\":\"q\"}\r\n--c--\r\n--b--\r\n",
    "{\"fault\":\"status\",\"status\":503,\"route\":\"PutBlob\",\"times\":0}",
    "a,1,{}\r\nb,2,[1]\r\n",
];

/// Queries over the table `T`, which has a column of every type.
const QUERIES: &[&str] = &[
    "T | where l > 1 and x has 'a' | project b, i + l, r / 2, t - s, j.k[0]",
    "T | summarize count(), sum(i), avg(r), make_list(x), arg_max(l, *), percentiles(r, 5, 95) by bin(t, 1d), u",
    "T | join kind=leftouter (T | extend k = l) on l, $left.x == $right.x | order by l asc nulls last, x | top 3 by r",
    "let f = (n:long, V:(l:long)) { V | where l < n | union V }; f(5, T) | mv-expand j = dynamic([1, {'a':null}]) to typeof(long)",
    "range a from 1 to 9 step 2 | extend c = case(a < 2, 'x', a > 5, strcat(a, 'y'), tostring(now())), d = datetime_diff('day', now(), ago(1d))",
    "print a = 1.5h, b = datetime(2020-01-01), c = dynamic({'z':[1,\"t\"]}), d = 0x1F % 7, e = -decimal(1.10) / 3, f = guid(null) | getschema",
    "T | serialize n = row_number(), p = prev(l), c = row_cumsum(i) | parse x with a:string ' ' b | project-away c* | sample-distinct 2 of a",
    "union withsource=S isfuzzy=true T, (datatable(q:real, l:string)[1.0, \"2\", real(nan), @'3']) | distinct * | lookup (T) on u",
    "print extract_all(@'(\\w)(\\d)', 'a1b2'), split('a,b', ','), substring('abc', -2, 9), replace_regex('aa', 'a', @'\\0\\1'), indexof('x', 'y', -5, 3, 2)",
];

/// Pieces that are put in at random.
const WORDS: &[&str] = &[
    "\"", "'", "\\", "\n", "\r\n", ",", "{", "}", "[", "]", ":", "\\u", "d83d", "\\ude00", "//", "/*", "*/", "1e400",
    "-0", "null", "NaN", "9999-12-31T23:59:59.9999999Z", "\u{FEFF}", "\u{e9}", "#Fields: a b\n", "\0", "0.1e-6176",
    " | ", "(", ")", " and ", " not(", "T", " 9223372036854775807", " - ", " / 0", " long(null)", " real(nan)", "j", "[-1]", " by ", "*",
    " | count", " | order by 1", "..", "=~", " in (", "toscalar(", "1d", "bin(", "dynamic(null)", " desc", "let a = ", ";",
];

/// A target by its name, with data that means something to it.
type Target = (&'static str, fn(&[u8]), &'static [&'static str]);

fn main() {
    let seconds = env::args().nth(1).and_then(|word| word.parse().ok()).unwrap_or(120);
    let wanted = env::args().nth(2);
    let mut targets: Vec<Target> = vec![
        ("decode", kusto_ingest_fuzz::decode_any, SEEDS),
        ("infer", kusto_ingest_fuzz::infer_any, SEEDS),
        ("http", kusto_ingest_fuzz::http_any, REQUESTS),
        ("query", kusto_ingest_fuzz::query_any, QUERIES),
    ];
    targets.retain(|(name, ..)| wanted.as_ref().is_none_or(|wanted| wanted == name));
    assert!(!targets.is_empty(), "there is no such target");
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut chance = Chance(0x9E37_79B9_7F4A_7C15);
    let mut runs = 0_u64;
    while Instant::now() < end {
        for (name, target, seeds) in &targets {
            let data = changed(&mut chance, seeds);
            runs += 1;
            if panic::catch_unwind(|| target(&data)).is_err() {
                println!("{name}: {data:?}");
                std::process::exit(1);
            }
        }
    }
    println!("{runs} runs in {seconds} s, nothing found");
}

fn changed(chance: &mut Chance, seeds: &[&str]) -> Vec<u8> {
    let mut data = vec![chance.byte(), chance.byte()];
    data.extend(chance.of(seeds).bytes());
    if chance.below(4) == 0 {
        data.extend(chance.of(seeds).bytes());
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
