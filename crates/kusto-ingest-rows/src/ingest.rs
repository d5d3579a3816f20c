//! All rows into a table, through any client.

use kusto_ingest_core::{Error, ErrorKind, IngestClient, IngestionProperties, Receipt, ReceiptState, Result};

use crate::Rows;

impl Rows {
    /// Ingests all rows, one chunk after the other, and gives the receipts in that order; when there are no rows, one
    /// receipt that says [`Skipped`](ReceiptState::Skipped), and the client is not asked.
    ///
    /// The format is set to that of the rows. All rows are one chunk where the properties have tags for ingesting
    /// only once ([`with_single_chunk`](Self::with_single_chunk)).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the properties name another format, or a header to ignore, which rows do
    /// not have; otherwise the first error of a chunk or of the client. The chunks before it were ingested and stay:
    /// the error has their receipts ([`Error::accepted`]), and tells with `chunks ingested` how many they are. The same rows
    /// given again would double those. Who wants to go on with the chunk that failed calls
    /// [`next_chunk`](Self::next_chunk) instead.
    ///
    /// # Cancel safety
    /// As [`IngestClient`]: the chunk whose future was dropped may or may not be ingested, those before are.
    pub async fn ingest_with<C: IngestClient + ?Sized>(
        self,
        client: &C,
        properties: &IngestionProperties,
    ) -> Result<Vec<Receipt>> {
        let (mut rows, properties) = self.for_properties(properties)?;
        let mut receipts = Vec::new();
        let ingested = async {
            while let Some(chunk) = rows.next_chunk().await? {
                receipts.push(client.ingest_source(chunk.into(), &properties).await?);
            }
            Ok(())
        }
        .await;
        if let Err(error) = ingested {
            let error: Error = error;
            return Err(error
                .with_source_id(rows.id())
                .with("chunks ingested", receipts.len())
                .with_accepted(receipts));
        }
        if receipts.is_empty() {
            let (database, table) = (properties.database, properties.table);
            receipts.push(Receipt::new(rows.id(), database, table, ReceiptState::Skipped));
        }
        Ok(receipts)
    }

    /// The rows and the properties of every chunk, as [`ingest_with`](Self::ingest_with) has them: the format is that of
    /// the rows, which are one chunk where the properties have tags for ingesting only once.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the properties name another format, or a header to ignore.
    pub fn for_properties(self, properties: &IngestionProperties) -> Result<(Self, IngestionProperties)> {
        let properties = self.properties(properties)?;
        let once = !properties.ingest_by_tags.is_empty() || !properties.ingest_if_not_exists.is_empty();
        let rows = if once { self.with_single_chunk() } else { self };
        Ok((rows, properties))
    }

    /// The properties of every chunk: those of the caller, with the format of the rows.
    fn properties(&self, given: &IngestionProperties) -> Result<IngestionProperties> {
        let invalid = |reason: String| {
            Err(Error::new(ErrorKind::InvalidInput, "ingest rows")
                .because(reason)
                .with_source_id(self.id()))
        };
        match given.format {
            Some(other) if other != self.format() => {
                return invalid(format!("they are written as {}, not as {other}", self.format()));
            }
            _ if given.ignore_first_record == Some(true) => {
                return invalid("they have no header, so their first record is not to be ignored".to_owned());
            }
            _ => {}
        }
        Ok(given.clone().with_format(self.format()))
    }
}
