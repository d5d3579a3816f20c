//! The table: its columns, its mapping, and the policies that decide how fast rows are there.

use kusto_ingest::endpoint::RequestProperties;
use kusto_ingest::endpoint::Table;
use kusto_ingest::properties::TableName;
use kusto_ingest::{ErrorKind, Result};

use super::{Doctor, lacks_database};
use crate::report::{Check, Exit};
use crate::run::preflight::quoted;

impl Doctor<'_> {
    /// What concerns the table.
    pub(super) async fn table(&self, table: &TableName, mapping: Option<&str>) -> Vec<Check> {
        let name = quoted(table.as_str());
        let hop = format!("table {table}");
        let schema = self.show(&format!(".show table {name} cslschema")).await;
        let mut checks = vec![match schema {
            Ok(told) => {
                let columns = told
                    .value(0, "Schema")
                    .and_then(|schema| schema.as_str())
                    .unwrap_or_default();
                let count = columns.split(',').filter(|column| !column.is_empty()).count();
                Check::ok(hop, format!("it has {count} columns"))
            }
            Err(error) if lacks_database(&error) => {
                return vec![
                    self.failed(format!("database {}", self.database), &error),
                    Check::skipped(hop, "it is not looked at, as its database is not there"),
                ];
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let remedy = format!("create it: .create table {name} (column:type, …)");
                return vec![Check::failed(hop, Exit::AllFailed, error.chain(), remedy)];
            }
            Err(error) => Check::skipped(
                hop,
                format!(
                    "it is not shown to you, which an ingestor need not be: {}",
                    error.chain()
                ),
            ),
        }];
        checks.extend(self.mapping(&name, mapping).await);
        checks.push(self.streaming(&name).await);
        checks.push(self.batching(&name).await);
        checks
    }

    async fn mapping(&self, table: &str, mapping: Option<&str>) -> Option<Check> {
        let wanted = mapping?;
        let hop = format!("mapping {wanted}");
        let told = self
            .show(&format!(".show table {table} ingestion mappings"))
            .await;
        Some(match told {
            Ok(told) if told.texts("Name").any(|name| name == wanted) => Check::ok(hop, "the table has it"),
            Ok(told) => {
                let known: Vec<&str> = told.texts("Name").collect();
                Check::failed(
                    hop,
                    Exit::AllFailed,
                    format!("the table has none of this name; it has: {}", known.join(", ")),
                    format!("create it: .create table {table} ingestion csv mapping '{wanted}' '[…]'"),
                )
            }
            Err(error) => Check::skipped(hop, error.chain()),
        })
    }

    async fn streaming(&self, table: &str) -> Check {
        let hop = "streaming policy";
        let told = self
            .show(&format!(".show table {table} policy streamingingestion"))
            .await;
        let policy = told.as_ref().ok().and_then(policy);
        match policy.as_deref() {
            Some(policy)
                if policy.contains("\"IsEnabled\":true") || policy.contains("\"IsEnabled\": true") =>
            {
                Check::ok(hop, "the table takes streaming requests")
            }
            Some("null") | None if told.is_ok() => Check::warning(
                hop,
                "the table has none; it may be that of its database",
                format!("for `stream` and `managed`: .alter table {table} policy streamingingestion enable"),
            ),
            Some(_) => Check::warning(
                hop,
                "streaming is off for the table; queues are not concerned",
                format!("for `stream` and `managed`: .alter table {table} policy streamingingestion enable"),
            ),
            None => Check::skipped(hop, "it is not shown to you"),
        }
    }

    async fn batching(&self, table: &str) -> Check {
        let hop = "batching policy";
        let told = self
            .show(&format!(".show table {table} policy ingestionbatching"))
            .await;
        match told.as_ref().ok().and_then(policy).as_deref() {
            Some("null") | None if told.is_ok() => Check::ok(
                hop,
                "the default one of the cluster: what is queued may be in the table after 5 minutes, 500 files or 1 GB",
            ),
            Some(policy) => Check::ok(hop, policy),
            None => Check::skipped(hop, "it is not shown to you"),
        }
    }

    async fn show(&self, command: &str) -> Result<Table> {
        let (endpoint, properties) = (self.kusto.engine_endpoint(), RequestProperties::new());
        let asking = endpoint.execute(&self.database, command, &properties);
        let answer = self.ask("look at the table", asking).await?;
        Ok(answer.primary().cloned().unwrap_or_default())
    }
}

/// The policy in an answer, in one line.
fn policy(told: &Table) -> Option<String> {
    let text = told.value(0, "Policy")?.as_str()?;
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
}
