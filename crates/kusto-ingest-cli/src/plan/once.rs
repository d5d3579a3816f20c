//! Tags for ingesting only once: each source needs one of its own, and is deleted only once it has arrived.

use std::sync::Arc;

use kusto_ingest::IngestionProperties;

use super::{Deletion, DiscoveredSource};
use crate::args::{IngestJob, Route, named};
use crate::report::CommandError;

const PAGE: &str = "docs/guide/guarantees.md";

/// Of several sources that share a tag for ingesting only once, only the first would arrive. A shard is one of several.
///
/// # Errors
/// There are several, or there may be.
pub(super) fn refuse_tag_of_many(job: &IngestJob, sources: usize) -> Result<(), CommandError> {
    // A streaming request carries neither of the two properties.
    let is_streaming = matches!(job.route, Route::Streaming(..));
    let is_single = sources <= 1 && job.select.shard.is_none();
    match job.into.properties.shared_once_tag() {
        Some(tag) if !is_streaming && !is_single => Err(CommandError::usage(format!(
            "all sources would share the tag {tag:?} of --ingest-by and --if-not-exists, and all but the first would be \
             skipped: give each a tag of its own by {{name}}, as in --ingest-by '{tag}/{{name}}' --if-not-exists \
             '{tag}/{{name}}'"
        ))
        .with_page(PAGE)),
        _ => Ok(()),
    }
}

/// What a queue has may still be skipped, and is then nowhere if its file is deleted.
///
/// # Errors
/// Files are to be deleted before that is known.
pub(super) fn refuse_deletion(job: &IngestJob) -> Result<(), CommandError> {
    let remedy = match job.route.ends_early() {
        true => "leave out --async",
        false => "add --wait",
    };
    match Deletion::of(job) {
        Deletion::WhenAccepted if job.into.properties.may_skip() => Err(CommandError::usage(format!(
            "--delete-source with --if-not-exists would delete what is accepted and then skipped: {remedy}, so that a file \
             is deleted only once its rows are in the table"
        ))
        .with_page(PAGE)),
        _ => Ok(()),
    }
}

/// The properties of a source whose tags name it.
///
/// # Errors
/// It has no name.
pub(super) fn of_source(
    job: &IngestJob,
    properties: Arc<IngestionProperties>,
    found: &DiscoveredSource,
) -> Result<Arc<IngestionProperties>, CommandError> {
    if !job.into.properties.name_sources() {
        return Ok(properties);
    }
    match found {
        DiscoveredSource::StandardInput | DiscoveredSource::Pipe(_) => Err(CommandError::usage(format!(
            "{} has no name of its own for the {{name}} of --ingest-by and --if-not-exists: write a tag in its place",
            found.called()
        ))),
        found => Ok(Arc::new(named(&properties, &found.key()))),
    }
}
