//! An ingest command as it is sent, and as it may be shown.

use std::fmt;

use kusto_ingest_core::{BlobUri, DataFormat, Error, ErrorKind, IngestionProperties, Result};

use crate::clause::clause;
use crate::quote;

/// An ingest command of the engine's.
///
/// `Display` and `Debug` show it without the addresses and without data; [`expose`](Self::expose) gives the whole.
///
/// ```
/// use kusto_ingest_core::{BlobUri, DataFormat, IngestionProperties};
/// use kusto_ingest_direct::IngestCommand;
///
/// let blob = BlobUri::parse("https://acct.blob.core.windows.net/c/day.csv?sig=SECRET")?;
/// let properties = IngestionProperties::into_table("Samples", "Weather")?;
/// let command = IngestCommand::of_blobs([&blob], &properties, DataFormat::Csv)?;
/// assert_eq!(command.to_string(), ".ingest into table ['Weather'] (h@'***') with (format=@'csv')");
/// # Ok::<(), kusto_ingest_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct IngestCommand {
    text: String,
    shown: String,
}

impl IngestCommand {
    /// `.ingest into table`: the engine fetches the blobs, and answers when they are in the table.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when a name, address or property
    /// cannot be written, properties contradict each other, or there are no blobs.
    pub fn of_blobs<'a>(
        blobs: impl IntoIterator<Item = &'a BlobUri>,
        properties: &IngestionProperties,
        format: DataFormat,
    ) -> Result<Self> {
        Self::ingest(".ingest into table", blobs, properties, format)
    }

    /// `.ingest async into table`: the engine answers with the operation that will load the blobs.
    ///
    /// # Errors
    /// As [`of_blobs`](Self::of_blobs).
    pub fn of_blobs_async<'a>(
        blobs: impl IntoIterator<Item = &'a BlobUri>,
        properties: &IngestionProperties,
        format: DataFormat,
    ) -> Result<Self> {
        Self::ingest(".ingest async into table", blobs, properties, format)
    }

    /// `.ingest inline into table`: the data is in the command.
    ///
    /// # Errors
    /// As [`of_blobs`](Self::of_blobs), and [`ErrorKind::Data`] when the data
    /// holds a NUL, begins with a blank or `//`, or ends with a blank: readers of commands skip those. In JSON, blanks
    /// do not matter.
    pub fn inline(data: &str, properties: &IngestionProperties, format: DataFormat) -> Result<Self> {
        let table = quote::entity(properties.table.as_str())?;
        let with = clause(properties, format)?;
        let front = format!(".ingest inline into table {table} {with} <|");
        Ok(Self {
            text: format!("{front}\n{}", quote::data(data, format)?),
            shown: format!("{front} {} bytes", data.len()),
        })
    }

    /// The text for the service, secrets included.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    fn ingest<'a>(
        verb: &str,
        blobs: impl IntoIterator<Item = &'a BlobUri>,
        properties: &IngestionProperties,
        format: DataFormat,
    ) -> Result<Self> {
        let blobs: Vec<String> = blobs
            .into_iter()
            .map(|blob| quote::secret(blob.expose()))
            .collect::<Result<_>>()?;
        if blobs.is_empty() {
            return Err(
                Error::new(ErrorKind::InvalidInput, "write the ingest command").because("it names no blob")
            );
        }
        let table = quote::entity(properties.table.as_str())?;
        let with = clause(properties, format)?;
        let hidden = vec!["h@'***'"; blobs.len()].join(",");
        Ok(Self {
            text: format!("{verb} {table} ({}) {with}", blobs.join(",")),
            shown: format!("{verb} {table} ({hidden}) {with}"),
        })
    }
}

impl fmt::Display for IngestCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for IngestCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("IngestCommand").field(&self.shown).finish()
    }
}
