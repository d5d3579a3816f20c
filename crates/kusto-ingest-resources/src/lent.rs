//! What Kusto lends: the rows of `.get ingestion resources`, sorted by kind.

mod serving;

use kusto_endpoint::{Dataset, Table};
use kusto_ingest_core::{Error, ErrorKind, Result, Timestamp};
use kusto_storage::ResourceUri;

/// The queues, containers and tables that Kusto lends its clients.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IngestionResources {
    queues: Vec<ResourceUri>,
    containers: Vec<ResourceUri>,
    failure_queues: Vec<ResourceUri>,
    success_queues: Vec<ResourceUri>,
    status_tables: Vec<ResourceUri>,
    /// Whether folders were lent that are not to be used: then an error can say so.
    has_refused_folders: bool,
    /// The accounts that have asked to be left alone for now.
    busy: Vec<String>,
}

impl IngestionResources {
    /// The command that asks for them, of the Data Management endpoint.
    pub const COMMAND: &'static str = ".get ingestion resources";

    /// The command that asks an engine for a container of its own, where it lends what is ingested by its commands.
    pub const TEMP_STORAGE_COMMAND: &'static str = ".create tempstorage";

    /// Nothing lent.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds queues for ingestion messages.
    #[must_use]
    pub fn with_queues(mut self, queues: impl IntoIterator<Item = ResourceUri>) -> Self {
        self.queues.extend(queues);
        self
    }

    /// Adds containers for blobs.
    #[must_use]
    pub fn with_containers(mut self, containers: impl IntoIterator<Item = ResourceUri>) -> Self {
        self.containers.extend(containers);
        self
    }

    /// Adds tables for the status of ingestions.
    #[must_use]
    pub fn with_status_tables(mut self, tables: impl IntoIterator<Item = ResourceUri>) -> Self {
        self.status_tables.extend(tables);
        self
    }

    /// Adds queues that report failures.
    #[must_use]
    pub fn with_failure_queues(mut self, queues: impl IntoIterator<Item = ResourceUri>) -> Self {
        self.failure_queues.extend(queues);
        self
    }

    /// Adds queues that report successes.
    #[must_use]
    pub fn with_success_queues(mut self, queues: impl IntoIterator<Item = ResourceUri>) -> Self {
        self.success_queues.extend(queues);
        self
    }

    /// Reads the answer to [`COMMAND`](Self::COMMAND). Kinds that this version does not know are left out, and so
    /// are addresses that it cannot read: one bad row must not spoil the others.
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
        let mut lent = Self::none();
        for (kind, root) in rows(table) {
            let Some(list) = lent.list_of(kind) else { continue };
            match ResourceUri::parse(root) {
                Ok(uri) if uri.is_folder() && !kind.eq_ignore_ascii_case(CONTAINER) => {
                    tracing::warn!(kind, resource = %uri, "an ingestion resource is left out: it is a folder");
                }
                Ok(uri) => list.push(uri),
                Err(error) => tracing::warn!(kind, %error, "an ingestion resource is left out"),
            }
        }
        Ok(lent)
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
        Ok(Self::none().with_containers(containers))
    }

    fn list_of(&mut self, kind: &str) -> Option<&mut Vec<ResourceUri>> {
        match kind.to_ascii_lowercase().as_str() {
            "securedreadyforaggregationqueue" => Some(&mut self.queues),
            CONTAINER => Some(&mut self.containers),
            "failedingestionsqueue" => Some(&mut self.failure_queues),
            "successfulingestionsqueue" => Some(&mut self.success_queues),
            "ingestionsstatustable" => Some(&mut self.status_tables),
            _ => None,
        }
    }

    /// Queues for ingestion messages (`SecuredReadyForAggregationQueue`).
    ///
    /// # Errors
    /// [`ErrorKind::NoResources`] when there are none.
    #[doc(alias = "CloudQueuesNotFoundException")]
    pub fn queues(&self) -> Result<&[ResourceUri]> {
        some(&self.queues, "queue for ingestion messages")
    }

    /// Containers for blobs (`TempStorage`).
    ///
    /// # Errors
    /// [`ErrorKind::NoResources`] when there are none.
    #[doc(alias = "CloudBlobContainersNotFoundException")]
    pub fn containers(&self) -> Result<&[ResourceUri]> {
        some(&self.containers, "container for blobs").map_err(|error| match self.has_refused_folders {
            true => error.with("lent and not used", FOLDERS),
            false => error,
        })
    }

    /// Tables for the status of ingestions (`IngestionsStatusTable`).
    ///
    /// # Errors
    /// [`ErrorKind::NoResources`] when there are none.
    pub fn status_tables(&self) -> Result<&[ResourceUri]> {
        some(&self.status_tables, "table for the status of ingestions")
    }

    /// Queues that report failures (`FailedIngestionsQueue`).
    ///
    /// # Errors
    /// [`ErrorKind::NoResources`] when there are none.
    pub fn failure_queues(&self) -> Result<&[ResourceUri]> {
        some(&self.failure_queues, "queue that reports failures")
    }

    /// Queues that report successes (`SuccessfulIngestionsQueue`).
    ///
    /// # Errors
    /// [`ErrorKind::NoResources`] when there are none.
    pub fn success_queues(&self) -> Result<&[ResourceUri]> {
        some(&self.success_queues, "queue that reports successes")
    }

    /// When the first of the signatures expires.
    #[must_use]
    pub fn first_expiry(&self) -> Option<Timestamp> {
        self.lists()
            .into_iter()
            .flatten()
            .filter_map(ResourceUri::expires)
            .min()
    }

    /// Without the resources whose signature has expired.
    #[must_use]
    pub fn valid_at(&self, now: Timestamp) -> Self {
        self.only(|uri| uri.expires().is_none_or(|expiry| expiry > now))
    }

    /// Without the resources whose address is plain http.
    #[must_use]
    pub fn encrypted(&self) -> Self {
        self.only(|uri| uri.expose().scheme() != "http")
    }

    /// Without the containers that are folders of a file system.
    #[must_use]
    pub fn without_folders(&self) -> Self {
        Self {
            has_refused_folders: self.containers.iter().any(ResourceUri::is_folder),
            ..self.only(|uri| !uri.is_folder())
        }
    }

    fn only(&self, keep: impl Fn(&ResourceUri) -> bool) -> Self {
        let kept = |list: &[ResourceUri]| list.iter().filter(|uri| keep(uri)).cloned().collect();
        Self {
            queues: kept(&self.queues),
            containers: kept(&self.containers),
            failure_queues: kept(&self.failure_queues),
            success_queues: kept(&self.success_queues),
            status_tables: kept(&self.status_tables),
            ..self.clone()
        }
    }

    /// Whether nothing at all is lent.
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

/// The kind of containers, in lower case: the one that may be a folder.
const CONTAINER: &str = "tempstorage";

const FOLDERS: &str = "folders: blobs are put into those only where the client accepts them";

fn some<'a>(list: &'a [ResourceUri], what: &'static str) -> Result<&'a [ResourceUri]> {
    if list.is_empty() {
        return Err(
            Error::new(ErrorKind::NoResources, "choose a resource").because(format!("Kusto lent no {what}"))
        );
    }
    Ok(list)
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
