//! An engine that answers as it is told, and a client of it.

use std::sync::Arc;

use futures::executor::block_on;
use kusto_endpoint::{Dataset, ScriptedEndpoint, Table};
use kusto_ingest_core::testing::clock;
use kusto_ingest_core::{
    BlobSource, DataFormat, Error, ErrorKind, IngestClient, IngestionProperties, ManualClock, Receipt,
    Result, Source,
};
use kusto_ingest_direct::DirectIngestClient;
use serde_json::Value;

pub(crate) const EXTENT: &str = "22222222-2222-4222-8222-222222222222";
pub(crate) const OPERATION: &str = "33333333-3333-4333-8333-333333333333";
pub(crate) const NIL: &str = "00000000-0000-0000-0000-000000000000";

pub(crate) struct World {
    pub(crate) engine: ScriptedEndpoint,
    pub(crate) clock: ManualClock,
    pub(crate) client: DirectIngestClient,
}

impl World {
    pub(crate) fn new() -> Self {
        let engine = ScriptedEndpoint::new();
        let clock = clock();
        let client = DirectIngestClient::new(Arc::new(engine.clone()), Arc::new(clock.clone()));
        Self {
            engine,
            clock,
            client,
        }
    }

    pub(crate) fn ingest(&self, source: impl Into<Source>) -> Result<Receipt> {
        self.ingest_with(source, &properties())
    }

    pub(crate) fn ingest_with(
        &self,
        source: impl Into<Source>,
        properties: &IngestionProperties,
    ) -> Result<Receipt> {
        block_on(self.client.ingest_source(source.into(), properties))
    }

    /// Answers so whenever there is no other answer.
    pub(crate) fn always(&self, beginning: &str, answer: Dataset) {
        drop(self.engine.clone().with_response(beginning, answer));
    }

    /// The commands that were sent, in order.
    pub(crate) fn sent(&self) -> Vec<String> {
        self.engine
            .commands()
            .into_iter()
            .map(|asked| asked.text)
            .collect()
    }
}

pub(crate) fn properties() -> IngestionProperties {
    IngestionProperties::into_table("D", "T")
        .expect("names")
        .with_format(DataFormat::Csv)
}

/// A blob of known size, so that the engine is asked to load it before it answers.
pub(crate) fn blob(name: &str) -> BlobSource {
    let address = format!("https://a.blob.core.windows.net/c/{name}?sv=1&sig=SECRET");
    BlobSource::parse(address).expect("an address").with_raw_size(10)
}

pub(crate) fn loaded(rows: &[(&str, &str, bool)]) -> Dataset {
    let columns = [
        ("ExtentId", "guid"),
        ("ItemLoaded", "string"),
        ("Duration", "timespan"),
        ("HasErrors", "bool"),
        ("OperationId", "guid"),
    ];
    let empty = Table::of("Table_0", &columns);
    let row = |(extent, item, has_errors): &(&str, &str, bool)| -> [Value; 5] {
        [
            (*extent).into(),
            (*item).into(),
            "00:00:01".into(),
            (*has_errors).into(),
            OPERATION.into(),
        ]
    };
    Dataset::single(rows.iter().fold(empty, |table, told| table.with_row(row(told))))
}

pub(crate) fn one_extent() -> Dataset {
    loaded(&[(EXTENT, "", false)])
}

pub(crate) fn begun() -> Dataset {
    Dataset::single(Table::of("Table_0", &[("OperationId", "guid")]).with_row([OPERATION]))
}

pub(crate) fn operation(state: &str, status: &str) -> Dataset {
    let columns = [("OperationId", "guid"), ("State", "string"), ("Status", "string")];
    Dataset::single(Table::of("Table_0", &columns).with_row([OPERATION, state, status]))
}

pub(crate) fn failures(rows: &[(&str, &str)]) -> Dataset {
    let columns = [
        ("IngestionSourcePath", "string"),
        ("Details", "string"),
        ("FailureKind", "string"),
        ("ErrorCode", "string"),
    ];
    let empty = Table::of("Table_0", &columns);
    let row = |(path, details): &(&str, &str)| {
        [*path, *details, "Permanent", "BadRequest_Stream"].map(str::to_owned)
    };
    Dataset::single(rows.iter().fold(empty, |table, told| table.with_row(row(told))))
}

pub(crate) fn error(kind: ErrorKind, status: u16) -> Error {
    Error::new(kind, "run the command")
        .because("it did not work")
        .with_http_status(status)
}
