//! Some rows, column by column.

use std::sync::Arc;

use crate::Value;

/// How many rows are worked on at once.
pub(crate) const BATCH: usize = 32 << 10;

/// How many bytes of memory so many rows of so many columns take at least.
pub(crate) fn cells(rows: usize, columns: usize) -> usize {
    rows.saturating_mul(columns).saturating_mul(size_of::<Value>())
}

/// The values of a column: one for every row, or the same for all.
#[derive(Clone, Debug)]
pub(crate) enum Vector {
    Const(Value),
    Rows(Arc<Vec<Value>>),
}

impl Vector {
    pub(crate) fn of(values: Vec<Value>) -> Self {
        Self::Rows(Arc::new(values))
    }

    /// The value of a row.
    #[inline]
    pub(crate) fn at(&self, row: usize) -> &Value {
        match self {
            Self::Const(value) => value,
            Self::Rows(values) => &values[row],
        }
    }

    /// About how many bytes of memory it takes.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Const(value) => value.size(),
            Self::Rows(values) => values.iter().map(Value::size).sum(),
        }
    }

    /// The values of these rows.
    pub(crate) fn gather(&self, rows: &[u32]) -> Self {
        match self {
            Self::Const(value) => Self::Const(value.clone()),
            Self::Rows(values) => Self::of(rows.iter().map(|row| values[*row as usize].clone()).collect()),
        }
    }
}

/// Some rows, column by column.
#[derive(Clone, Debug, Default)]
pub(crate) struct Frame {
    pub(crate) columns: Vec<Vector>,
    pub(crate) rows: usize,
}

impl Frame {
    /// One row without columns.
    pub(crate) fn unit() -> Self {
        Self {
            columns: Vec::new(),
            rows: 1,
        }
    }

    /// These rows of it.
    pub(crate) fn gather(&self, rows: &[u32]) -> Self {
        Self {
            columns: self.columns.iter().map(|column| column.gather(rows)).collect(),
            rows: rows.len(),
        }
    }

    /// The first rows of it.
    pub(crate) fn first(&self, rows: usize) -> Self {
        self.slice(0, rows.min(self.rows))
    }

    /// So many rows from a place on.
    pub(crate) fn slice(&self, from: usize, rows: usize) -> Self {
        let column = |column: &Vector| match column {
            Vector::Const(value) => Vector::Const(value.clone()),
            Vector::Rows(values) if from == 0 && rows == values.len() => Vector::Rows(Arc::clone(values)),
            Vector::Rows(values) => Vector::of(values[from..from + rows].to_vec()),
        };
        Self {
            columns: self.columns.iter().map(column).collect(),
            rows,
        }
    }

    /// About how many bytes of memory it takes.
    pub(crate) fn size(&self) -> usize {
        self.columns.iter().map(Vector::size).sum()
    }

    /// The bytes of its data, as limits on answers count them.
    pub(crate) fn payload(&self) -> usize {
        let column = |column: &Vector| match column {
            Vector::Const(value) => value.payload() * self.rows,
            Vector::Rows(values) => values.iter().map(Value::payload).sum(),
        };
        self.columns.iter().map(column).sum()
    }
}

/// Rows that are put one behind the other.
#[derive(Debug)]
pub(crate) struct Collected {
    columns: Vec<Vec<Value>>,
    rows: usize,
}

impl Collected {
    pub(crate) fn new(columns: usize) -> Self {
        Self {
            columns: vec![Vec::new(); columns],
            rows: 0,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.rows
    }

    pub(crate) fn push(&mut self, frame: Frame) {
        for (values, more) in self.columns.iter_mut().zip(frame.columns) {
            match more {
                Vector::Const(value) => values.resize(values.len() + frame.rows, value),
                Vector::Rows(more) => match Arc::try_unwrap(more) {
                    Ok(more) if values.is_empty() => *values = more,
                    Ok(more) => values.extend(more),
                    Err(shared) => values.extend(shared.iter().cloned()),
                },
            }
        }
        self.rows += frame.rows;
    }

    pub(crate) fn into_frame(self) -> Frame {
        Frame {
            columns: self.columns.into_iter().map(Vector::of).collect(),
            rows: self.rows,
        }
    }
}
