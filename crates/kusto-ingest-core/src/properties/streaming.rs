//! Which properties a streaming request can carry.

use super::IngestionProperties;
use crate::{Compression, IngestionMapping, Source};

impl IngestionProperties {
    /// The properties that a streaming request cannot carry, by their names on the wire; empty when it can carry all.
    ///
    /// Properties that only speed up or report a queued ingestion do not count: streaming neither batches nor reports.
    #[must_use]
    pub fn not_streamable<'a>(&'a self, source: &Source) -> Vec<&'a str> {
        let (is_zip, is_given_away) = match source {
            Source::Local(local) => (local.compression() == Compression::Zip, false),
            Source::Blob(blob) => (
                Compression::from_name(blob.uri().redacted()) == Compression::Zip,
                !blob.is_retained(),
            ),
        };
        let is_tagged = [&self.additional_tags, &self.drop_by_tags, &self.ingest_by_tags]
            .iter()
            .any(|tags| !tags.is_empty());
        let typed = [
            ("tags", is_tagged),
            ("ingestIfNotExists", !self.ingest_if_not_exists.is_empty()),
            ("creationTime", self.creation_time.is_some()),
            ("ignoreFirstRecord", self.ignore_first_record == Some(true)),
            (
                "ingestionMapping",
                matches!(self.mapping, Some(IngestionMapping::Inline { .. })),
            ),
            ("validationPolicy", self.validation_policy.is_some()),
            ("zipPattern", self.zip_pattern.is_some()),
            ("extend_schema", self.extend_schema.is_some()),
            ("recreate_schema", self.recreate_schema.is_some()),
            ("zip archives", is_zip),
            ("deletion of the blob", is_given_away),
        ];
        let typed = typed.into_iter().filter(|(_, is_set)| *is_set);
        let free = self.additional_properties.iter();
        typed
            .map(|(name, _)| name)
            .chain(free.map(|(name, _)| name.as_str()))
            .collect()
    }
}
