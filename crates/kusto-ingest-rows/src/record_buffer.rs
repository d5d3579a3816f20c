//! Records on their way to a reader, buffered one ahead.

use std::task::{Context, Poll, ready};

use kusto_ingest_core::Result;

use crate::RowWriter;
use crate::records::Records;

/// Records on their way to a reader.
///
/// One record is looked at ahead: whether it fits the chunk, and whether there is one at all.
/// In memory are what a reader asked for and that one record.
pub(crate) struct RecordBuffer {
    records: Box<dyn Records>,
    /// What was read · what may be read, up to `open` · the record looked at ahead.
    buffer: Vec<u8>,
    read: usize,
    open: usize,
    /// How many records were let through.
    passed: u64,
    is_over: bool,
}

impl RecordBuffer {
    /// A buffer whose first record is the one that the writer expects.
    pub(crate) fn new(records: Box<dyn Records>) -> Self {
        Self {
            passed: records.writer().rows(),
            records,
            buffer: Vec::new(),
            read: 0,
            open: 0,
            is_over: false,
        }
    }

    /// How many records were passed.
    pub(crate) fn passed(&self) -> u64 {
        self.passed
    }

    /// The writer, as the rows so far have left it.
    pub(crate) fn writer(&self) -> &RowWriter {
        self.records.writer()
    }

    /// Looks at the next record and tells its length in bytes; `None` at the end.
    pub(crate) fn poll_ahead(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<u64>>> {
        if self.ahead() == 0 && !self.is_over {
            match ready!(self.records.poll_record(context, &mut self.buffer)) {
                Some(record) => record?,
                None => self.is_over = true,
            }
        }
        Poll::Ready(Ok(Some(self.ahead()).filter(|bytes| *bytes > 0)))
    }

    fn ahead(&self) -> u64 {
        (self.buffer.len() - self.open) as u64
    }

    /// Lets the record that was looked at through to the reader.
    pub(crate) fn pass(&mut self) {
        self.open = self.buffer.len();
        self.passed += 1;
    }

    /// How many bytes the reader can have.
    pub(crate) fn ready(&self) -> usize {
        self.open - self.read
    }

    /// Gives the reader as much as it can have and wants.
    pub(crate) fn take(&mut self, buffer: &mut [u8]) -> usize {
        let bytes = self.ready().min(buffer.len());
        buffer[..bytes].copy_from_slice(&self.buffer[self.read..self.read + bytes]);
        self.skip(bytes);
        bytes
    }

    /// Leaves out so many of the bytes that the reader can have.
    pub(crate) fn skip(&mut self, bytes: usize) {
        self.read += bytes;
        if self.read == self.open {
            self.buffer.drain(..self.open);
            (self.read, self.open) = (0, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures::stream;

    use super::*;
    use crate::records::RowStream;

    #[test]
    fn what_was_read_is_not_kept() {
        let rows = stream::iter((0..10_000).map(|_| Ok::<_, Infallible>("x".repeat(100))));
        let mut records = RecordBuffer::new(Box::new(RowStream::new(rows, RowWriter::csv())));
        let mut context = Context::from_waker(std::task::Waker::noop());
        let (mut bytes, mut most) = (0, 0);
        while let Poll::Ready(Ok(Some(_))) = records.poll_ahead(&mut context) {
            records.pass();
            bytes += records.take(&mut [0; 256]);
            most = most.max(records.buffer.capacity());
        }
        assert_eq!((bytes, records.passed()), (10_000 * 101, 10_000));
        assert!(most < 1024, "{most} bytes were kept");
    }
}
