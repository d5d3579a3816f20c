//! Containers: what is in them.

use std::fmt::Debug;

use async_trait::async_trait;
use kusto_ingest_core::{Result, Timestamp};

use crate::{BlobSize, ContainerAddress};

/// Lists what a container holds, page by page.
///
/// # Contract
/// - One request a page, no retry. A page may be asked for again, by the same marker.
/// - Blobs come in the order of their names, by bytes. A page may be empty and have another behind it.
/// - Folders of a hierarchical account are left out: they have no data.
/// - Implementations never put secrets of the address into errors or logs.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait BlobLister: Debug + Send + Sync + 'static {
    /// One page of the blobs below an address.
    async fn list(&self, container: &ContainerAddress, request: &ListRequest) -> Result<ListPage>;
}

/// Which page of a container is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListRequest {
    /// What the names begin with, from the beginning of the name.
    pub prefix: String,
    /// Where the page begins: the [`next`](ListPage::next) of the page before; none for the first.
    pub marker: Option<String>,
    /// The most blobs of the page.
    pub max: u16,
}

impl ListRequest {
    /// The most blobs that the service puts into a page.
    pub const MAX: u16 = 5_000;

    /// The first page of the blobs whose names begin so.
    #[must_use]
    pub fn new(prefix: impl Into<String>) -> Self {
        Self {
            prefix: prefix.into(),
            marker: None,
            max: Self::MAX,
        }
    }

    /// The page that begins there.
    #[must_use]
    pub fn with_marker(self, marker: Option<String>) -> Self {
        Self { marker, ..self }
    }

    /// So many blobs at most: 1 to [`MAX`](Self::MAX).
    #[must_use]
    pub fn with_max(self, blobs: u16) -> Self {
        Self {
            max: blobs.clamp(1, Self::MAX),
            ..self
        }
    }
}

/// A page of a container.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListPage {
    /// The blobs.
    pub blobs: Vec<ListedBlob>,
    /// Where the next page begins; none where this is the last.
    pub next: Option<String>,
}

impl ListPage {
    /// A page of these blobs, and where the next begins.
    #[must_use]
    pub fn new(blobs: Vec<ListedBlob>, next: Option<String>) -> Self {
        Self { blobs, next }
    }
}

/// What a listing tells of a blob.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListedBlob {
    /// Its name in the container, not percent-encoded. It may be one that [`BlobName`](crate::BlobName) refuses.
    pub name: String,
    /// Its length, and the uncompressed size of its data where its metadata says so.
    pub size: BlobSize,
    /// When its data was created, where its metadata says so; Kusto's extents have this time.
    pub creation_time: Option<Timestamp>,
    /// When it was written.
    pub last_modified: Option<Timestamp>,
}

impl ListedBlob {
    /// The names, in lower case, under which metadata tells the creation time; the first that is there counts.
    pub const CREATION_TIME: [&str; 2] = ["kustocreationtime", "kustocreationtimeutc"];

    /// A blob of a length.
    #[must_use]
    pub fn new(name: impl Into<String>, bytes: u64) -> Self {
        Self {
            name: name.into(),
            size: BlobSize::new(bytes),
            creation_time: None,
            last_modified: None,
        }
    }

    /// Says when it was written.
    #[must_use]
    pub fn with_last_modified(self, at: Option<Timestamp>) -> Self {
        Self {
            last_modified: at,
            ..self
        }
    }

    /// Takes sizes and times from a function that gives metadata by its name in lower case.
    #[must_use]
    pub fn with_metadata<'a>(self, value: impl Fn(&str) -> Option<&'a str>) -> Self {
        let creation_time = Self::CREATION_TIME
            .iter()
            .find_map(|name| value(name))
            .and_then(|text| Timestamp::parse(text.trim()).ok());
        Self {
            size: self.size.with_metadata(value),
            creation_time,
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_tells_when_the_data_was_created() {
        let of = |pairs: &'static [(&str, &str)]| {
            let value = |name: &str| pairs.iter().find(|pair| pair.0 == name).map(|pair| pair.1);
            let blob = ListedBlob::new("a.csv", 10).with_metadata(value);
            (blob.creation_time.map(|at| at.to_string()), blob.size.raw_bytes)
        };
        let new_year = Some("2026-01-01T00:00:00.0000000Z".to_owned());
        assert_eq!(of(&[]), (None, None));
        assert_eq!(
            of(&[("kustocreationtime", "2026-01-01T00:00:00Z")]),
            (new_year.clone(), None)
        );
        assert_eq!(
            of(&[
                ("kustocreationtimeutc", "2026-01-01T00:00:00Z"),
                ("rawsizebytes", "5")
            ]),
            (new_year, Some(5))
        );
        assert_eq!(of(&[("kustocreationtime", "yesterday")]), (None, None));
    }
}
