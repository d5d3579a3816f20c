//! What a blob store promises.

use bytes::Bytes;
use futures::future::join_all;
use kusto_ingest_core::{ErrorKind, SourceId};
use kusto_storage::{BlobName, BlobStore, BlockId, ResourceUri};

use super::rules::{Rules, forged};

const RULES: Rules = Rules("a blob store");

/// Checks a [`BlobStore`] on a container.
///
/// It leaves blobs behind whose names begin with `conformance/`, and touches no others. If the address is signed, a
/// forged SAS is tried as well.
///
/// # Panics
/// When a rule does not hold.
pub async fn blob_store(store: &dyn BlobStore, container: &ResourceUri) {
    let suite = Suite { store, container };
    suite.a_blob_has_its_length().await;
    suite.a_put_replaces().await;
    suite.blocks_become_readable_with_the_commit().await;
    suite.blocks_may_come_in_any_order_and_at_once().await;
    suite.a_block_of_the_same_id_replaces().await;
    suite.a_commit_replaces_and_may_be_repeated().await;
    suite.a_commit_of_a_missing_block_makes_no_blob().await;
    suite.names_are_kept_apart().await;
    suite.a_forged_sas_opens_nothing().await;
}

struct Suite<'a> {
    store: &'a dyn BlobStore,
    container: &'a ResourceUri,
}

impl Suite<'_> {
    async fn a_blob_has_its_length(&self) {
        let missing = self.length(&name("missing")).await;
        RULES.same("a blob that was never put has no length", &missing, &None);
        for bytes in ["", "x", "1,2\n3,4\n"] {
            let name = name("put");
            self.put(&name, bytes).await;
            let length = self.length(&name).await;
            RULES.same(
                "a blob has the length it was put with",
                &length,
                &Some(bytes.len() as u64),
            );
        }
    }

    async fn a_put_replaces(&self) {
        let name = name("replaced");
        self.put(&name, "the longer one").await;
        self.put(&name, "shorter").await;
        let length = self.length(&name).await;
        RULES.same("a put replaces the blob of its name", &length, &Some(7));
    }

    async fn blocks_become_readable_with_the_commit(&self) {
        let name = name("staged");
        self.stage(&name, 0, "first").await;
        let length = self.length(&name).await;
        RULES.same("a staged block is no blob yet", &length, &None);
        self.stage(&name, 1, "second").await;
        self.commit(&name, &[0, 1]).await;
        let length = self.length(&name).await;
        RULES.same("a commit makes a blob of its blocks", &length, &Some(11));
    }

    async fn blocks_may_come_in_any_order_and_at_once(&self) {
        let name = name("parallel");
        let places: Vec<u32> = (0..16).rev().collect();
        join_all(places.iter().map(|&place| self.stage(&name, place, "block"))).await;
        let ordered: Vec<u32> = (0..16).collect();
        self.commit(&name, &ordered).await;
        let length = self.length(&name).await;
        RULES.same("blocks may be staged at once", &length, &Some(16 * 5));
    }

    async fn a_block_of_the_same_id_replaces(&self) {
        let name = name("again");
        self.stage(&name, 0, "the longer one").await;
        self.stage(&name, 0, "short").await;
        self.commit(&name, &[0]).await;
        let length = self.length(&name).await;
        RULES.same("a block replaces the one of its id", &length, &Some(5));
    }

    async fn a_commit_replaces_and_may_be_repeated(&self) {
        let name = name("committed");
        self.put(&name, "what was there before").await;
        self.stage(&name, 0, "first").await;
        let length = self.length(&name).await;
        let rule = "a staged block leaves the blob of its name as it is";
        RULES.same(rule, &length, &Some(21));
        for _ in 0..2 {
            self.commit(&name, &[0]).await;
            let length = self.length(&name).await;
            RULES.same("a commit replaces the blob of its name", &length, &Some(5));
        }
    }

    async fn a_commit_of_a_missing_block_makes_no_blob(&self) {
        let name = name("incomplete");
        self.stage(&name, 0, "first").await;
        let blocks = [BlockId::new(0), BlockId::new(1)];
        let outcome = self.store.commit(self.container, &name, &blocks).await;
        let rule = "a commit that names a block which was not staged is refused";
        RULES.refused(rule, outcome, &[ErrorKind::Rejected]);
        let length = self.length(&name).await;
        RULES.same("a commit that is refused makes no blob", &length, &None);
    }

    async fn names_are_kept_apart(&self) {
        let folder = SourceId::random();
        let names = ["a b", "a+b", "a%20b", "a/b", "a&b=c", "a#b", "a?b", "ä→b", "a'b"];
        for (place, odd) in names.into_iter().enumerate() {
            self.put(&named(&format!("{folder}/{odd}")), &"x".repeat(place))
                .await;
        }
        for (place, odd) in names.into_iter().enumerate() {
            let length = self.length(&named(&format!("{folder}/{odd}"))).await;
            let rule = format!("the name {odd:?} is the blob's own");
            RULES.same(&rule, &length, &Some(place as u64));
        }
    }

    async fn a_forged_sas_opens_nothing(&self) {
        let Some(forged) = forged(self.container) else {
            return;
        };
        let name = name("forged");
        let id = BlockId::new(0);
        RULES.forged_is_refused(self.store.put(&forged, &name, "x".into()).await);
        RULES.forged_is_refused(self.store.stage(&forged, &name, id, "x".into()).await);
        RULES.forged_is_refused(self.store.commit(&forged, &name, &[id]).await);
        RULES.forged_is_refused(self.store.length(&forged, &name).await);
    }

    async fn put(&self, name: &BlobName, body: &str) {
        let body = Bytes::copy_from_slice(body.as_bytes());
        let outcome = self.store.put(self.container, name, body).await;
        RULES.done("a blob is put", outcome);
    }

    async fn stage(&self, name: &BlobName, place: u32, body: &'static str) {
        let id = BlockId::new(place);
        let outcome = self.store.stage(self.container, name, id, body.into()).await;
        RULES.done("a block is staged", outcome);
    }

    async fn commit(&self, name: &BlobName, places: &[u32]) {
        let ids: Vec<BlockId> = places.iter().copied().map(BlockId::new).collect();
        let outcome = self.store.commit(self.container, name, &ids).await;
        RULES.done("staged blocks are committed", outcome);
    }

    async fn length(&self, name: &BlobName) -> Option<u64> {
        RULES.done("a length is told", self.store.length(self.container, name).await)
    }
}

/// A name that no other run uses.
fn name(what: &str) -> BlobName {
    named(&format!("{}/{what}.csv", SourceId::random()))
}

fn named(name: &str) -> BlobName {
    RULES.done("a name is read", BlobName::parse(format!("conformance/{name}")))
}
