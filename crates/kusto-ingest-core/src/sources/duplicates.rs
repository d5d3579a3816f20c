//! Sources that are named twice in one call.

use std::collections::{BTreeSet, HashSet};

use url::{Url, form_urlencoded};

use super::once::OnceTags;
use crate::{
    BlobUri, DatabaseName, Error, ErrorKind, IngestionProperties, Result, Source, SourceId, TableName,
};

/// Refuses sources of one call of which two are the same: both have the same identity and chunk, or both are the blob of
/// one address and go into one table. Of the query of an address only the snapshot (`snapshot`) and the version
/// (`versionid`, `versionId`) count: these are blobs of their own.
///
/// It refuses as well two sources that share a tag for ingesting only once ([`once_tags`](IngestionProperties::once_tags)):
/// the service would skip the second one.
///
/// # Errors
/// [`ErrorKind::InvalidInput`], naming the identity, the address without its secrets, or the tag.
pub fn refuse_duplicates<'a>(
    sources: impl IntoIterator<Item = (&'a Source, &'a IngestionProperties)>,
) -> Result<()> {
    let mut seen = Seen::default();
    sources
        .into_iter()
        .try_for_each(|(source, properties)| seen.note(&Key::of(source), properties))
}

/// What tells a source from all others.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) id: SourceId,
    chunk: Option<u32>,
    blob: Option<BlobUri>,
}

impl Key {
    pub(super) fn of(source: &Source) -> Self {
        let (chunk, blob) = match source {
            Source::Local(local) => (local.chunk(), None),
            Source::Blob(blob) => (None, Some(blob.uri().clone())),
        };
        let id = source.id();
        Self { id, chunk, blob }
    }

    /// That of a source of which no more is known yet.
    pub(super) fn of_id(id: SourceId) -> Self {
        Self {
            id,
            chunk: None,
            blob: None,
        }
    }
}

/// The sources that were named so far.
pub(super) struct Seen {
    identities: HashSet<(SourceId, Option<u32>)>,
    blobs: HashSet<(BlobIdentity, DatabaseName, TableName)>,
    once: OnceTags,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            identities: HashSet::new(),
            blobs: HashSet::new(),
            once: OnceTags::of_at_most(usize::MAX),
        }
    }
}

impl Seen {
    pub(super) fn note(&mut self, key: &Key, properties: &IngestionProperties) -> Result<()> {
        let refuse = |reason: String| {
            Err(Error::new(ErrorKind::InvalidInput, "ingest several sources in one call").because(reason))
        };
        if !self.identities.insert((key.id, key.chunk)) {
            return refuse(format!("two of them have the identity {}", key.id));
        }
        let (database, table) = (properties.database.clone(), properties.table.clone());
        match &key.blob {
            Some(blob) if !self.blobs.insert((identity_of(blob), database, table)) => {
                refuse(format!("two of them are the blob {blob}"))
            }
            _ => self.once.note(properties),
        }
    }
}

/// The place of a blob, and which moment of it.
type BlobIdentity = (String, BTreeSet<(String, String)>);

/// An address as everybody would spell it, without what opens it: hosts have no case, ports may go without saying, and
/// of the query only snapshot and version tell one blob from another.
fn identity_of(blob: &BlobUri) -> BlobIdentity {
    let place = blob.redacted();
    let place = Url::parse(place).map_or_else(|_| place.to_owned(), String::from);
    let moments = ["snapshot", "versionid"];
    let moments = form_urlencoded::parse(blob.query().as_bytes())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.into_owned()))
        .filter(|(name, _)| moments.contains(&name.as_str()));
    (place, moments.collect())
}
