//! Receivers of decoded data: single values, or whole rows.

use std::ops::ControlFlow;

use crate::{DecodedValue, Value, Warning};

/// One row: a value for every column of the schema, in its order.
pub type Row = Vec<Value>;

/// Receives the values of a source in order, for callers that store them without building rows.
pub trait RowSink {
    /// A value of the row that is being read: of the first column first, and one for every column.
    fn value(&mut self, column: usize, value: DecodedValue<'_>);

    /// The row is complete.
    fn end_row(&mut self) -> ControlFlow<()>;

    /// A warning about the record that is being read, or about one that was left out; the service does not report it.
    /// Breaking here leaves a row incomplete.
    fn warning(&mut self, warning: Warning) -> ControlFlow<()>;
}

/// Decoded rows and warnings, in the order of the source. Warnings about a record come before its row.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a reader must decide what to do with each"
)]
pub enum DecodeEvent {
    /// A row for the table.
    Row(Row),
    /// A warning. The service does not report it.
    Warning(Warning),
}

/// Puts values together to rows.
pub(crate) struct RowAssembler<F> {
    row: Row,
    width: usize,
    each: F,
}

impl<F> RowAssembler<F> {
    pub(crate) fn new(width: usize, each: F) -> Self {
        Self {
            row: Row::with_capacity(width),
            width,
            each,
        }
    }
}

impl<F: FnMut(DecodeEvent) -> ControlFlow<()>> RowSink for RowAssembler<F> {
    fn value(&mut self, _column: usize, value: DecodedValue<'_>) {
        self.row.push(value.into_value());
    }

    fn end_row(&mut self) -> ControlFlow<()> {
        let row = std::mem::replace(&mut self.row, Row::with_capacity(self.width));
        (self.each)(DecodeEvent::Row(row))
    }

    fn warning(&mut self, warning: Warning) -> ControlFlow<()> {
        (self.each)(DecodeEvent::Warning(warning))
    }
}
