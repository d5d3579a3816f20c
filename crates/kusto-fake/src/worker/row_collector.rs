//! What is taken of a source: its rows, as long as there is room for them, and what was remarked on.

use std::ops::ControlFlow;

use kusto_ingest_core::{Error, Result};
use kusto_ingest_decode::{DecodeOptions, DecodedValue, RowSink, Schema, Warning, decode_into};

use super::memory::MemoryShare;
use super::refusal::refused;
use super::source::Source;
use crate::ingestion_note::DecodeSummary;
use crate::store::{Store, size_of_value};
use crate::{FakeKusto, Limits};

/// What is taken of a source.
///
/// A source that turns out to be large is measured to its end before more of it is kept. So one that unpacks to gigabytes
/// fails without having taken them: memory that was taken once, an allocator may keep.
pub(super) struct RowCollector<'a> {
    schema: &'a Schema,
    limits: Limits,
    memory: MemoryShare<'a>,
    row_count: u64,
    pub(super) rows: Store,
    pub(super) remarks: DecodeSummary,
    /// Why no more rows are taken.
    refusal: Option<Error>,
}

impl<'a> RowCollector<'a> {
    /// Reads a source: once, or twice where it is large.
    ///
    /// # Errors
    /// That of opening or decoding it; `BadRequest_FileTooLarge` and `BadRequest_DataCapacityLimitReached` beyond a limit.
    pub(super) fn read(
        kusto: &'a FakeKusto,
        schema: &'a Schema,
        options: &DecodeOptions,
        open: impl Fn() -> Result<Source>,
    ) -> Result<Self> {
        let read = |mut taken: Self| {
            let mut source = open()?;
            while source.next_file()? {
                taken.decode(&mut source, options)?;
            }
            Ok(taken)
        };
        let first = read(Self::new(kusto, schema, MemoryShare::new(kusto)))?;
        if !first.memory.is_large() {
            return Ok(first);
        }
        let measured = first.memory.total();
        drop(first);
        read(Self::new(kusto, schema, MemoryShare::of(kusto, measured)?))
    }

    fn new(kusto: &FakeKusto, schema: &'a Schema, memory: MemoryShare<'a>) -> Self {
        Self {
            schema,
            limits: kusto.limits(),
            memory,
            row_count: 0,
            rows: Store::default(),
            remarks: DecodeSummary::default(),
            refusal: None,
        }
    }

    /// Takes the rows of one file, unless there are too many.
    fn decode(&mut self, source: &mut Source, options: &DecodeOptions) -> Result<()> {
        let decoded = decode_into(&mut *source, options, self.schema, self);
        decoded.map_err(|error| source.refusal().unwrap_or(error))?;
        self.refusal.take().map_or(Ok(()), Err)
    }

    /// Why no more rows are to be taken.
    fn limit_met(&mut self) -> Option<Error> {
        if self.row_count > self.limits.max_rows {
            let why = "the source has more rows than this Kusto takes of one";
            return Some(refused("BadRequest_FileTooLarge", why));
        }
        self.memory.check().err()
    }
}

impl RowSink for RowCollector<'_> {
    fn value(&mut self, column: usize, value: DecodedValue<'_>) {
        self.memory.add(size_of_value(&value));
        if !self.memory.is_large() {
            self.rows.value(self.schema, column, &value);
        }
    }

    fn end_row(&mut self) -> ControlFlow<()> {
        self.row_count += 1;
        if self.memory.is_large() {
            self.rows = Store::default();
        } else {
            self.rows.end_row(self.schema);
        }
        self.refusal = self.limit_met();
        match self.refusal {
            None => ControlFlow::Continue(()),
            Some(_) => ControlFlow::Break(()),
        }
    }

    fn warning(&mut self, warning: Warning) -> ControlFlow<()> {
        self.remarks.add(warning);
        ControlFlow::Continue(())
    }
}
