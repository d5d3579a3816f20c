//! One row after the other, from values to bytes.

use kusto_ingest_core::{DataFormat, Result};
use serde::Serialize;

use crate::csv::{Csv, Layout};
use crate::json;
use crate::refusal::Refusal;

/// Writes rows, one record each, as CSV or as JSON lines.
///
/// ```
/// use kusto_ingest_rows::RowWriter;
///
/// let mut writer = RowWriter::csv();
/// let mut out = Vec::new();
/// writer.write(&("Seattle", Some(4.5), None::<i64>, ["wet", "mild"]), &mut out)?;
/// assert_eq!(out, b"Seattle,4.5,,\"[\"\"wet\"\",\"\"mild\"\"]\"\n");
/// # Ok::<(), kusto_ingest_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct RowWriter {
    form: Form,
    rows: u64,
}

#[derive(Clone, Debug)]
enum Form {
    Csv(Csv),
    JsonLines,
}

impl RowWriter {
    /// CSV whose columns are those of the first row: the fields of a struct in their order, those that
    /// serde skips included, or the cells of a tuple.
    ///
    /// There is no header: without a mapping, Kusto takes columns by their order in the table. Maps have no order
    /// to rely on, so as rows they need [`csv_with_columns`](Self::csv_with_columns) or [`json_lines`](Self::json_lines); the same goes
    /// for structs with `#[serde(flatten)]`, which serde presents as maps.
    #[must_use]
    pub fn csv() -> Self {
        Self::new(Form::Csv(Csv::new(Layout::Unknown)))
    }

    /// CSV with these columns in this order. Fields are put in place by their names; a row that lacks one has
    /// null there.
    ///
    /// # Errors
    /// [`InvalidInput`](kusto_ingest_core::ErrorKind::InvalidInput) when there is no column, or one is there twice.
    pub fn csv_with_columns<I: IntoIterator<Item: Into<String>>>(columns: I) -> Result<Self> {
        Ok(Self::new(Form::Csv(Csv::new(Layout::of(columns)?))))
    }

    /// One JSON object a line. Kusto takes members by name, so rows may differ in what they have.
    #[must_use]
    pub fn json_lines() -> Self {
        Self::new(Form::JsonLines)
    }

    fn new(form: Form) -> Self {
        Self { form, rows: 0 }
    }

    /// The format that Kusto is to be told.
    #[must_use]
    pub fn format(&self) -> DataFormat {
        match self.form {
            Form::Csv(_) => DataFormat::Csv,
            Form::JsonLines => DataFormat::Json,
        }
    }

    /// Appends one row, its line feed included.
    ///
    /// # Errors
    /// [`InvalidInput`](kusto_ingest_core::ErrorKind::InvalidInput), with the number of the row, counted from 1, and
    /// the column, when the value is no row, has other columns than the first one, or does not let itself be
    /// serialized. Nothing is appended then, and the next row can be written.
    pub fn write<T: Serialize + ?Sized>(&mut self, row: &T, out: &mut Vec<u8>) -> Result<()> {
        self.rows += 1;
        let start = out.len();
        let written = match &mut self.form {
            Form::Csv(csv) => csv.write(row, out),
            Form::JsonLines => line(row, out),
        };
        written.map_err(|refusal| {
            out.truncate(start);
            refusal.in_row(self.rows)
        })
    }

    /// How many rows were written, or refused.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The same writer, with these columns if it is to take those of the first row.
    #[cfg(feature = "arrow")]
    pub(crate) fn or_with_columns<I: IntoIterator<Item: Into<String>>>(self, columns: I) -> Result<Self> {
        match self.form {
            Form::Csv(csv) if csv.awaits_columns() => Self::csv_with_columns(columns),
            form => Ok(Self { form, ..self }),
        }
    }

    /// The same writer, as if it had written so many rows.
    pub(crate) fn at_row(&self, rows: u64) -> Self {
        Self { rows, ..self.clone() }
    }
}

fn line(row: &(impl Serialize + ?Sized), out: &mut Vec<u8>) -> Result<(), Refusal> {
    let start = out.len();
    json::write(row, out)?;
    if out.get(start) != Some(&b'{') {
        return Err(Refusal::new("a row of JSON lines must be an object"));
    }
    out.push(b'\n');
    Ok(())
}
