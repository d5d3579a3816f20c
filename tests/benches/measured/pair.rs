//! What all is measured by: two plain encoders, on a thread each, with half of a source each.

use std::io::{self, Write};
use std::thread;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

/// The level of our default.
const LEVEL: u32 = 3;

/// Compresses both halves; how much came out.
pub(crate) fn two_encoders(source: &Bytes) -> f64 {
    let halves = [source.slice(..source.len() / 2), source.slice(source.len() / 2..)];
    let threads = halves.map(|half| {
        thread::spawn(move || {
            let mut encoder = GzEncoder::new(Counted(0), Compression::new(LEVEL));
            for piece in half.chunks(256 * 1024) {
                encoder.write_all(piece).expect("a sink takes all");
            }
            encoder.finish().expect("a sink takes all").0
        })
    });
    let sizes = threads.map(|thread| thread.join().expect("it compresses"));
    sizes.iter().sum::<usize>() as f64
}

struct Counted(usize);

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
