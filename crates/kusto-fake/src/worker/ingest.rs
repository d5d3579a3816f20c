//! What one message asks for: from a blob to rows in a table.

use bytes::Bytes;
use kusto_ingest_core::{BlobSource, DataFormat, IngestionMapping, IngestionProperties, Result, SourceId};
use kusto_ingest_decode::{DecodeOptions, Schema, decode};
use kusto_ingest_message::DecodedMessage;
use kusto_storage::ResourceUri;
use uuid::Uuid;

use super::refusal::refused;
use super::source::{self, Source};
use crate::{Extent, FakeKusto};

/// How an ingestion ended that did not fail.
pub(crate) enum Outcome {
    /// What it left in the table.
    Ingested(Extent),
    /// A tag says that this was ingested before.
    Skipped,
}

/// Ingests what a message names.
///
/// # Errors
/// The service's own codes. The table is as it was then.
pub(super) fn ingest(kusto: &FakeKusto, message: &DecodedMessage) -> Result<Outcome> {
    if message.token()? != kusto.0.token {
        return Err(refused(
            "BadRequest_InvalidKustoIdentityToken",
            "the token is not the one that was given out",
        ));
    }
    let properties = message.properties()?;
    let blob = message.blob()?;
    let outcome = load_blob(kusto, &properties, &blob, message.source_id)?;
    if !blob.is_retained() && matches!(outcome, Outcome::Ingested(_)) {
        delete(kusto, &blob);
    }
    Ok(outcome)
}

/// Loads a blob into the table that the properties name.
///
/// # Errors
/// As [`load`].
pub(crate) fn load_blob(
    kusto: &FakeKusto,
    properties: &IngestionProperties,
    blob: &BlobSource,
    source_id: Option<SourceId>,
) -> Result<Outcome> {
    load(kusto, properties, blob.uri().redacted(), source_id, || {
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
    load(kusto, properties, "", None, || Ok(source::of_text(kusto, data)))
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
    load(kusto, properties, "", None, || Ok(source::of_bytes(kusto, data)))
}

/// Loads data, which is opened only when it is needed.
///
/// # Errors
/// The service's own codes. The table is as it was then.
fn load(
    kusto: &FakeKusto,
    properties: &IngestionProperties,
    path: &str,
    source_id: Option<SourceId>,
    open: impl FnOnce() -> Result<Source>,
) -> Result<Outcome> {
    let Some((schema, mapping)) = target(kusto, properties)? else {
        return Ok(Outcome::Skipped);
    };
    let format = properties.format_of(Some(path)).unwrap_or(DataFormat::Csv);
    let mut options = DecodeOptions::of(format, properties).with_source(path);
    options.mapping = mapping;

    let mut source = open()?;
    let mut rows = Vec::new();
    while source.next_file() {
        let decoded = decode(&mut source, &options, &schema);
        rows.append(&mut decoded.map_err(|error| source.refusal().unwrap_or(error))?.rows);
    }
    let mut state = kusto.state();
    let name = (properties.database.as_str(), properties.table.as_str());
    let table = state.catalog.table(name.0, name.1)?;
    // Another message of the same tag may have come first since the table was looked at.
    if table.has_any_ingest_by(&properties.ingest_if_not_exists) {
        return Ok(Outcome::Skipped);
    }
    let extent = Extent {
        id: Uuid::new_v4(),
        tags: tags(properties),
        rows: rows.len() as u64,
        created_on: properties.creation_time.unwrap_or_else(|| kusto.now()),
        source_id,
    };
    table.append(&schema, rows, extent.clone())?;
    Ok(Outcome::Ingested(extent))
}

/// The columns that the rows are for and the mapping written out; `None` when the data is in the table already.
fn target(
    kusto: &FakeKusto,
    properties: &IngestionProperties,
) -> Result<Option<(Schema, Option<IngestionMapping>)>> {
    let mut state = kusto.state();
    let table = state
        .catalog
        .table(properties.database.as_str(), properties.table.as_str())?;
    if table.has_any_ingest_by(&properties.ingest_if_not_exists) {
        return Ok(None);
    }
    let mapping = match &properties.mapping {
        Some(IngestionMapping::Reference { kind, name }) => Some(table.mapping(*kind, name)?),
        other => other.clone(),
    };
    let schema = match &mapping {
        Some(mapping) => table.schema.extended_by(mapping).map_err(|error| {
            refused(
                "BadRequest_InvalidMapping",
                "a column of the mapping has an unknown type",
            )
            .caused_by(error)
        })?,
        None => table.schema.clone(),
    };
    Ok(Some((schema, mapping)))
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

/// Deletes a blob that its owner gave away. That it is gone already does no harm.
fn delete(kusto: &FakeKusto, blob: &BlobSource) {
    if let Ok((container, name)) = ResourceUri::of_blob(blob.uri()) {
        drop(kusto.storage().delete_blob(&(&container).into(), name.as_str()));
    }
}
