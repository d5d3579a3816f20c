//! Tags for ingesting only once, which no two sources of a call may share.

use std::collections::HashSet;

use crate::{DatabaseName, Error, ErrorKind, IngestionProperties, Result, TableName};

/// The tags of the sources so far by which one is ingested only once.
pub(super) struct OnceTags {
    seen: HashSet<(DatabaseName, TableName, String)>,
    most: usize,
}

impl OnceTags {
    /// Remembers so many of them, the first ones: a tag that many sources share is among these.
    pub(super) fn of_at_most(most: usize) -> Self {
        Self {
            seen: HashSet::new(),
            most,
        }
    }

    /// Takes down the tags of a source.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`]: a source before it has one of them, so that the service would skip this one.
    pub(super) fn note(&mut self, properties: &IngestionProperties) -> Result<()> {
        let place = || (properties.database.clone(), properties.table.clone());
        let tags = properties.once_tags().map(|tag| {
            let (database, table) = place();
            (database, table, tag.to_owned())
        });
        let tags: Vec<_> = tags.collect();
        if let Some((_, _, tag)) = tags.iter().find(|tag| self.seen.contains(tag)) {
            return Err(shared(tag));
        }
        let room = self.most.saturating_sub(self.seen.len());
        self.seen.extend(tags.into_iter().take(room));
        Ok(())
    }
}

fn shared(tag: &str) -> Error {
    Error::new(ErrorKind::InvalidInput, "ingest several sources in one call").because(format!(
        "two of them have the ingest-by tag {tag:?} and are skipped where the table has it (ingest_if_not_exists), so only \
         one would arrive: give each a tag of its own"
    ))
}
