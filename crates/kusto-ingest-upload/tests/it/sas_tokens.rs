//! SAS tokens that expire while a long upload is under way.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use futures::executor::block_on;
use futures::io::Cursor;
use kusto_ingest_compression::InlineCompressor;
use kusto_ingest_core::testing::{clock, properties};
use kusto_ingest_core::{DataFormat, Error, ErrorKind, LocalSource, Result};
use kusto_ingest_message::IdentityToken;
use kusto_ingest_resources::{IngestionResources, Outcome, ResourceProvider};
use kusto_ingest_upload::{BlobNaming, ContainerUploader, Uploaded, Uploader};
use kusto_storage::{BlobName, BlobStore, BlockId, ResourceUri};

const BLOCK: usize = 100;

/// One container that is issued under a new SAS whenever the old one was refused. A SAS opens it for a
/// number of requests.
#[derive(Clone, Debug)]
struct Issuer(Arc<State>);

#[derive(Debug)]
struct State {
    /// The SAS that is issued now.
    sas: AtomicU64,
    good_for: u64,
    /// Requests that each SAS was used for.
    used: Mutex<Vec<u64>>,
    staged: Mutex<Vec<BlockId>>,
    committed: Mutex<Vec<BlockId>>,
    /// From this SAS on another container is issued.
    gone_from: u64,
}

impl Issuer {
    fn new(good_for: u64, gone_from: u64) -> Self {
        Self(Arc::new(State {
            sas: AtomicU64::new(0),
            good_for,
            used: Mutex::new(vec![0; 1_000]),
            staged: Mutex::default(),
            committed: Mutex::default(),
            gone_from,
        }))
    }

    /// Lets a request in, or refuses its SAS.
    fn open(&self, container: &ResourceUri) -> Result<()> {
        let query = container.expose().query().expect("it is signed");
        let sas: usize = query["sig=".len()..].parse().expect("a number");
        let mut used = self.0.used.lock().expect("no test panics with it");
        used[sas] += 1;
        if used[sas] > self.0.good_for {
            return Err(Error::new(ErrorKind::Forbidden, "open the container"));
        }
        Ok(())
    }
}

#[async_trait]
impl ResourceProvider for Issuer {
    async fn resources(&self) -> Result<Arc<IngestionResources>> {
        let sas = self.0.sas.load(Ordering::Relaxed);
        let name = if sas >= self.0.gone_from { "other" } else { "tmp" };
        let address = format!("https://a.blob.core.windows.net/{name}?sig={sas}");
        let container = ResourceUri::parse(&address)?;
        Ok(Arc::new(IngestionResources::empty().with_containers([container])))
    }

    async fn identity_token(&self) -> Result<IdentityToken> {
        IdentityToken::parse("token")
    }

    async fn renew(&self) -> Result<Arc<IngestionResources>> {
        self.0.sas.fetch_add(1, Ordering::Relaxed);
        self.resources().await
    }

    fn report(&self, _: &ResourceUri, _: Outcome) {}
}

#[async_trait]
impl BlobStore for Issuer {
    async fn put(&self, container: &ResourceUri, _: &BlobName, _: Bytes) -> Result<()> {
        self.open(container)
    }

    async fn stage(&self, container: &ResourceUri, _: &BlobName, block: BlockId, _: Bytes) -> Result<()> {
        self.open(container)?;
        self.0.staged.lock().expect("no test panics with it").push(block);
        Ok(())
    }

    async fn commit(&self, container: &ResourceUri, _: &BlobName, blocks: &[BlockId]) -> Result<()> {
        self.open(container)?;
        *self.0.committed.lock().expect("no test panics with it") = blocks.to_vec();
        Ok(())
    }

    async fn length(&self, _: &ResourceUri, _: &BlobName) -> Result<Option<u64>> {
        Ok(None)
    }
}

fn upload(issuer: &Issuer, source: &LocalSource) -> Result<Uploaded> {
    let uploader = ContainerUploader::new(
        Arc::new(issuer.clone()),
        Arc::new(issuer.clone()),
        Arc::new(InlineCompressor::new()),
        Arc::new(clock()),
    )
    .with_block_size(BLOCK)
    .with_parallelism(4);
    let properties = properties();
    block_on(uploader.upload(source, &BlobNaming::new(&properties, DataFormat::Parquet)))
}

#[test]
fn a_sas_that_expires_in_the_middle_is_renewed_and_no_block_is_sent_twice() {
    for source in [
        LocalSource::from_reader(Cursor::new(vec![7; 100 * BLOCK])),
        LocalSource::from_bytes(vec![7; 100 * BLOCK]),
    ] {
        let issuer = Issuer::new(30, u64::MAX);
        let uploaded = upload(&issuer, &source).expect("every SAS is renewed");
        let staged = issuer.0.staged.lock().expect("no test panics with it").clone();
        let once: BTreeSet<BlockId> = staged.iter().copied().collect();
        assert_eq!((staged.len(), once.len()), (100, 100), "a block was sent twice");
        let committed = issuer.0.committed.lock().expect("no test panics with it").clone();
        assert_eq!(committed, once.into_iter().collect::<Vec<_>>());
        // 101 requests at 30 a SAS take four of them, and the message must bear the last.
        assert!(uploaded.blob.expose().ends_with("?sig=3"), "the newest SAS");
        assert_eq!(uploaded.sent_bytes, 100 * BLOCK as u64);
    }
}

#[test]
fn a_sas_that_expires_before_the_commit_is_renewed_too() {
    let issuer = Issuer::new(4, u64::MAX);
    let source = LocalSource::from_reader(Cursor::new(vec![7; 4 * BLOCK]));
    upload(&issuer, &source).expect("the commit goes under the second SAS");
    assert_eq!(issuer.0.staged.lock().expect("no test panics with it").len(), 4);
}

#[test]
fn a_container_that_is_issued_no_more_is_left_for_another_from_the_first_byte() {
    let issuer = Issuer::new(30, 1);
    let source = LocalSource::from_bytes(vec![7; 40 * BLOCK]);
    let uploaded = upload(&issuer, &source).expect("another container is issued");
    assert!(uploaded.blob.redacted().contains("/other/"), "{}", uploaded.blob);
    assert_eq!(
        issuer.0.staged.lock().expect("no test panics with it").len(),
        30 + 40
    );
    assert_eq!(
        issuer.0.committed.lock().expect("no test panics with it").len(),
        40
    );

    let issuer = Issuer::new(30, 1);
    let flowing = LocalSource::from_reader(Cursor::new(vec![7; 40 * BLOCK]));
    let error = upload(&issuer, &flowing).expect_err("a stream does not flow twice");
    assert_eq!(error.kind(), ErrorKind::SourceNotReplayable);
}

#[test]
fn sas_tokens_that_are_all_refused_are_not_renewed_for_ever() {
    for length in [BLOCK / 2, 10 * BLOCK] {
        let issuer = Issuer::new(0, u64::MAX);
        let source = LocalSource::from_bytes(vec![7; length]);
        let error = upload(&issuer, &source).expect_err("no SAS opens the container");
        assert_eq!(error.kind(), ErrorKind::Forbidden, "{}", error.chain());
        let asked: u64 = issuer.0.used.lock().expect("no test panics with it").iter().sum();
        assert!(asked < 50, "{asked} requests");
    }
}
