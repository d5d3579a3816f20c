//! Loads data into a table: from the bytes of a source to rows, whichever way they came.

use std::ops::ControlFlow;

use bytes::Bytes;
use kusto_ingest_core::{BlobSource, DataFormat, Error, IngestionProperties, Result, SourceId};
use kusto_ingest_decode::{DecodeOptions, DecodedValue, RowSink, Schema, Warning, decode_into};
use uuid::Uuid;

use super::refusal::refused;
use super::source::{self, Source};
use super::target::{IngestionKind, Target, target};
use crate::ingestion_note::DecodeSummary;
use crate::store::Store;
use crate::{Extent, FakeKusto, IngestionNote, Limits};

/// How an ingestion ended that did not fail.
pub(crate) enum Outcome {
    /// What it left in the table.
    Ingested(Extent),
    /// A tag says that this was ingested before.
    Skipped,
}

/// How many rows are taken between two looks at how much memory they take.
const ROWS_BETWEEN_LOOKS: u64 = 256;

/// Loads a blob into the table that the properties name.
///
/// # Errors
/// As [`load`].
pub(crate) fn load_blob(
    kusto: &FakeKusto,
    properties: &IngestionProperties,
    blob: &BlobSource,
    source_id: Option<SourceId>,
    kind: IngestionKind,
) -> Result<Outcome> {
    let origin = Origin {
        path: blob.uri().redacted(),
        source_id,
        kind,
    };
    load(kusto, properties, &origin, || {
        source::open(kusto, blob, properties.zip_pattern.as_deref())
    })
}

/// Loads data that came with a command.
///
/// # Errors
/// As [`load`].
pub(crate) fn load_text(
    kusto: &FakeKusto,
    properties: &IngestionProperties,
    data: String,
) -> Result<Outcome> {
    load(kusto, properties, &Origin::REQUEST, || {
        Ok(source::of_text(kusto, data))
    })
}

/// Loads data that came in a streaming request, plain or gzipped.
///
/// # Errors
/// As [`load`].
pub(crate) fn load_bytes(
    kusto: &FakeKusto,
    properties: &IngestionProperties,
    data: Bytes,
) -> Result<Outcome> {
    load(kusto, properties, &Origin::REQUEST, || {
        Ok(source::of_bytes(kusto, data))
    })
}

/// Where data is from.
struct Origin<'a> {
    path: &'a str,
    source_id: Option<SourceId>,
    kind: IngestionKind,
}

impl Origin<'static> {
    /// It came in a request.
    const REQUEST: Self = Self {
        path: "",
        source_id: None,
        kind: IngestionKind::Direct,
    };
}

/// Loads data, which is opened only when it is needed.
///
/// # Errors
/// The service's own codes. The table is as it was then.
fn load(
    kusto: &FakeKusto,
    properties: &IngestionProperties,
    origin: &Origin<'_>,
    open: impl FnOnce() -> Result<Source>,
) -> Result<Outcome> {
    let Some(target) = target(kusto, properties, origin.kind)? else {
        return Ok(Outcome::Skipped);
    };
    let format = properties.format_of(Some(origin.path)).unwrap_or(DataFormat::Csv);
    let mut options = DecodeOptions::of(format, properties).with_source(origin.path);
    options.mapping.clone_from(&target.mapping);

    let mut source = open()?;
    let mut taken = RowCollector::new(kusto, &target.schema);
    while source.next_file()? {
        taken.decode(&mut source, &options)?;
    }
    append(kusto, properties, origin, &target, taken)
}

