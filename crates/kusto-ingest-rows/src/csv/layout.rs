//! Which columns the records of one source have.

use std::sync::Arc;

use kusto_ingest_core::{Error, ErrorKind, Result};

use crate::refusal::Refusal;

/// Which columns the records of one source have: the same for all of them.
#[derive(Clone, Debug)]
pub(crate) enum Layout {
    /// The first row will tell.
    Unknown,
    /// Cells are put in place by the names of their fields.
    Named(Arc<[String]>),
    /// Cells come in their order, always as many.
    Width(usize),
}

impl Layout {
    /// Columns by name, in this order.
    pub(crate) fn of<I: IntoIterator<Item: Into<String>>>(columns: I) -> Result<Self> {
        let invalid =
            |reason: String| Error::new(ErrorKind::InvalidInput, "list the columns").because(reason);
        let columns: Vec<String> = columns.into_iter().map(Into::into).collect();
        if columns.is_empty() {
            return Err(invalid("there is none".to_owned()));
        }
        let twice = columns
            .iter()
            .enumerate()
            .find(|(position, column)| columns[..*position].contains(column));
        match twice {
            Some((_, column)) => Err(invalid(format!("{column:?} is listed twice"))),
            None => Ok(Self::Named(columns.into())),
        }
    }

    /// Checks a row of cells without names, and tells the layout if this is the first row.
    pub(super) fn check_width(&self, cells: usize) -> Result<Option<Self>, Refusal> {
        let expected = match self {
            _ if cells == 0 => return Err(Refusal::new("it has no cells")),
            Self::Unknown => return Ok(Some(Self::Width(cells))),
            Self::Named(columns) => columns.len(),
            Self::Width(cells) => *cells,
        };
        if cells == expected {
            return Ok(None);
        }
        Err(Refusal::new(format!(
            "it has {cells} cells where there are {expected} columns"
        )))
    }
}

/// Finds columns by name, quickly when they come in their order.
#[derive(Debug)]
pub(super) struct ColumnFinder {
    pub(super) columns: Arc<[String]>,
    next: usize,
}

impl ColumnFinder {
    pub(super) fn new(columns: Arc<[String]>) -> Self {
        Self { columns, next: 0 }
    }

    /// The position of a column.
    pub(super) fn position(&mut self, name: &str) -> Option<usize> {
        let is_next = self.columns.get(self.next).is_some_and(|column| column == name);
        let position = if is_next {
            self.next
        } else {
            self.columns.iter().position(|column| column == name)?
        };
        self.next = position + 1;
        Some(position)
    }
}
