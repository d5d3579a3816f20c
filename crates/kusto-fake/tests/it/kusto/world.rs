//! A Kusto with one table, and a client that queues what a test says.

use bytes::Bytes;
use futures::executor::block_on;
use kusto_endpoint::{ManagementEndpoint, QueryEndpoint, RequestProperties, Table};
use kusto_fake::{FakeKusto, Ingestion, testing};
use kusto_ingest_core::{
    BlobSource, Clock, DataFormat, DatabaseName, IngestionProperties, ManualClock, Result, TableName,
    Timestamp,
};
use kusto_ingest_message::{IdentityToken, IngestionMessage, StatusLocation};
use kusto_storage::QueueStore;

pub(crate) struct World {
    pub(crate) clock: ManualClock,
    pub(crate) kusto: FakeKusto,
    pub(crate) database: DatabaseName,
    pub(crate) table: TableName,
}

impl World {
    /// A Kusto with the table `T` of these columns in the database `db`.
    pub(crate) fn new(columns: &str) -> Self {
        let clock = ManualClock::new(Timestamp::parse("2026-01-01").expect("a date"));
        let (kusto, clock) = testing::kusto_at(clock);
        let world = Self {
            clock,
            kusto,
            database: DatabaseName::parse("db").expect("a name"),
            table: TableName::parse("T").expect("a name"),
        };
        world.kusto.create_database(&world.database);
        world
            .run(&format!(".create table T ({columns})"))
            .expect("created");
        world
    }

    pub(crate) fn properties(&self) -> IngestionProperties {
        IngestionProperties::new(self.database.clone(), self.table.clone())
    }

    /// Runs a command in the database `db`.
    pub(crate) fn run(&self, command: &str) -> Result<Table> {
        self.run_in(&self.database, command)
    }

    pub(crate) fn run_in(&self, database: &DatabaseName, command: &str) -> Result<Table> {
        let answer = block_on(self.kusto.execute(database, command, &RequestProperties::new()))?;
        Ok(answer.primary().expect("a table").clone())
    }

    /// Runs a query, or a command through the query endpoint.
    pub(crate) fn query(&self, query: &str) -> Result<Table> {
        let answer = block_on(self.kusto.query(&self.database, query, &RequestProperties::new()))?;
        Ok(answer.primary().expect("a table").clone())
    }

    /// Puts a blob.
    pub(crate) fn blob(&self, name: &str, body: impl Into<Bytes>) -> BlobSource {
        testing::put_blob(&self.kusto, name, body)
    }

    /// A message about a blob, as this Kusto wants it.
    pub(crate) fn message(&self, blob: &BlobSource, properties: &IngestionProperties) -> IngestionMessage {
        let format = properties
            .format_of(Some(blob.uri().redacted()))
            .unwrap_or(DataFormat::Csv);
        IngestionMessage::new(blob, properties, format, self.kusto.identity_token())
    }

    /// Queues a message.
    pub(crate) fn queue(&self, message: &IngestionMessage) {
        self.queue_text(&message.encode(self.clock.now()).expect("a short message"));
    }

    pub(crate) fn queue_text(&self, text: &str) {
        let queue = &self.kusto.issued_resources().expect("issued").queues[0];
        block_on(QueueStore::put(self.kusto.storage(), queue, text)).expect("queued");
    }

    /// Brings a blob all the way and tells what became of it.
    pub(crate) fn ingest(&self, blob: &BlobSource, properties: &IngestionProperties) -> Ingestion {
        self.queue(&self.message(blob, properties));
        self.kusto.drain();
        self.kusto.ingestion(blob.id()).expect("drained")
    }

    /// The status row of a blob, which is not there yet.
    pub(crate) fn location(&self, blob: &BlobSource) -> StatusLocation {
        let table = self.kusto.issued_resources().expect("issued").status_table;
        let id = blob.id().to_string();
        StatusLocation::new(table.expose().as_str(), &id, &id)
    }

    /// The table as text: one line a row, fields divided by bars.
    pub(crate) fn rows(&self) -> Vec<String> {
        let rows = self.kusto.rows(&self.database, &self.table);
        let line = |row: &Vec<kusto_ingest_decode::Value>| {
            let fields: Vec<String> = row.iter().map(ToString::to_string).collect();
            fields.join("|")
        };
        rows.iter().map(line).collect()
    }
}

/// A token that no Kusto gave out.
pub(crate) fn wrong_token() -> IdentityToken {
    IdentityToken::parse("made up").expect("a token")
}
