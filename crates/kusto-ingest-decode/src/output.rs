//! Where the readers of the formats put their records, and what becomes of them there.

use std::ops::ControlFlow;

use crate::plan::Plan;
use crate::record::Record;
use crate::{RowSink, Warning, WarningKind};

/// Where the readers of the formats put their records.
pub(crate) struct Output<'a> {
    plan: Plan<'a>,
    sink: &'a mut dyn RowSink,
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
    pub(crate) fn new(plan: Plan<'a>, sink: &'a mut dyn RowSink) -> Self {
        Self {
            plan,
            sink,
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

    /// The top-level fields that columns take values from; none where a column takes the whole record.
    #[cfg(any(feature = "orc", feature = "parquet"))]
    pub(crate) fn roots(&self) -> Option<std::collections::BTreeSet<String>> {
        self.plan.roots()
    }

    /// Remarks on fields that no column takes, where columns go by place. It is about the record that is given next.
    pub(crate) fn see_width(&mut self, fields: usize) -> ControlFlow<()> {
        let columns = self.plan.columns.len();
        if !self.plan.is_identity || fields <= columns {
            return ControlFlow::Continue(());
        }
        self.sink.warning(Warning {
            record: self.records + 1,
            line: self.line,
            column: None,
            kind: WarningKind::FieldsBeyondColumns { fields, columns },
        })
    }

    /// Counts a header, which gives no row.
    pub(crate) fn skip_header(&mut self) {
        self.records += 1;
        self.headers += 1;
    }

    /// Leaves a record out, and says why.
    pub(crate) fn leave_out(&mut self, kind: WarningKind) -> ControlFlow<()> {
        self.records += 1;
        self.sink.warning(Warning {
            record: self.records,
            line: self.line,
            column: None,
            kind,
        })
    }

    /// Makes a record a row.
    pub(crate) fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        self.records += 1;
        self.rows += 1;
        for (place, column) in self.plan.columns.iter().enumerate() {
            let (value, kind) = column.value(record, self.records);
            self.sink.value(place, value);
            if let Some(kind) = kind {
                self.sink.warning(Warning {
                    record: self.records,
                    line: self.line,
                    column: Some(column.column.name.clone()),
                    kind,
                })?;
            }
        }
        self.sink.end_row()
    }
}
