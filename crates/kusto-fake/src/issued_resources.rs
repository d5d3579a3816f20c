//! The resources that this Kusto issues: addresses with SAS tokens, and their names in the answer.

use std::time::Duration;

use kusto_ingest_core::{Result, Timestamp};
use kusto_storage::{ResourceKind, ResourceUri};
use uuid::Uuid;

/// What the queues of ingestion messages are called, each with a number behind it.
pub(crate) const READY_QUEUE: &str = "readyforaggregation-secured";

/// The addresses and the number of the storage resources that this Kusto issues: by default two accounts with two
/// containers and two queues each, and SAS tokens that last a day.
///
/// ```
/// use kusto_fake::ResourceIssuer;
///
/// // https://kustofake1.blob.core.windows.net/… : nobody listens there, the storage is in memory.
/// let in_memory = ResourceIssuer::hosts();
/// // http://localhost:8080/devstoreaccount1/… : for a server that answers there.
/// let behind_a_socket = ResourceIssuer::paths("http://localhost:8080").with_accounts(["devstoreaccount1"]);
/// ```
#[derive(Clone, Debug)]
pub struct ResourceIssuer {
    base: Option<String>,
    accounts: Vec<String>,
    /// Accounts with a base address of their own.
    moved: Vec<(String, String)>,
    /// Kinds of resources that have the account in the host, below such a name.
    below: Vec<(ResourceKind, String)>,
    containers: usize,
    queues: usize,
    tables: StatusTables,
    lifetime: Duration,
}

/// Which accounts have a status table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StatusTables {
    InTheFirst,
    InEach,
}

impl ResourceIssuer {
    /// Addresses as in Azure, with the account in the host name.
    #[must_use]
    pub fn hosts() -> Self {
        Self {
            base: None,
            accounts: vec!["kustofake1".to_owned(), "kustofake2".to_owned()],
            moved: Vec::new(),
            below: Vec::new(),
            containers: 2,
            queues: 2,
            tables: StatusTables::InTheFirst,
            lifetime: Duration::from_secs(24 * 60 * 60),
        }
    }

    /// Addresses below this one, with the account as the first part of the path.
    #[must_use]
    pub fn paths(base: &str) -> Self {
        Self {
            base: Some(base.trim_end_matches('/').to_owned()),
            accounts: vec!["devstoreaccount1".to_owned(), "devstoreaccount2".to_owned()],
            ..Self::hosts()
        }
    }

    /// Names the accounts. The first one has the report queues and, unless [each](Self::with_status_table_in_each) has one,
    /// the status table.
    #[must_use]
    pub fn with_accounts<A: Into<String>>(self, accounts: impl IntoIterator<Item = A>) -> Self {
        Self {
            accounts: accounts.into_iter().map(Into::into).collect(),
            ..self
        }
    }

    /// Gives this account another base address, such as a port on which nobody listens.
    #[must_use]
    pub fn with_account_at(mut self, account: impl Into<String>, base: &str) -> Self {
        self.moved
            .push((account.into(), base.trim_end_matches('/').to_owned()));
        self
    }

    /// Addresses resources of this kind with the account in the host: `https://acct0.table.localhost:8443/…`, where the
    /// host is `localhost:8443`.
    #[must_use]
    pub fn with_account_in_host(mut self, kind: ResourceKind, host: impl Into<String>) -> Self {
        self.below.push((kind, host.into()));
        self
    }

    /// A status table in each account.
    #[must_use]
    pub fn with_status_table_in_each(self) -> Self {
        Self {
            tables: StatusTables::InEach,
            ..self
        }
    }

    /// Sets the number of containers in each account.
    #[must_use]
    pub fn with_containers(self, containers: usize) -> Self {
        Self { containers, ..self }
    }

    /// Sets the number of queues in each account.
    #[must_use]
    pub fn with_queues(self, queues: usize) -> Self {
        Self { queues, ..self }
    }

    /// Sets the lifetime of SAS tokens. They are renewed after half of it.
    #[must_use]
    pub fn with_lifetime(self, lifetime: Duration) -> Self {
        Self { lifetime, ..self }
    }

