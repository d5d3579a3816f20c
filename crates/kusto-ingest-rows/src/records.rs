//! A stream of rows of any type, as a source of records.

use std::error::Error as StdError;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::Stream;
use kusto_ingest_core::{Error, ErrorKind, Result};
use serde::Serialize;

use crate::RowWriter;

/// What gives one record after the other.
pub(crate) trait Records: Send {
    /// Appends the next record whole, or nothing: at the end, while there is none yet, and on errors.
    fn poll_record(&mut self, context: &mut Context<'_>, out: &mut Vec<u8>) -> Poll<Option<Result<()>>>;

    /// The writer, as the rows so far have left it.
    fn writer(&self) -> &RowWriter;
}

/// Rows and their writer.
pub(crate) struct RowStream<S> {
    rows: Pin<Box<S>>,
    writer: RowWriter,
}

impl<S> RowStream<S> {
    pub(crate) fn new(rows: S, writer: RowWriter) -> Self {
        Self {
            rows: Box::pin(rows),
            writer,
        }
    }
}

impl<S, T, E> Records for RowStream<S>
where
    S: Stream<Item = Result<T, E>> + Send,
    T: Serialize,
    E: Into<Box<dyn StdError + Send + Sync>>,
{
    fn poll_record(&mut self, context: &mut Context<'_>, out: &mut Vec<u8>) -> Poll<Option<Result<()>>> {
        let row = ready!(self.rows.as_mut().poll_next(context));
        Poll::Ready(row.map(|row| {
            match row {
                Ok(row) => self.writer.write(&row, out),
                Err(error) => Err(Error::new(ErrorKind::SourceNotReadable, "take the next row")
                    .with("row", self.writer.rows() + 1)
                    .caused_by(error)),
            }
        }))
    }

    fn writer(&self) -> &RowWriter {
        &self.writer
    }
}
