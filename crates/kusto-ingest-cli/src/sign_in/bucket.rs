//! Buckets of S3 and of Google Cloud Storage, listed through `object_store` over the HTTP client of all other legs.

mod failure;
mod http;
mod object;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use kusto_ingest::Result;
use kusto_ingest::clock::{Clock, Timestamp};
use kusto_ingest::retry::{ExponentialRetry, Retry, RetryPolicy};
use kusto_ingest::transport::HyperTransport;
use object_store::ObjectStore;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::list::{PaginatedListOptions, PaginatedListResult, PaginatedListStore};

use super::listed::{BlobFacts, ListedObject};
use crate::args::{BucketAddress, BucketStore};
use crate::report::CommandError;
use failure::failed;
use http::Connector;
use object::Access;

/// The region that S3 has where nobody names one.
const REGION: &str = "us-east-1";

/// A store that lists page by page.
trait Bucket: ObjectStore + PaginatedListStore {}

impl<T: ObjectStore + PaginatedListStore> Bucket for T {}

/// A bucket or folder that is being listed.
pub(crate) struct BucketListing {
    store: Arc<dyn Bucket>,
    address: BucketAddress,
    access: Access,
    clock: Arc<dyn Clock>,
    retry: Arc<dyn RetryPolicy>,
    prefix: String,
    page_size: usize,
    /// The page to ask for, by what the page before said; none after the last.
    next: Option<Option<String>>,
}

impl BucketListing {
    /// The listing of a bucket or folder, opened by the key of its address, else by the environment as the stores' own
    /// tools have it (`AWS_…`, `GOOGLE_…`). Nothing is asked for yet.
    ///
    /// # Errors
    /// What the environment says cannot be used.
    pub(super) fn open(
        address: BucketAddress,
        prefix: &str,
        transport: HyperTransport,
        clock: Arc<dyn Clock>,
    ) -> std::result::Result<Self, CommandError> {
        let (store, access): (Arc<dyn Bucket>, Access) = match address.store {
            BucketStore::S3 => s3(&address, transport)?,
            BucketStore::Google => google(&address, transport)?,
        };
        Ok(Self {
            prefix: format!("{}{prefix}", address.prefix),
            store,
            address,
            access,
            clock,
            retry: Arc::new(ExponentialRetry::default()),
            page_size: 1_000,
            next: Some(None),
        })
    }

    /// So many objects a page at most.
    pub(super) fn with_page_size(self, objects: u16) -> Self {
        Self {
            page_size: usize::from(objects).clamp(1, 1_000),
            ..self
        }
    }

    /// Asks for pages again for so long.
    pub(super) fn with_retry_for(self, limit: Duration) -> Self {
        Self {
            retry: Arc::new(ExponentialRetry::for_up_to(limit)),
            ..self
        }
    }

    /// The next page that has objects; none after the last.
    ///
    /// # Errors
    /// The page cannot be listed, after retries.
    pub(super) async fn next_page(&mut self) -> Result<Option<Vec<ListedObject>>> {
        while let Some(token) = &self.next {
            let page = Retry::new(&*self.retry, &*self.clock, 0)
                .run(|_| self.ask(token.clone()))
                .await?;
            self.next = page.page_token.map(Some);
            let mut listed = Vec::with_capacity(page.result.objects.len());
            for object in page.result.objects {
                let key = object.location.as_ref();
                listed.push(ListedObject {
                    below: key.strip_prefix(&self.address.prefix).unwrap_or(key).to_owned(),
                    facts: BlobFacts {
                        bytes: Some(object.size),
                        last_modified: Timestamp::parse(&object.last_modified.to_rfc3339()).ok(),
                        ..BlobFacts::default()
                    },
                    what: self.access.listed(&self.store, &self.address, &object).await,
                });
            }
            if !listed.is_empty() {
                return Ok(Some(listed));
            }
        }
        Ok(None)
    }

    async fn ask(&self, token: Option<String>) -> Result<PaginatedListResult> {
        let options = PaginatedListOptions {
            max_keys: Some(self.page_size),
            page_token: token,
            ..PaginatedListOptions::default()
        };
        let prefix = Some(&*self.prefix).filter(|prefix| !prefix.is_empty());
        let page = self.store.list_paginated(prefix, options).await;
        page.map_err(|error| failed("list the bucket", &error).with("bucket", &self.address))
    }
}

/// Each retry is ours: there is one engine for all of them.
fn no_retry() -> object_store::RetryConfig {
    object_store::RetryConfig {
        max_retries: 0,
        ..object_store::RetryConfig::default()
    }
}

fn s3(
    address: &BucketAddress,
    transport: HyperTransport,
) -> std::result::Result<(Arc<dyn Bucket>, Access), CommandError> {
    let builder = AmazonS3Builder::from_env().with_bucket_name(&address.bucket);
    let builder = match &address.region {
        Some(region) => builder.with_region(region),
        None => builder,
    };
    let builder = match &address.key {
        Some((id, secret)) => builder.with_access_key_id(id).with_secret_access_key(secret),
        None => builder,
    };
    let said = |key| builder.get_config_value(&key);
    let region = said(AmazonS3ConfigKey::Region).unwrap_or_else(|| REGION.to_owned());
    let is_elsewhere = said(AmazonS3ConfigKey::Endpoint).is_some();
    let is_open = said(AmazonS3ConfigKey::SkipSignature).is_some_and(|skips| skips == "true");
    let store = builder
        // A certificate is for one label before the host.
        .with_virtual_hosted_style_request(!is_elsewhere && !address.bucket.contains('.'))
        .with_http_connector(Connector::new(transport))
        .with_retry(no_retry())
        .build()
        .map_err(|error| CommandError::unusable(&failed("open the bucket", &error)))?;
    let store = Arc::new(store);
    let access = match (is_elsewhere, &address.key, is_open) {
        (true, ..) => Access::Here,
        (false, Some((id, secret)), _) => Access::Key(region, format!(";AwsCredentials={id},{secret}")),
        (false, None, true) => Access::Key(region, String::new()),
        (false, None, false) => Access::Signed(store.clone()),
    };
    Ok((store, access))
}

fn google(
    address: &BucketAddress,
    transport: HyperTransport,
) -> std::result::Result<(Arc<dyn Bucket>, Access), CommandError> {
    let store = GoogleCloudStorageBuilder::from_env()
        .with_bucket_name(&address.bucket)
        .with_http_connector(Connector::new(transport))
        .with_retry(no_retry())
        .build()
        .map_err(|error| CommandError::unusable(&failed("open the bucket", &error)))?;
    Ok((Arc::new(store), Access::Here))
}

/// The store may hold secrets.
impl fmt::Debug for BucketListing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BucketListing").field(&self.address).finish()
    }
}