/// Puts rows into the table that they are for.
fn append(
    kusto: &FakeKusto,
    properties: &IngestionProperties,
    origin: &Origin<'_>,
    target: &Target,
    taken: RowCollector<'_>,
) -> Result<Outcome> {
    let now = kusto.now();
    let mut state = kusto.state();
    if state.catalog.size() + taken.rows.size() > taken.limits.max_stored_bytes {
        return Err(store_is_full());
    }
    let table = target.table(&mut state.catalog, properties)?;
    // Another message of the same tag may have come first since the table was looked at.
    if table.has_any_ingest_by(&properties.ingest_if_not_exists) {
        return Ok(Outcome::Skipped);
    }
    let extent = Extent {
        id: Uuid::new_v4(),
        tags: tags(properties),
        rows: taken.rows.len() as u64,
        created_on: properties.creation_time.unwrap_or(now),
        source_id: origin.source_id,
    };
    table.append(&target.schema, taken.rows, extent.clone())?;
    let DecodeSummary {
        records_left_out,
        values_changed,
        reasons,
        first,
    } = taken.remarks;
    if !reasons.is_empty() {
        state.notes.push(IngestionNote {
            source_id: origin.source_id,
            database: properties.database.to_string(),
            table: properties.table.to_string(),
            path: origin.path.to_owned(),
            rows: extent.rows,
            records_left_out,
            values_changed,
            reasons,
            first,
            ended: now,
        });
    }
    Ok(Outcome::Ingested(extent))
}

/// What was taken of a source so far.
struct RowCollector<'a> {
    schema: &'a Schema,
    limits: Limits,
    /// How much memory the rows of other sources took when this one was begun.
    stored: u64,
    rows: Store,
    remarks: DecodeSummary,
    /// Why no more rows are taken.
    refusal: Option<Error>,
}

impl<'a> RowCollector<'a> {
    fn new(kusto: &FakeKusto, schema: &'a Schema) -> Self {
        let state = kusto.state();
        Self {
            schema,
            limits: state.limits,
            stored: state.catalog.size(),
            rows: Store::default(),
            remarks: DecodeSummary::default(),
            refusal: None,
        }
    }

    /// Takes the rows of one file, unless there are too many.
    fn decode(&mut self, source: &mut Source, options: &DecodeOptions) -> Result<()> {
        let decoded = decode_into(&mut *source, options, self.schema, self);
        decoded.map_err(|error| source.refusal().unwrap_or(error))?;
        self.refusal.take().map_or(Ok(()), Err)
    }

    /// Why no more rows are to be taken.
    fn limit_met(&self) -> Option<Error> {
        let rows = self.rows.len() as u64;
        if rows > self.limits.max_rows {
            let why = "the source has more rows than this Kusto takes of one";
            return Some(refused("BadRequest_FileTooLarge", why));
        }
        let is_looked_at = rows.is_multiple_of(ROWS_BETWEEN_LOOKS);
        (is_looked_at && self.stored + self.rows.size() > self.limits.max_stored_bytes).then(store_is_full)
    }
}

impl RowSink for RowCollector<'_> {
    fn value(&mut self, column: usize, value: DecodedValue<'_>) {
        self.rows.value(self.schema, column, &value);
    }

    fn end_row(&mut self) -> ControlFlow<()> {
        self.rows.end_row(self.schema);
        self.refusal = self.limit_met();
        match self.refusal {
            None => ControlFlow::Continue(()),
            Some(_) => ControlFlow::Break(()),
        }
    }

    fn warning(&mut self, warning: Warning) -> ControlFlow<()> {
        self.remarks.add(warning);
        ControlFlow::Continue(())
    }
}

fn store_is_full() -> Error {
    let why = "the rows of all tables would take more memory than this Kusto has for them";
    refused("BadRequest_DataCapacityLimitReached", why)
}

fn tags(properties: &IngestionProperties) -> Vec<String> {
    let plain = properties.additional_tags.iter().cloned();
    let drop_by = properties.drop_by_tags.iter().map(|tag| format!("drop-by:{tag}"));
    let ingest_by = properties
        .ingest_by_tags
        .iter()
        .map(|tag| format!("ingest-by:{tag}"));
    plain.chain(drop_by).chain(ingest_by).collect()
}
