//! What is issued: each container, queue and table, by a call that changes nothing.

use kusto_ingest::storage::{BlobName, EntityKey, ResourceUri};
use kusto_ingest::{Error, ErrorKind};

use super::Doctor;
use crate::report::{Check, Exit};

impl Doctor<'_> {
    /// All that is issued.
    pub(super) async fn storage(&self) -> Vec<Check> {
        let resources = self.kusto.resources();
        let issued = match self.ask("ask for what is issued", resources.resources()).await {
            Ok(issued) => issued,
            Err(error) => return vec![self.failed("issued resources", &error)],
        };
        let (containers, queues) = match (issued.containers(), issued.queues()) {
            (Ok(containers), Ok(queues)) => (containers, queues),
            (Err(error), _) | (_, Err(error)) => return vec![self.failed("issued resources", &error)],
        };
        let mut checks = vec![self.validity(containers.iter().chain(queues))];
        // A name that nobody has: that there is no such blob is all that is to be learned.
        let nobody = format!("kusto-ingest-doctor-{}", self.kusto.clock().now()).replace([':', '.'], "-");
        let blobs = self.kusto.blob_store();
        for container in containers {
            let hop = format!("container {container}");
            let Ok(name) = BlobName::parse(&nobody) else {
                continue;
            };
            let asked = self.ask("ask for a blob", blobs.length(container, &name)).await;
            checks.push(self.judged(hop, asked.map(drop)));
        }
        let messages = self.kusto.queue_store();
        for queue in queues {
            let asked = self.ask("peek at the queue", messages.peek(queue, 1)).await;
            checks.push(self.judged(format!("queue {queue}"), asked.map(drop)));
        }
        let tables = self.kusto.table_store();
        for table in issued.status_tables().unwrap_or_default() {
            let key = EntityKey::new(&nobody, "0");
            let asked = self.ask("read a row", tables.get(table, &key)).await;
            checks.push(self.judged(format!("status table {table}"), asked.map(drop)));
        }
        checks
    }

    /// Whether the SAS tokens are valid by the clock of this machine.
    fn validity<'r>(&self, issued: impl Iterator<Item = &'r ResourceUri>) -> Check {
        let now = self.kusto.clock().now();
        let ends: Vec<_> = issued.filter_map(ResourceUri::expires).collect();
        let hop = "issued resources";
        match ends.iter().min() {
            Some(first) if *first <= now => Check::failed(
                hop,
                Exit::AllFailed,
                format!("a SAS that was issued just now is over since {first}"),
                "set the clock of this machine",
            ),
            Some(first) => Check::ok(hop, format!("their SAS tokens are valid until {first} or later")),
            None => Check::ok(hop, "they are issued"),
        }
    }

    /// That a SAS permits less than the question needs is no fault: it is for adding.
    fn judged(&self, hop: String, asked: Result<(), Error>) -> Check {
        match asked {
            Ok(()) => Check::ok(hop, "it answers"),
            Err(error) if is_permitted_less(&error) => {
                Check::ok(hop, "it answers; its SAS is for writing alone")
            }
            Err(error) if error.kind() == ErrorKind::Forbidden => Check::failed(
                hop,
                Exit::AllFailed,
                error.chain(),
                "let this machine reach the storage account; a firewall of the account or the clock may refuse it",
            ),
            Err(error) => self.failed(hop, &error),
        }
    }
}

fn is_permitted_less(error: &Error) -> bool {
    let is_forbidden = error.kind() == ErrorKind::Forbidden;
    is_forbidden
        && matches!(
            error.code(),
            Some("AuthorizationPermissionMismatch" | "AuthorizationResourceTypeMismatch")
        )
}
