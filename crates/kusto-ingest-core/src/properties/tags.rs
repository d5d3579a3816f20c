//! The tags of what is ingested: three lists, and one on the wire.

use super::IngestionProperties;

/// The prefix of tags that serve to drop what was ingested together.
pub const DROP_BY: &str = "drop-by:";

/// The prefix of tags that serve to ingest only once.
pub const INGEST_BY: &str = "ingest-by:";

impl IngestionProperties {
    /// The three lists of tags as one, prefixes added.
    #[must_use]
    pub fn tags(&self) -> Vec<String> {
        let drop_by = self.drop_by_tags.iter().map(|tag| prefixed(DROP_BY, tag));
        let ingest_by = self.ingest_by_tags.iter().map(|tag| prefixed(INGEST_BY, tag));
        let plain = self.additional_tags.iter().cloned();
        plain.chain(drop_by).chain(ingest_by).collect()
    }

    /// The tags for ingesting only once, without their prefix: those that the data is tagged by, and where one of them exists,
    /// nothing is ingested. Of several sources that have one of them, only the first arrives.
    pub fn once_tags(&self) -> impl Iterator<Item = &str> {
        let tags = match self.ingest_if_not_exists.is_empty() {
            true => Vec::new(),
            false => self.tags(),
        };
        let looked_for = self.ingest_if_not_exists.iter();
        looked_for
            .filter(move |tag| tags.contains(&prefixed(INGEST_BY, tag)))
            .map(|tag| tag.strip_prefix(INGEST_BY).unwrap_or(tag))
    }
}

/// A tag with its prefix; one that has it already keeps the one it has.
fn prefixed(prefix: &str, tag: &str) -> String {
    if tag.starts_with(prefix) {
        tag.to_owned()
    } else {
        format!("{prefix}{tag}")
    }
}
