//! A container or bucket that is being listed, page by page.

use kusto_ingest::Result;
use kusto_ingest::storage::{BlobListing, ContainerAddress, ListedBlob};

#[cfg(feature = "object-store")]
use super::bucket::BucketListing;
use super::listed::{BlobFacts, Listed, ListedObject};

/// A container or bucket that is being listed.
#[derive(Debug)]
pub(crate) enum Listing {
    /// Of Azure.
    Container(Box<BlobListing>),
    /// Of another store.
    #[cfg(feature = "object-store")]
    Bucket(Box<BucketListing>),
}

impl Listing {
    /// The next page that has objects; none after the last.
    ///
    /// # Errors
    /// The page cannot be listed, after retries.
    pub(super) async fn next_page(&mut self) -> Result<Option<Vec<ListedObject>>> {
        match self {
            Self::Container(listing) => {
                let page = listing.next_page().await?;
                let container = listing.container();
                Ok(page.map(|page| page.iter().map(|blob| listed(container, blob)).collect()))
            }
            #[cfg(feature = "object-store")]
            Self::Bucket(listing) => listing.next_page().await,
        }
    }
}

fn listed(container: &ContainerAddress, blob: &ListedBlob) -> ListedObject {
    let below = blob.name.strip_prefix(container.prefix()).unwrap_or(&blob.name);
    ListedObject {
        what: match container.blob(&blob.name) {
            Ok(uri) => Listed::Blob(uri),
            Err(error) => Listed::Odd(format!("{container}{below}"), error),
        },
        below: below.to_owned(),
        facts: BlobFacts {
            bytes: Some(blob.size.bytes),
            raw_bytes: blob.size.raw_bytes,
            creation_time: blob.creation_time,
            last_modified: blob.last_modified,
        },
    }
}
