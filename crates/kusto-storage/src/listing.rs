//! A container, listed to its end: page after page, each held by the caller alone.

use std::fmt;
use std::sync::Arc;

use kusto_ingest_core::{Clock, ErrorKind, ExponentialRetry, Result, Retry, RetryPolicy};

use crate::{BlobLister, ContainerAddress, ListPage, ListRequest, ListedBlob};

/// A container or folder that is being listed.
///
/// It holds no page: memory is that of the page that the caller has.
///
/// ```
/// # use std::sync::Arc;
/// # use kusto_ingest_core::{Clock, Result};
/// # use kusto_storage::{BlobLister, BlobListing, ContainerAddress};
/// async fn count(lister: Arc<dyn BlobLister>, clock: Arc<dyn Clock>) -> Result<usize> {
///     let logs = ContainerAddress::parse("https://acct.blob.core.windows.net/logs/2026/?sv=2022-11-02&sig=S")?;
///     let mut listing = BlobListing::new(lister, logs, clock);
///     let mut count = 0;
///     while let Some(page) = listing.next_page().await? {
///         count += page.len();
///     }
///     Ok(count)
/// }
/// ```
pub struct BlobListing {
    lister: Arc<dyn BlobLister>,
    container: ContainerAddress,
    clock: Arc<dyn Clock>,
    retry: Arc<dyn RetryPolicy>,
    random: u64,
    /// The page to ask for; none after the last.
    next: Option<ListRequest>,
}

impl BlobListing {
    /// The listing of a container or folder. Nothing is sent yet.
    #[must_use]
    pub fn new(lister: Arc<dyn BlobLister>, container: ContainerAddress, clock: Arc<dyn Clock>) -> Self {
        Self {
            next: Some(ListRequest::new(container.prefix())),
            retry: Arc::new(ExponentialRetry::default()),
            random: 0,
            lister,
            container,
            clock,
        }
    }

    /// Only the blobs whose names go on so behind the folder.
    #[must_use]
    pub fn with_prefix(self, prefix: &str) -> Self {
        let next = self.next.map(|request| ListRequest {
            prefix: format!("{}{prefix}", self.container.prefix()),
            ..request
        });
        Self { next, ..self }
    }

    /// So many blobs a page at most; [`ListRequest::MAX`] by default.
    #[must_use]
    pub fn with_page_size(self, blobs: u16) -> Self {
        let next = self.next.map(|request| request.with_max(blobs));
        Self { next, ..self }
    }

    /// How pages are asked for again that fail in passing.
    #[must_use]
    pub fn with_retry(self, retry: Arc<dyn RetryPolicy>) -> Self {
        Self { retry, ..self }
    }

    /// A random number, for the jitter of retries.
    #[must_use]
    pub fn with_random(self, random: u64) -> Self {
        Self { random, ..self }
    }

    /// The container or folder.
    #[must_use]
    pub fn container(&self) -> &ContainerAddress {
        &self.container
    }

    /// The next page that has blobs; `None` after the last.
    ///
    /// # Errors
    /// As [`BlobLister::list`], after retries. Another call asks for the same page again.
    ///
    /// # Cancel safety
    /// No page is lost: the next call asks for the same one.
    pub async fn next_page(&mut self) -> Result<Option<Vec<ListedBlob>>> {
        while let Some(request) = &self.next {
            let page = match self.ask(request).await {
                // Long names and metadata: fewer fit into an answer.
                Err(error) if error.kind() == ErrorKind::SizeLimitExceeded && request.max > 1 => {
                    self.next = Some(request.clone().with_max(request.max / 2));
                    continue;
                }
                page => page?,
            };
            let marker = page.next.filter(|marker| !marker.is_empty());
            self.next = marker.map(|marker| request.clone().with_marker(Some(marker)));
            if !page.blobs.is_empty() {
                return Ok(Some(page.blobs));
            }
        }
        Ok(None)
    }

    async fn ask(&self, request: &ListRequest) -> Result<ListPage> {
        Retry::new(&*self.retry, &*self.clock, self.random)
            .run(|_| self.lister.list(&self.container, request))
            .await
    }
}

impl fmt::Debug for BlobListing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlobListing")
            .field("container", &self.container)
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use futures::executor::block_on;
    use kusto_ingest_core::{Error, ManualClock, Timestamp};

    use super::*;
    use crate::MockBlobLister;

    /// The markers and sizes of the pages that were asked for.
    type Asked = Vec<(Option<String>, u16)>;

    /// What is left of a script, and what was asked.
    type Script = (Vec<Result<ListPage>>, Asked);

    /// The names that a listing tells, and what was asked for them.
    fn listed(answers: Vec<Result<ListPage>>) -> (Result<Vec<String>>, Asked) {
        let script: Arc<Mutex<Script>> = Arc::new(Mutex::new((answers, Vec::new())));
        let answering = script.clone();
        let mut lister = MockBlobLister::new();
        lister.expect_list().returning(move |_, request| {
            let mut script = answering.lock().unwrap();
            script.1.push((request.marker.clone(), request.max));
            script.0.remove(0)
        });
        let container = ContainerAddress::parse("https://a.blob.core.windows.net/c").unwrap();
        let clock = Arc::new(ManualClock::advancing(Timestamp::UNIX_EPOCH));
        let mut listing = BlobListing::new(Arc::new(lister), container, clock).with_page_size(100);
        let told = block_on(async {
            let mut names = Vec::new();
            while let Some(page) = listing.next_page().await? {
                names.extend(page.into_iter().map(|blob| blob.name));
            }
            Ok(names)
        });
        let asked = script.lock().unwrap().1.clone();
        (told, asked)
    }

    fn page(names: &[&str], next: Option<&str>) -> Result<ListPage> {
        let blobs = names.iter().map(|name| ListedBlob::new(*name, 1)).collect();
        Ok(ListPage::new(blobs, next.map(str::to_owned)))
    }

    fn failed(kind: ErrorKind) -> Result<ListPage> {
        Err(Error::new(kind, "list the blobs"))
    }

    #[test]
    fn an_empty_page_in_the_middle_is_no_end_and_a_page_that_fails_in_passing_is_asked_for_again() {
        let (told, asked) = listed(vec![
            page(&["a"], Some("1")),
            page(&[], Some("2")),
            failed(ErrorKind::Throttled),
            page(&["b"], None),
        ]);
        assert_eq!(told.unwrap(), ["a", "b"]);
        let markers: Vec<_> = asked.iter().map(|(marker, _)| marker.as_deref()).collect();
        assert_eq!(markers, [None, Some("1"), Some("2"), Some("2")]);
    }

    #[test]
    fn a_page_that_is_too_large_to_read_is_asked_for_in_smaller_ones() {
        let (told, asked) = listed(vec![
            page(&["a"], Some("1")),
            failed(ErrorKind::SizeLimitExceeded),
            failed(ErrorKind::SizeLimitExceeded),
            page(&["b"], None),
        ]);
        assert_eq!(told.unwrap(), ["a", "b"]);
        let sizes: Vec<_> = asked.iter().map(|(_, max)| *max).collect();
        assert_eq!(sizes, [100, 100, 50, 25]);
    }

    #[test]
    fn what_is_refused_for_good_ends_the_listing() {
        let (told, asked) = listed(vec![page(&["a"], Some("1")), failed(ErrorKind::Forbidden)]);
        assert_eq!(told.unwrap_err().kind(), ErrorKind::Forbidden);
        assert_eq!(asked.len(), 2);
    }
}
