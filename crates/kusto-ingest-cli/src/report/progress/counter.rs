//! Counts the bytes of a source while they are read.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use futures::AsyncRead;
use indicatif::ProgressBar;
use kusto_ingest::sources::Payload;
use kusto_ingest::sources::PayloadReader;
use kusto_ingest::{ErrorKind, LocalSource, Result};

/// The same source, whose bytes are added to the line while they are read: each once, also when they are read again.
pub(super) async fn watch(line: &ProgressBar, source: LocalSource) -> Result<LocalSource> {
    let counter = Counter {
        line: line.clone(),
        furthest: Arc::default(),
    };
    let payload = source.payload().clone();
    if !payload.is_replayable() {
        let reader = payload.open(0).await?;
        return Ok(source.with_payload(Payload::from_reader(counter.over(reader, 0))));
    }
    let watched = Payload::replayable(payload.len(), move |offset| {
        let (payload, counter) = (payload.clone(), counter.clone());
        async move {
            let reader = payload.open(offset).await.map_err(as_io)?;
            let watched: PayloadReader = Box::pin(counter.over(reader, offset));
            Ok(watched)
        }
    });
    Ok(source.with_payload(watched))
}

fn as_io(error: kusto_ingest::Error) -> io::Error {
    let kind = match error.kind() {
        ErrorKind::SourceNotFound => io::ErrorKind::NotFound,
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, error)
}

/// Adds to the line what was not read before.
#[derive(Clone)]
struct Counter {
    line: ProgressBar,
    furthest: Arc<AtomicU64>,
}

impl Counter {
    fn over(self, reader: PayloadReader, place: u64) -> CountingReader {
        CountingReader {
            reader,
            counter: self,
            place,
        }
    }

    fn reached(&self, place: u64) {
        let before = self.furthest.fetch_max(place, Ordering::Relaxed);
        self.line.inc(place.saturating_sub(before));
    }
}

struct CountingReader {
    reader: PayloadReader,
    counter: Counter,
    place: u64,
}

impl AsyncRead for CountingReader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let read = ready!(self.reader.as_mut().poll_read(context, buffer))?;
        self.place += read as u64;
        self.counter.reached(self.place);
        Poll::Ready(Ok(read))
    }
}

#[cfg(test)]
mod tests {
    use futures::AsyncReadExt as _;
    use futures::executor::block_on;
    use futures::io::Cursor;

    use super::*;

    async fn read(source: &LocalSource, offset: u64) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut reader = source.payload().open(offset).await?;
        reader.read_to_end(&mut bytes).await.expect("memory can be read");
        Ok(bytes)
    }

    #[test]
    fn bytes_count_once_however_often_they_are_read() {
        let line = ProgressBar::hidden();
        let source = block_on(watch(&line, LocalSource::from_bytes("0123456789"))).unwrap();
        for offset in [0, 4, 0] {
            let bytes = block_on(read(&source, offset)).unwrap();
            assert_eq!(bytes.len() as u64, 10 - offset);
            assert_eq!(line.position(), 10);
        }
        assert_eq!(source.payload().len(), Some(10));
    }

    #[test]
    fn a_stream_that_is_watched_is_still_read_once() {
        let line = ProgressBar::hidden();
        let stream = LocalSource::from_reader(Cursor::new(b"0123".to_vec()));
        let source = block_on(watch(&line, stream)).unwrap();
        assert!(!source.payload().is_replayable());
        assert_eq!(block_on(read(&source, 0)).unwrap(), b"0123");
        assert!(block_on(read(&source, 0)).is_err());
        assert_eq!(line.position(), 4);
    }

    #[test]
    fn a_source_that_is_watched_has_no_more_been_said_of_it_than_before() {
        let streams = [
            LocalSource::from_bytes(&[0x1f, 0x8b, 8, 0][..]),
            LocalSource::from_reader(Cursor::new([0x1f, 0x8b, 8, 0])),
        ];
        for source in streams {
            let named = source.with_name("a.csv").with_chunk(3);
            let id = named.id();
            let watched = block_on(watch(&ProgressBar::hidden(), named)).unwrap();
            assert_eq!((watched.id(), watched.chunk()), (id, Some(3)));
            // Its name alone says that it is plain: that is still compared with its bytes.
            assert_eq!(watched.declared_compression(), None);
            let refused = block_on(async {
                let payload = kusto_ingest::compression::verify_compression(&watched)
                    .await
                    .unwrap();
                let mut reader = payload.open(0).await.unwrap();
                reader.read_to_end(&mut Vec::new()).await.unwrap_err()
            });
            assert!(refused.to_string().contains("gzip"), "{refused}");
        }
    }
}
