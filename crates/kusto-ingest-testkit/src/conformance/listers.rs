//! What a lister of blobs promises.

use std::sync::Arc;

use kusto_ingest_core::{Clock, ErrorKind};
use kusto_storage::{
    BlobLister, BlobListing, BlobName, BlobStore, ContainerAddress, ListRequest, ListedBlob, ResourceUri,
};

use super::rules::{Rules, forged};

const RULES: Rules = Rules("a lister of blobs");

/// The names that are listed, by bytes; what the name of a folder begins with is none of its blobs.
const NAMES: [&str; 6] = [
    "conformance/list/%41.csv",
    "conformance/list/A&B <1>.csv",
    "conformance/list/a.csv",
    "conformance/list/b/1.csv",
    "conformance/list/b/2.csv",
    "conformance/list/ä.csv",
];

/// Checks a [`BlobLister`] on a container, into which the store puts blobs.
///
/// It leaves blobs behind whose names begin with `conformance/list`, and looks at no others. If the address is signed, a
/// forged SAS is tried as well.
///
/// # Panics
/// When a rule does not hold.
pub async fn blob_lister<L: BlobLister>(
    lister: Arc<L>,
    store: &dyn BlobStore,
    container: &ResourceUri,
    clock: Arc<dyn Clock>,
) {
    let beside = ["conformance/list.csv", "conformance/listed/1.csv"];
    for (place, name) in NAMES.iter().chain(&beside).enumerate() {
        let name = BlobName::parse(*name).expect("it is a name");
        let put = store.put(container, &name, vec![b'x'; place].into()).await;
        RULES.done("a blob is put", put);
    }
    let suite = Suite {
        lister,
        container,
        clock,
    };
    suite.all_blobs_are_told_in_order_with_their_sizes().await;
    suite.pages_follow_one_another().await;
    suite.a_prefix_leaves_the_others_out().await;
    suite.an_empty_folder_has_no_blobs().await;
    suite.what_is_missing_or_forged_is_refused().await;
}

struct Suite<'a, L> {
    lister: Arc<L>,
    container: &'a ResourceUri,
    clock: Arc<dyn Clock>,
}

impl<L: BlobLister> Suite<'_, L> {
    async fn all_blobs_are_told_in_order_with_their_sizes(&self) {
        let told = self.all(self.listing("conformance/list/")).await;
        let told: Vec<(&str, u64)> = told
            .iter()
            .map(|blob| (blob.name.as_str(), blob.size.bytes))
            .collect();
        let sizes = NAMES.iter().zip(0..).map(|(name, bytes)| (*name, bytes));
        RULES.same(
            "the blobs of a folder are told by name, with their sizes",
            &told,
            &sizes.collect(),
        );
    }

    async fn pages_follow_one_another(&self) {
        let mut listing = self.listing("conformance/list/").with_page_size(2);
        let mut names = Vec::new();
        while let Some(page) = RULES.done("a page is listed", listing.next_page().await) {
            RULES.holds(
                "a page has no more blobs than were asked for",
                page.len() <= 2,
                page.len(),
            );
            names.extend(page.into_iter().map(|blob| blob.name));
        }
        RULES.same(
            "pages tell each blob once",
            &names,
            &NAMES.map(str::to_owned).to_vec(),
        );
    }

    async fn a_prefix_leaves_the_others_out(&self) {
        let told = self
            .all(self.listing("conformance/list/").with_prefix("b/"))
            .await;
        let names: Vec<&str> = told.iter().map(|blob| blob.name.as_str()).collect();
        RULES.same("a prefix leaves the others out", &names, &NAMES[3..5].to_vec());
    }

    async fn an_empty_folder_has_no_blobs(&self) {
        let told = self.all(self.listing("conformance/list/none/")).await;
        RULES.same("an empty folder has no blobs", &told, &Vec::new());
    }

    async fn what_is_missing_or_forged_is_refused(&self) {
        if let Some(forged) = forged(self.container) {
            let address = RULES.done(
                "an address is read",
                ContainerAddress::parse(forged.expose().as_str()),
            );
            RULES.forged_is_refused(self.lister.list(&address, &ListRequest::new("")).await);
        }
        let mut url = self.container.expose().clone();
        url.set_path(&format!("{}-missing", url.path()));
        let missing = RULES.done("an address is read", ContainerAddress::parse(url.as_str()));
        let kinds = [
            ErrorKind::NotFound,
            ErrorKind::Forbidden,
            ErrorKind::Unauthenticated,
        ];
        let outcome = self.lister.list(&missing, &ListRequest::new("")).await;
        RULES.refused("a container that is missing is refused", outcome, &kinds);
    }

    /// The listing of a folder.
    fn listing(&self, folder: &str) -> BlobListing {
        let mut url = self.container.expose().clone();
        url.set_path(&format!("{}/{folder}", url.path()));
        let address = RULES.done("an address is read", ContainerAddress::parse(url.as_str()));
        BlobListing::new(self.lister.clone(), address, self.clock.clone())
    }

    async fn all(&self, mut listing: BlobListing) -> Vec<ListedBlob> {
        let mut told = Vec::new();
        while let Some(page) = RULES.done("a page is listed", listing.next_page().await) {
            told.extend(page);
        }
        told
    }
}
