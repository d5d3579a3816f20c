//! Loads data into a table: from the bytes of a source to rows, whichever way they came.

use bytes::Bytes;
use kusto_ingest_core::{BlobSource, DataFormat, IngestionProperties, Result, SourceId};
use kusto_ingest_decode::DecodeOptions;
use uuid::Uuid;

use super::row_collector::RowCollector;
use super::source::{self, Source};
use super::target::{IngestionKind, Target, target};
use crate::appending::{self, OldRows};
use crate::ingestion_note::DecodeSummary;
use crate::{Extent, FakeKusto, IngestionNote};

/// How an ingestion ended without an error.
pub(crate) enum Outcome {
    /// What it left in the table.
    Ingested(Extent),
    /// A tag says that this was ingested before.
    Skipped,
}

/// Loads a blob into the table that the properties name. Of what a message names, the source and the message are kept.
///
/// # Errors
/// As [`load`].
pub(crate) fn load_blob(
    kusto: &FakeKusto,
    properties: &IngestionProperties,
    blob: &BlobSource,
    message: Option<(Option<SourceId>, Uuid)>,
    kind: IngestionKind,
) -> Result<Outcome> {
    let origin = Origin {
        path: blob.uri().redacted(),
        source_id: message.and_then(|(source_id, _)| source_id),
        message: message.map(|(_, id)| id),
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
    let data = Bytes::from(data);
    load(kusto, properties, &Origin::REQUEST, || {
        Ok(source::of_text(kusto, data.clone()))
    })
}

/// Loads data that came in a streaming request, plain or gzipped.
///
/// # Errors
/// As [`load`].
pub(crate) fn load_bytes(
    kusto: &FakeKusto,
    properties: &IngestionProperties,
    data: &Bytes,
) -> Result<Outcome> {
    load(kusto, properties, &Origin::REQUEST, || {
        Ok(source::of_bytes(kusto, data.clone()))
    })
}

/// The origin of data.
struct Origin<'a> {
    path: &'a str,
    source_id: Option<SourceId>,
    message: Option<Uuid>,
    kind: IngestionKind,
}

impl Origin<'static> {
    /// It came in a request.
    const REQUEST: Self = Self {
        path: "",
        source_id: None,
        message: None,
        kind: IngestionKind::Direct,
    };
}

/// Loads data, which is opened only when it is needed, and may be opened twice.
///
/// # Errors
/// The service's own codes. The table is as it was then.
fn load(
    kusto: &FakeKusto,
    properties: &IngestionProperties,
    origin: &Origin<'_>,
    open: impl Fn() -> Result<Source>,
) -> Result<Outcome> {
    let Some(target) = target(kusto, properties, origin.kind)? else {
        return Ok(Outcome::Skipped);
    };
    let format = properties.format_of(Some(origin.path)).unwrap_or(DataFormat::Csv);
    let mut options = DecodeOptions::of(format, properties).with_source(origin.path);
    options.mapping.clone_from(&target.mapping);

    let taken = RowCollector::read(kusto, &target.schema, &options, open)?;
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
    let mut extent = Extent::new(taken.rows.len(), now);
    extent.tags = tags(properties);
    extent.created_on = properties.creation_time.unwrap_or(now);
    extent.source_id = origin.source_id;
    extent.message = origin.message;
    target.create(&mut kusto.state().catalog, properties)?;
    let (database, name) = (properties.database.as_str(), properties.table.as_str());
    let appended = (taken.rows, extent.clone());
    // Another message of the same tag may have come first since the table was looked at.
    let old = OldRows::Kept {
        unless: &properties.ingest_if_not_exists,
    };
    if !appending::append(kusto, database, name, &target.schema, appended, old)? {
        return Ok(Outcome::Skipped);
    }
    let DecodeSummary {
        records_left_out,
        values_changed,
        reasons,
        first,
    } = taken.remarks;
    if !reasons.is_empty() {
        kusto.state().notes.push(IngestionNote {
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

fn tags(properties: &IngestionProperties) -> Vec<String> {
    let plain = properties.additional_tags.iter().cloned();
    let drop_by = properties.drop_by_tags.iter().map(|tag| format!("drop-by:{tag}"));
    let ingest_by = properties
        .ingest_by_tags
        .iter()
        .map(|tag| format!("ingest-by:{tag}"));
    plain.chain(drop_by).chain(ingest_by).collect()
}
