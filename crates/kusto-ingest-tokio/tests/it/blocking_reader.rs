//! What is read by blocking, through the payload that it becomes.

use std::io::{self, Cursor, Read};

use futures::AsyncReadExt as _;
use kusto_ingest_core::ErrorKind;
use kusto_ingest_core::testing::pattern;
use kusto_ingest_tokio::blocking_reader;

/// Gives a few bytes, and then ends as it is told.
struct Odd(Vec<io::Result<&'static [u8]>>);

impl Read for Odd {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() {
            return Ok(0);
        }
        let bytes = self.0.remove(0)?;
        buffer[..bytes.len()].copy_from_slice(bytes);
        Ok(bytes.len())
    }
}

#[tokio::test]
async fn all_bytes_come_in_order_however_long_they_are() {
    let bytes = pattern(200_000);
    let payload = blocking_reader(Cursor::new(bytes.clone()));
    let mut read = Vec::new();
    let mut reader = payload.open(0).await.expect("it was not opened before");
    reader.read_to_end(&mut read).await.expect("a cursor reads");
    assert!(read == bytes, "{} bytes of {}", read.len(), bytes.len());
    let again = payload.open(0).await.err().map(|error| error.kind());
    assert_eq!(again, Some(ErrorKind::SourceNotReplayable));
}

#[tokio::test]
async fn an_interruption_is_no_end_and_an_error_is_one() {
    let odd = Odd(vec![
        Ok(b"one"),
        Err(io::ErrorKind::Interrupted.into()),
        Ok(b"two"),
        Err(io::Error::other("the pipe broke")),
    ]);
    let mut reader = blocking_reader(odd)
        .open(0)
        .await
        .expect("it was not opened before");
    let mut read = [0; 6];
    reader.read_exact(&mut read).await.expect("six bytes come");
    assert_eq!(&read, b"onetwo");
    let error = reader.read(&mut read).await.expect_err("it broke");
    assert_eq!(error.to_string(), "the pipe broke");
}

#[tokio::test]
async fn a_reader_that_panics_is_an_error_and_not_an_end() {
    struct Panics;
    impl Read for Panics {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            panic!("as a test wants it")
        }
    }
    let mut reader = blocking_reader(Panics)
        .open(0)
        .await
        .expect("it was not opened before");
    let mut read = [0; 6];
    assert!(reader.read(&mut read).await.is_err());
    assert!(reader.read(&mut read).await.is_err(), "nor is it one afterwards");
}
