//! What Kusto issues: the rows of `.get ingestion resources`, sorted by kind.

mod issued;
mod serving;

use kusto_endpoint::{Dataset, Table};
use kusto_ingest_core::{Error, ErrorKind, Result, Timestamp, redact};
use kusto_storage::ResourceUri;

use self::issued::Issued;

/// The queues, containers and tables that Kusto issues to its clients.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IngestionResources {
    queues: Vec<ResourceUri>,
    containers: Vec<ResourceUri>,
    failure_queues: Vec<ResourceUri>,
    success_queues: Vec<ResourceUri>,
    status_tables: Vec<ResourceUri>,
    issued: Issued,
    /// The accounts that asked for a pause (`Retry-After`).
    busy: Vec<String>,
}

impl IngestionResources {
    /// The command that asks for them, of the Data Management endpoint.
    pub const COMMAND: &'static str = ".get ingestion resources";

    /// The command that asks an engine for a container, for data that its own commands ingest.
    pub const TEMP_STORAGE_COMMAND: &'static str = ".create tempstorage";

    /// Nothing issued.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// Adds queues for ingestion messages.
    #[must_use]
    pub fn with_queues(self, queues: impl IntoIterator<Item = ResourceUri>) -> Self {
        self.with(QUEUE, queues)
    }

    /// Adds containers for blobs.
    #[must_use]
    pub fn with_containers(self, containers: impl IntoIterator<Item = ResourceUri>) -> Self {
        self.with(CONTAINER, containers)
    }

    /// Adds tables for the status of ingestions.
    #[must_use]
    pub fn with_status_tables(self, tables: impl IntoIterator<Item = ResourceUri>) -> Self {
        self.with(STATUS_TABLE, tables)
    }

    /// Adds queues that report failures.
    #[must_use]
    pub fn with_failure_queues(self, queues: impl IntoIterator<Item = ResourceUri>) -> Self {
        self.with(FAILURE_QUEUE, queues)
    }

    /// Adds queues that report successes.
    #[must_use]
    pub fn with_success_queues(self, queues: impl IntoIterator<Item = ResourceUri>) -> Self {
        self.with(SUCCESS_QUEUE, queues)
    }

    /// Reads the answer to [`COMMAND`](Self::COMMAND). Kinds that this version does not know, and addresses that it
    /// cannot read, are left out.
    ///
    /// # Errors
    /// [`ErrorKind::Protocol`] when the answer has no table of two columns.
    pub fn from_dataset(answer: &Dataset) -> Result<Self> {
        let table = answer
            .primary()
            .filter(|table| table.columns.len() >= 2)
            .ok_or_else(|| {
                Error::new(ErrorKind::Protocol, "read the ingestion resources")
                    .because("the answer has no table of resources")
            })?;
        let mut issued = Self::empty();
        for (kind, root) in rows(table) {
            issued.issued.add(kind, 1);
            let Some(list) = issued.list_of(kind) else {
                continue;
            };
            match read(kind, root) {
                Ok(uri) => list.push(uri),
                Err((why, address)) => {
                    tracing::warn!(kind, why, address, "an ingestion resource is left out");
                    issued.issued.leave_out(kind, &why, &address);
                }
            }
        }
        Ok(issued)
    }

    /// Reads the answer to [`TEMP_STORAGE_COMMAND`](Self::TEMP_STORAGE_COMMAND).
    ///
    /// # Errors
    /// [`ErrorKind::Protocol`] when the answer names no address that can be read.
    pub fn from_temp_storage(answer: &Dataset) -> Result<Self> {
        let refuse =
            |why| Error::new(ErrorKind::Protocol, "read the engine's temporary storage").because(why);
        let table = answer
            .primary()
            .ok_or_else(|| refuse("the answer has no table"))?;
        let column = table.column("StorageRoot").unwrap_or(0);
        let roots = table.rows.iter().filter_map(|row| row.get(column)?.as_str());
        let containers: Vec<ResourceUri> = roots.filter_map(|root| ResourceUri::parse(root).ok()).collect();
        if containers.is_empty() {
            return Err(refuse("the answer names no container"));
        }
        Ok(Self::empty().with_containers(containers))
    }

    fn with(mut self, kind: &str, resources: impl IntoIterator<Item = ResourceUri>) -> Self {
        if let Some(list) = self.list_of(kind) {
            let before = list.len();
            list.extend(resources);
            let count = list.len() - before;
            self.issued.add(kind, count);
        }
        self
    }

    fn list_of(&mut self, kind: &str) -> Option<&mut Vec<ResourceUri>> {
        let lists = [
            (QUEUE, &mut self.queues),
            (CONTAINER, &mut self.containers),
            (FAILURE_QUEUE, &mut self.failure_queues),
            (SUCCESS_QUEUE, &mut self.success_queues),
            (STATUS_TABLE, &mut self.status_tables),
        ];
        let mut lists = lists.into_iter();
        lists
            .find(|(name, _)| name.eq_ignore_ascii_case(kind))
            .map(|(_, list)| list)
    }

    /// Queues for ingestion messages (`SecuredReadyForAggregationQueue`).
    ///
    /// # Errors
    /// [`ErrorKind::NoResources`] when there are none. It names what was issued instead, how many queues were left out,
    /// and why the first of them was. The same holds for every kind.
    #[doc(alias = "CloudQueuesNotFoundException")]
    pub fn queues(&self) -> Result<&[ResourceUri]> {
        self.some(&self.queues, QUEUE, "queue for ingestion messages")
    }

