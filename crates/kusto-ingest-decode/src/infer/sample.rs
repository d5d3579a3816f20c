//! A sample of the data, and its complete records.

use std::collections::HashMap;
use std::ops::ControlFlow;

use kusto_ingest_core::{DataFormat, Result};

use super::types::TypeCandidates;
use crate::format::json::{for_each, for_each_line};
use crate::format::json_values::Shape;
use crate::format::{Delimited, Dialect, Lines, open, w3c};
use crate::json::members;
use crate::record::Fields;

/// The start of the data, or all of it.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    bytes: &'a [u8],
    is_complete: bool,
}

impl<'a> Sample<'a> {
    /// All of the data.
    #[must_use]
    pub fn complete(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            is_complete: true,
        }
    }

    /// The first bytes of the data, about a MiB. The record at the cut is left out, unless it is the only one.
    #[must_use]
    pub fn truncated(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            is_complete: false,
        }
    }

    /// Whether the columns of a format are described at the end of its files, so that only a complete sample tells them.
    #[must_use]
    pub fn needs_all(format: DataFormat) -> bool {
        matches!(format, DataFormat::Parquet | DataFormat::Orc)
    }

    /// The bytes of a format whose description is at its start.
    #[cfg(feature = "avro")]
    pub(super) fn bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// All of the data, of a format whose description is at its end.
    #[cfg(any(feature = "orc", feature = "parquet"))]
    pub(super) fn whole(self) -> Result<&'a [u8]> {
        match self.is_complete {
            true => Ok(self.bytes),
            false => Err(crate::code::failure(
                crate::code::TOO_LARGE,
                "the columns are described at the end of the file, which is too large to be looked into",
            )),
        }
    }

    /// The records of a delimited format.
    pub(super) fn records(self, dialect: Dialect) -> Result<Vec<Vec<String>>> {
        let mut reader = Delimited::new(open(self.bytes)?, dialect);
        let mut fields = Fields::default();
        let mut records: Vec<Vec<String>> = Vec::new();
        loop {
            match reader.read(&mut fields) {
                Ok(true) => records.push(fields.iter().map(Into::into).collect()),
                Ok(false) => break,
                Err(error) if self.is_complete || records.is_empty() => return Err(error),
                // The cut goes through a quoted field: that record is not among those read.
                Err(_) => return Ok(records),
            }
        }
        if !self.is_complete && records.len() > 1 && !self.bytes.ends_with(b"\n") {
            records.pop();
        }
        Ok(records)
    }

    /// The members of the objects, in the order in which they appear.
    pub(super) fn members(self, format: DataFormat) -> Result<Vec<(String, TypeCandidates)>> {
        let mut found = SampledColumns::default();
        let mut see = |text: &str| {
            for (name, value) in members(text).unwrap_or_default() {
                found.guess(&name).see_json(value);
            }
        };
        let mut input = open(self.bytes)?;
        let shape = match format {
            DataFormat::SingleJson => Shape::One,
            _ => Shape::Many,
        };
        let read = match format {
            DataFormat::Json => for_each_line(&mut input, &mut see),
            _ => for_each(&mut input, shape, &mut |_, text| {
                see(text);
                ControlFlow::Continue(())
            })
            .map(|_| ()),
        };
        match read {
            Err(error) if self.is_complete || found.columns.is_empty() => Err(error),
            Ok(()) | Err(_) => Ok(found.columns),
        }
    }

    /// The fields of a W3C log file.
    pub(super) fn w3c_fields(self) -> Result<Vec<(String, TypeCandidates)>> {
        let mut input = open(self.whole_lines())?;
        let mut lines = Lines::of(&mut input);
        let mut names: Vec<String> = Vec::new();
        let mut found = SampledColumns::default();
        while let Some(line) = lines.next()? {
            let text = String::from_utf8_lossy(line.bytes);
            if let Some(fields) = text.strip_prefix('#').and_then(w3c::fields_of) {
                names = fields;
            }
            let values = w3c::split(&text);
            for (at, name) in names.iter().enumerate() {
                let guess = found.guess(name);
                if !text.starts_with('#') && values.len() == names.len() && values[at] != "-" {
                    guess.see_text(values[at]);
                }
            }
        }
        Ok(found.columns)
    }

    /// The bytes without the line that their end cuts.
    fn whole_lines(self) -> &'a [u8] {
        let last = self.bytes.iter().rposition(|byte| *byte == b'\n');
        match last {
            Some(last) if !self.is_complete => &self.bytes[..=last],
            _ => self.bytes,
        }
    }
}

/// The columns met so far, in the order in which they appeared.
#[derive(Default)]
struct SampledColumns {
    columns: Vec<(String, TypeCandidates)>,
    places: HashMap<String, usize>,
}

impl SampledColumns {
    /// The guess under a name, a new one behind the others when there is none.
    fn guess(&mut self, name: &str) -> &mut TypeCandidates {
        let at = self.places.get(name).copied().unwrap_or_else(|| {
            self.places.insert(name.to_owned(), self.columns.len());
            self.columns.push((name.to_owned(), TypeCandidates::default()));
            self.columns.len() - 1
        });
        &mut self.columns[at].1
    }
}
