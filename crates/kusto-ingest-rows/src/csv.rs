//! A row as one record of CSV: columns in a fixed order, no header, every record ended by a line feed.

mod cell;
mod layout;
mod positions;
mod record;

pub(crate) use layout::Layout;

use std::ops::Range;

use serde::Serialize;

use crate::refusal::Refusal;
use record::Record;

/// Writes records that all have the columns of the first one, or the columns that were listed.
#[derive(Clone, Debug)]
pub(crate) struct Csv {
    layout: Layout,
    draft: RowDraft,
}

impl Csv {
    pub(crate) fn new(layout: Layout) -> Self {
        Self {
            layout,
            draft: RowDraft::default(),
        }
    }

    /// Whether the first row will tell the columns.
    #[cfg(feature = "arrow")]
    pub(crate) fn awaits_columns(&self) -> bool {
        matches!(self.layout, Layout::Unknown)
    }

    /// Appends one record. A row that is refused leaves no columns behind.
    pub(crate) fn write(
        &mut self,
        row: &(impl Serialize + ?Sized),
        out: &mut Vec<u8>,
    ) -> Result<(), Refusal> {
        self.draft.clear();
        let fixed = row.serialize(Record {
            layout: &self.layout,
            draft: &mut self.draft,
        })?;
        if let Some(layout) = fixed {
            self.layout = layout;
        }
        self.draft.write(out);
        Ok(())
    }
}

/// The cells of one record, each ready to be written, in the order of the columns.
#[derive(Clone, Debug, Default)]
pub(crate) struct RowDraft {
    text: Vec<u8>,
    /// Where in the text each cell is; `None` for a column that the row did not mention.
    cells: Vec<Option<Range<usize>>>,
}

impl RowDraft {
    fn clear(&mut self) {
        self.text.clear();
        self.cells.clear();
    }

    /// Writes the text of a value, and tells where it is.
    fn cell(&mut self, value: &(impl Serialize + ?Sized)) -> Result<Range<usize>, Refusal> {
        let start = self.text.len();
        cell::write(value, &mut self.text)?;
        Ok(start..self.text.len())
    }

    fn write(&self, out: &mut Vec<u8>) {
        let start = out.len();
        for (position, cell) in self.cells.iter().enumerate() {
            if position > 0 {
                out.push(b',');
            }
            if let Some(range) = cell {
                out.extend_from_slice(&self.text[range.clone()]);
            }
        }
        if out.len() == start {
            // One null alone would be an empty line, which readers take for no record at all.
            out.extend_from_slice(b"\"\"");
        }
        out.push(b'\n');
    }
}
