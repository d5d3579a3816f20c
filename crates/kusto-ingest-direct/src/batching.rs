//! Which blobs go into one command.

use kusto_ingest_core::{BlobUri, DataFormat, IngestionProperties, SourceId};

use crate::source::CommandSource;

/// How long the addresses of one command may be together, in bytes.
const LONGEST_COMMAND: usize = 1024 * 1024;

/// How many blobs go into one command.
///
/// Blobs share a command when they follow one another with equal properties and format. A command often fails or
/// succeeds with all of its blobs, so by default each blob has its own command. A blob with `ingestIfNotExists` always
/// has: of several blobs in one command, the engine does not say which it skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Batching {
    /// The most blobs of one command.
    pub max_sources: usize,
    /// The most bytes of uncompressed data of one command, as far as sizes are known. A larger blob goes alone.
    pub max_bytes: u64,
}

impl Default for Batching {
    /// Each blob has a command of its own.
    fn default() -> Self {
        Self {
            max_sources: 1,
            ..Self::many_per_command()
        }
    }
}

impl Batching {
    /// Up to 1,000 blobs and 500 MiB.
    #[must_use]
    pub const fn many_per_command() -> Self {
        Self {
            max_sources: 1_000,
            max_bytes: 500 * 1024 * 1024,
        }
    }

    /// Up to so many blobs.
    #[must_use]
    pub const fn with_max_sources(self, max_sources: usize) -> Self {
        Self { max_sources, ..self }
    }

    /// Up to so many bytes of uncompressed data.
    #[must_use]
    pub const fn with_max_bytes(self, max_bytes: u64) -> Self {
        Self { max_bytes, ..self }
    }

    /// Puts blobs into batches, in their order.
    pub(crate) fn plan<'a>(&self, blobs: Vec<BatchedBlob<'a>>) -> Vec<Batch<'a>> {
        let mut batches: Vec<Batch<'a>> = Vec::new();
        for blob in blobs {
            match batches.last_mut() {
                Some(batch) if self.fits(batch, &blob) => batch.members.push(blob),
                _ => batches.push(Batch::of(blob)),
            }
        }
        batches
    }

    fn fits(&self, batch: &Batch<'_>, blob: &BatchedBlob<'_>) -> bool {
        let first = &batch.members[0];
        let bytes = |blob: &BatchedBlob<'_>| blob.raw_bytes.unwrap_or_default();
        let length = |blob: &BatchedBlob<'_>| blob.uri.expose().len();
        let members = || batch.members.iter().chain([blob]);
        batch.members.len() < self.max_sources
            && blob.properties.ingest_if_not_exists.is_empty()
            && first.format == blob.format
            && first.properties == blob.properties
            && members().map(bytes).fold(0, u64::saturating_add) <= self.max_bytes
            && members().map(length).sum::<usize>() <= LONGEST_COMMAND
    }
}

/// A blob that waits for its command.
#[derive(Debug)]
pub(crate) struct BatchedBlob<'a> {
    /// Its place among what the caller gave.
    pub(crate) place: usize,
    pub(crate) id: SourceId,
    pub(crate) chunk: Option<u32>,
    pub(crate) uri: BlobUri,
    pub(crate) format: DataFormat,
    pub(crate) properties: &'a IngestionProperties,
    pub(crate) raw_bytes: Option<u64>,
    pub(crate) sent_bytes: Option<u64>,
    pub(crate) stored_bytes: u64,
}

impl BatchedBlob<'_> {
    /// The blob as a source of its command.
    pub(crate) fn command_source(&self) -> CommandSource<'_> {
        CommandSource {
            id: self.id,
            chunk: self.chunk,
            blob: Some(&self.uri),
            raw_bytes: self.raw_bytes,
            sent_bytes: self.sent_bytes,
            stored_bytes: self.stored_bytes,
        }
    }
}

/// The blobs of one command: at least one, of one format, with equal properties.
#[derive(Debug)]
pub(crate) struct Batch<'a> {
    pub(crate) format: DataFormat,
    pub(crate) properties: &'a IngestionProperties,
    pub(crate) members: Vec<BatchedBlob<'a>>,
}

impl<'a> Batch<'a> {
    pub(crate) fn of(blob: BatchedBlob<'a>) -> Self {
        Self {
            format: blob.format,
            properties: blob.properties,
            members: vec![blob],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kusto_ingest_core::Timestamp;

    fn created(at: &str) -> IngestionProperties {
        let properties = IngestionProperties::into_table("D", "T").unwrap();
        properties.with_creation_time(Timestamp::parse(at).unwrap())
    }

    /// The places in the batches that blobs of these sizes and properties make.
    fn plan(batching: Batching, blobs: &[(u64, &IngestionProperties)]) -> Vec<Vec<usize>> {
        let members = blobs
            .iter()
            .enumerate()
            .map(|(place, (bytes, properties))| BatchedBlob {
                place,
                id: SourceId::random(),
                chunk: None,
                uri: BlobUri::parse(format!("https://a/c/{place}.csv")).unwrap(),
                format: DataFormat::Csv,
                properties,
                raw_bytes: Some(*bytes),
                sent_bytes: None,
                stored_bytes: 0,
            });
        let batches = batching.plan(members.collect());
        let places = |batch: &Batch<'_>| batch.members.iter().map(|blob| blob.place).collect();
        batches.iter().map(places).collect()
    }

    #[test]
    fn a_batch_ends_by_count_by_bytes_and_by_other_properties() {
        let (early, late) = (created("2026-01-01"), created("2026-01-02"));
        let blobs = [
            (1, &early),
            (1, &early),
            (1, &late),
            (9, &late),
            (1, &late),
            (1, &late),
        ];
        let all = Batching::many_per_command();
        assert_eq!(plan(all, &blobs), [vec![0, 1], vec![2, 3, 4, 5]]);
        assert_eq!(
            plan(all.with_max_bytes(2), &blobs),
            [vec![0, 1], vec![2], vec![3], vec![4, 5]]
        );
        assert_eq!(
            plan(all.with_max_sources(3), &blobs),
            [vec![0, 1], vec![2, 3, 4], vec![5]]
        );
        assert_eq!(plan(Batching::default(), &blobs).len(), 6);
    }

    #[test]
    fn what_is_to_be_ingested_once_only_goes_alone() {
        let many = created("2026-01-01");
        let once = many.clone().with_ingest_if_not_exists(["x"]);
        let blobs = [(1, &many), (1, &many), (1, &once), (1, &once), (1, &many)];
        assert_eq!(
            plan(Batching::many_per_command(), &blobs),
            [vec![0, 1], vec![2], vec![3], vec![4]]
        );
    }
}
