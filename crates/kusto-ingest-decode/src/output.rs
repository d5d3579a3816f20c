//! What decoding gives out: rows, and warnings about what was not as expected.

use std::ops::ControlFlow;

use crate::plan::Plan;
use crate::record::Record;
use crate::{Value, Warning, WarningKind};

/// One row: a value for every column of the schema, in its order.
pub type Row = Vec<Value>;

/// What decoding meets, in the order of the source: the warnings about a record come before its row.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a reader must decide what to do with each"
)]
pub enum DecodeEvent {
    /// A row for the table.
    Row(Row),
    /// Something that was not as expected; the service would not say so.
    Warning(Warning),
}

/// Where the readers of the formats put their records.
pub(crate) struct Output<'a> {
    plan: Plan<'a>,
    each: &'a mut dyn FnMut(DecodeEvent) -> ControlFlow<()>,
    /// The line on which the record begins that is given next.
    pub(crate) line: u64,
    /// How many records were met, a header included.
    pub(crate) records: u64,
    /// How many of them were headers.
    pub(crate) headers: u64,
    /// How many of them became rows.
    pub(crate) rows: u64,
}

impl<'a> Output<'a> {
    /// Gives out the rows that a plan makes of records.
    pub(crate) fn new(plan: Plan<'a>, each: &'a mut dyn FnMut(DecodeEvent) -> ControlFlow<()>) -> Self {
        Self {
            plan,
            each,
            line: 1,
            records: 0,
            headers: 0,
            rows: 0,
        }
    }

    /// Whether columns take values by the names of an object's members, with no mapping between.
    pub(crate) fn is_by_name(&self) -> bool {
        self.plan.is_identity
    }

    /// Counts a header, which gives no row.
    pub(crate) fn skip_header(&mut self) {
        self.records += 1;
        self.headers += 1;
    }

    /// Leaves a record out, and says why.
    pub(crate) fn leave_out(&mut self, kind: WarningKind) -> ControlFlow<()> {
        self.records += 1;
        (self.each)(DecodeEvent::Warning(Warning {
            record: self.records,
            line: self.line,
            column: None,
            kind,
        }))
    }

    /// Makes a record a row.
    pub(crate) fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        self.records += 1;
        self.rows += 1;
        let mut row = Row::with_capacity(self.plan.columns.len());
        for column in &self.plan.columns {
            let (value, kind) = column.value(record, self.records);
            row.push(value);
            if let Some(kind) = kind {
                (self.each)(DecodeEvent::Warning(Warning {
                    record: self.records,
                    line: self.line,
                    column: Some(column.column.name.clone()),
                    kind,
                }))?;
            }
        }
        (self.each)(DecodeEvent::Row(row))
    }
}