    /// Containers for blobs (`TempStorage`).
    ///
    /// # Errors
    /// [`ErrorKind::NoResources`] when there are none.
    #[doc(alias = "CloudBlobContainersNotFoundException")]
    pub fn containers(&self) -> Result<&[ResourceUri]> {
        self.some(&self.containers, CONTAINER, "container for blobs")
    }

    /// Tables for the status of ingestions (`IngestionsStatusTable`).
    ///
    /// # Errors
    /// [`ErrorKind::NoResources`] when there are none.
    pub fn status_tables(&self) -> Result<&[ResourceUri]> {
        self.some(
            &self.status_tables,
            STATUS_TABLE,
            "table for the status of ingestions",
        )
    }

    /// Queues that report failures (`FailedIngestionsQueue`).
    ///
    /// # Errors
    /// [`ErrorKind::NoResources`] when there are none.
    pub fn failure_queues(&self) -> Result<&[ResourceUri]> {
        self.some(&self.failure_queues, FAILURE_QUEUE, "queue that reports failures")
    }

    /// Queues that report successes (`SuccessfulIngestionsQueue`).
    ///
    /// # Errors
    /// [`ErrorKind::NoResources`] when there are none.
    pub fn success_queues(&self) -> Result<&[ResourceUri]> {
        self.some(
            &self.success_queues,
            SUCCESS_QUEUE,
            "queue that reports successes",
        )
    }

    fn some<'a>(&self, list: &'a [ResourceUri], kind: &str, what: &'static str) -> Result<&'a [ResourceUri]> {
        match list.is_empty() {
            true => Err(self.issued.none_of(kind, what)),
            false => Ok(list),
        }
    }

    /// When the first of the SAS tokens expires.
    #[must_use]
    pub fn first_expiry(&self) -> Option<Timestamp> {
        self.lists()
            .into_iter()
            .flatten()
            .filter_map(ResourceUri::expires)
            .min()
    }

    /// Without the resources whose SAS has expired.
    #[must_use]
    pub fn valid_at(&self, now: Timestamp) -> Self {
        self.only("its SAS has expired", |uri| {
            uri.expires().is_none_or(|expiry| expiry > now)
        })
    }

    /// Without the resources whose address is plain http.
    #[must_use]
    pub fn encrypted(&self) -> Self {
        self.only("it is plain http, and the service was asked over https", |uri| {
            uri.expose().scheme() != "http"
        })
    }

    /// Without the containers that are folders of a file system.
    #[must_use]
    pub fn without_folders(&self) -> Self {
        self.only(FOLDER, |uri| !uri.is_folder())
    }

    /// Without the resources that are not to be kept.
    fn only(&self, why: &str, keep: impl Fn(&ResourceUri) -> bool) -> Self {
        let mut issued = self.issued.clone();
        let mut kept = |kind: &str, list: &[ResourceUri]| {
            let (kept, left_out): (Vec<_>, Vec<_>) = list.iter().cloned().partition(&keep);
            left_out
                .iter()
                .for_each(|uri| issued.leave_out(kind, why, uri.redacted()));
            kept
        };
        Self {
            queues: kept(QUEUE, &self.queues),
            containers: kept(CONTAINER, &self.containers),
            failure_queues: kept(FAILURE_QUEUE, &self.failure_queues),
            success_queues: kept(SUCCESS_QUEUE, &self.success_queues),
            status_tables: kept(STATUS_TABLE, &self.status_tables),
            issued,
            busy: self.busy.clone(),
        }
    }

    /// Whether nothing at all is issued.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lists().iter().all(|list| list.is_empty())
    }

    fn lists(&self) -> [&[ResourceUri]; 5] {
        [
            &self.queues,
            &self.containers,
            &self.failure_queues,
            &self.success_queues,
            &self.status_tables,
        ]
    }
}

const QUEUE: &str = "SecuredReadyForAggregationQueue";
/// The kind that may be a folder.
const CONTAINER: &str = "TempStorage";
const FAILURE_QUEUE: &str = "FailedIngestionsQueue";
const SUCCESS_QUEUE: &str = "SuccessfulIngestionsQueue";
const STATUS_TABLE: &str = "IngestionsStatusTable";

const FOLDER: &str = "it is a folder, and folders are used only where the client accepts them";

/// How much of an address that cannot be read is shown, in letters.
const LONGEST: usize = 200;

/// Reads the address of a resource, or says why it is left out, and which.
fn read(kind: &str, root: &str) -> Result<ResourceUri, (String, String)> {
    match ResourceUri::parse(root) {
        Ok(uri) if uri.is_folder() && !kind.eq_ignore_ascii_case(CONTAINER) => {
            Err(("it is a folder".to_owned(), uri.redacted().to_owned()))
        }
        Ok(uri) => Ok(uri),
        Err(error) => {
            let why = error.reason().unwrap_or("it cannot be read").to_owned();
            Err((why, without_its_secrets(root)))
        }
    }
}

/// The part that may be shown of an address that cannot be read.
fn without_its_secrets(root: &str) -> String {
    let address = root.split(['?', ';', '#']).next().unwrap_or_default();
    let address = address.rsplit('@').next().unwrap_or_default();
    redact(address).chars().take(LONGEST).collect()
}

/// The rows as pairs, by column name, else by place.
fn rows(table: &Table) -> impl Iterator<Item = (&str, &str)> {
    let kind = table.column("ResourceTypeName").unwrap_or(0);
    let root = table.column("StorageRoot").unwrap_or(1);
    table
        .rows
        .iter()
        .filter_map(move |row| Some((row.get(kind)?.as_str()?, row.get(root)?.as_str()?)))
}