    pub(crate) fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// Makes addresses with new SAS tokens.
    pub(crate) fn issue(&self, now: Timestamp) -> Result<IssuedResources> {
        let first = self.accounts.first().map_or("", String::as_str);
        let one = |kind, account: &str, name: &str| self.address(kind, account, name, now);
        let many = |kind, count: usize, name: &str| -> Result<Vec<ResourceUri>> {
            // The accounts take turns, so that the first of a kind is not always in the first account.
            let numbers =
                (0..count).flat_map(|number| self.accounts.iter().map(move |account| (account, number)));
            numbers
                .map(|(account, number)| one(kind, account, &format!("{name}-{number}")))
                .collect()
        };
        let further = self.accounts.iter().skip(1);
        let further = match self.tables {
            StatusTables::InTheFirst => further.take(0),
            StatusTables::InEach => further.take(usize::MAX),
        };
        let table = |account: &str| one(ResourceKind::Table, account, "ingestionsstatus");
        Ok(IssuedResources {
            containers: many(ResourceKind::Container, self.containers, "ingestdata")?,
            queues: many(ResourceKind::Queue, self.queues, READY_QUEUE)?,
            failures: one(ResourceKind::Queue, first, "failedingestions")?,
            successes: one(ResourceKind::Queue, first, "successfulingestions")?,
            status_table: table(first)?,
            further_status_tables: further.map(|account| table(account)).collect::<Result<_>>()?,
            renewed_from: now + self.lifetime / 2,
        })
    }

    fn address(&self, kind: ResourceKind, account: &str, name: &str, now: Timestamp) -> Result<ResourceUri> {
        let (service, scope, rights) = match kind {
            ResourceKind::Container => ("blob", "sr=c".to_owned(), "rwdl"),
            ResourceKind::Queue => ("queue", "sr=q".to_owned(), "raup"),
            ResourceKind::Table => ("table", format!("tn={name}"), "raud"),
        };
        let moved = self.moved.iter().find(|(moved, _)| moved == account);
        let below = self.below.iter().find(|(below, _)| *below == kind);
        let base = match (moved.map(|(_, base)| base), below, &self.base) {
            (None, Some((_, host)), _) => format!("https://{account}.{service}.{host}"),
            (Some(base), ..) | (None, None, Some(base)) => format!("{base}/{account}"),
            (None, None, None) => format!("https://{account}.{service}.core.windows.net"),
        };
        let (from, to) = (second(now), second(now + self.lifetime));
        let random = Uuid::new_v4().simple().to_string();
        let (left, right) = random.split_at(16);
        // A SAS that breaks whoever does not keep it letter by letter.
        ResourceUri::parse(&format!(
            "{base}/{name}?sv=2022-11-02&st={from}&se={to}&{scope}&sp={rights}&sig={left}%2B{right}%3D"
        ))
    }
}

/// The resources that are issued at a moment.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct IssuedResources {
    /// Containers for data.
    pub containers: Vec<ResourceUri>,
    /// Queues for ingestion messages.
    pub queues: Vec<ResourceUri>,
    /// The queue of failure reports.
    pub failures: ResourceUri,
    /// The queue of success reports.
    pub successes: ResourceUri,
    /// The status table.
    pub status_table: ResourceUri,
    /// Further status tables, if each account [has one](ResourceIssuer::with_status_table_in_each).
    pub further_status_tables: Vec<ResourceUri>,
    pub(crate) renewed_from: Timestamp,
}

impl IssuedResources {
    /// Every resource: what the service calls it, what it is, and its address.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&'static str, ResourceKind, &ResourceUri)> {
        let queue = ResourceKind::Queue;
        let ready = self
            .queues
            .iter()
            .map(move |uri| ("SecuredReadyForAggregationQueue", queue, uri));
        let staging = self
            .containers
            .iter()
            .map(|uri| ("TempStorage", ResourceKind::Container, uri));
        let further = self
            .further_status_tables
            .iter()
            .map(|uri| ("IngestionsStatusTable", ResourceKind::Table, uri));
        ready.chain(staging).chain(further).chain([
            ("FailedIngestionsQueue", queue, &self.failures),
            ("SuccessfulIngestionsQueue", queue, &self.successes),
            ("IngestionsStatusTable", ResourceKind::Table, &self.status_table),
        ])
    }
}

/// A moment as SAS tokens write it, percent-encoded.
fn second(at: Timestamp) -> String {
    let text = at.to_string();
    format!("{}Z", &text[..19]).replace(':', "%3A")
}
