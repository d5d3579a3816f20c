//! What one message asks for: from a blob to rows in a table.

use kusto_ingest_core::{BlobSource, IngestionProperties, Result};
use kusto_ingest_message::DecodedMessage;
use kusto_storage::ResourceUri;
use uuid::Uuid;

use super::load::{Outcome, load_blob};
use super::refusal::refused;
use super::target::IngestionKind;
use crate::{Extent, FakeKusto};

/// Ingests what a message names.
///
/// # Errors
/// The service's own codes. The table is as it was then.
pub(super) fn ingest(kusto: &FakeKusto, message: &DecodedMessage, id: Uuid) -> Result<Outcome> {
    let now = kusto.now();
    if !kusto.state().tokens.is_good(&message.token()?, now) {
        return Err(refused(
            "BadRequest_InvalidKustoIdentityToken",
            "the token is none that was given out, or it is over",
        ));
    }
    let properties = message.properties()?;
    let blob = message.blob()?;
    let outcome = match ingested_before(kusto, &properties, id) {
        Some(extent) => Outcome::Ingested(extent),
        None => load_blob(
            kusto,
            &properties,
            &blob,
            Some((message.source_id, id)),
            IngestionKind::Queued,
        )?,
    };
    if !blob.is_retained() && matches!(outcome, Outcome::Ingested(_)) {
        delete(kusto, &blob);
    }
    Ok(outcome)
}

/// What a message left in the table before the emulator was ended in the middle of it.
fn ingested_before(kusto: &FakeKusto, properties: &IngestionProperties, id: Uuid) -> Option<Extent> {
    let mut state = kusto.state();
    if !state.begun_before.contains(&id) {
        return None;
    }
    let table = state
        .catalog
        .table(properties.database.as_str(), properties.table.as_str());
    let mut extents = table.ok()?.extents.iter().rev();
    extents.find(|extent| extent.message == Some(id)).cloned()
}

/// Deletes a blob that its owner gave away, unless it is in another store. That it is gone already does no harm.
fn delete(kusto: &FakeKusto, blob: &BlobSource) {
    if kusto.downloader_of(blob.uri()).is_some() {
        return;
    }
    if let Ok((container, name)) = ResourceUri::of_blob(blob.uri()) {
        drop(kusto.storage().delete_blob(&(&container).into(), name.as_str()));
    }
}
