//! What a way into a table cannot carry, as far as that can be told before anything is sent.

use std::sync::Arc;

use kusto_ingest::mapping::IngestionMapping;
use kusto_ingest::sources::Compression;
use kusto_ingest::{IngestionProperties, Source};

use super::{DiscoveredSource, PlannedSource, header, input};
use crate::args::{IngestJob, OnUnsupported, Route, StreamingArgs};
use crate::report::{self, CommandError};

/// The most bytes of text inside of a command.
pub(crate) const INLINE_LIMIT: usize = 1024 * 1024;

/// Looks whether what was found can go this way, and says of a blob what is to become of it.
///
/// # Errors
/// It cannot.
pub(crate) fn accept(job: &IngestJob, found: &mut DiscoveredSource) -> Result<(), CommandError> {
    match found {
        DiscoveredSource::Blob(..) if job.delete_source && job.into.properties.may_skip() => {
            return Err(CommandError::usage(format!(
                "{}: the service may delete a blob that it has skipped, as --if-not-exists may have it: leave out \
                 --delete-source",
                found.shown()
            )));
        }
        DiscoveredSource::Blob(blob, _) if job.delete_source => match job.route {
            Route::Queued(..) | Route::Managed(..) => *blob = blob.clone().with_delete_after_ingestion(),
            Route::Streaming(..) | Route::Direct(_) | Route::Inline => {
                return Err(CommandError::usage(format!(
                    "{}: the service deletes only blobs that are queued: use ingest or managed, or leave out \
                     --delete-source",
                    found.shown()
                )));
            }
        },
        DiscoveredSource::Object(_, _, shown) if job.delete_source => {
            return Err(CommandError::usage(format!(
                "{shown}: --delete-source deletes local files, and blobs that Kusto reads: leave it out"
            )));
        }
        DiscoveredSource::Blob(..) | DiscoveredSource::Odd(..) => {}
        local if job.route.wants_blobs() => {
            return Err(CommandError::usage(format!(
                "{} is no blob's URL: leave out --from-uri to stream what this process can read",
                local.called()
            )));
        }
        _ => {}
    }
    Ok(())
}

/// Looks for what this way cannot carry, and leaves out what may be left out.
///
/// # Errors
/// The first source that cannot go this way.
pub(super) async fn check(job: &IngestJob, planned: &mut [PlannedSource]) -> Result<(), CommandError> {
    let mut told = Vec::new();
    for planned in planned.iter_mut().filter(|planned| planned.refused.is_none()) {
        match &job.route {
            Route::Streaming(args, _) => {
                let is_header_found = !job.into.ignore_first_record;
                if is_header_found && planned.properties.ignore_first_record == Some(true) {
                    header::leave_out(planned).await?;
                }
                check_streamable(planned, *args, &mut told).await?;
            }
            Route::Inline => check_inline(planned).await?,
            Route::Queued(..) | Route::Managed(..) | Route::Direct(_) => {}
        }
    }
    Ok(())
}

/// Looks for what a streaming request cannot carry. What is left out is told once.
async fn check_streamable(
    planned: &mut PlannedSource,
    args: StreamingArgs,
    told: &mut Vec<String>,
) -> Result<(), CommandError> {
    // A file that cannot be opened is a source that fails.
    let Ok(source) = planned.source().await else {
        return Ok(());
    };
    let named = |properties: &IngestionProperties| properties.not_streamable(&source).join(", ");
    let names = named(&planned.properties);
    if names.is_empty() {
        return Ok(());
    }
    let refused = |names: String, remedy: &str| {
        let called = planned.found.called();
        Err(CommandError::usage(format!(
            "{called}: a streaming request cannot carry {names}; use ingest or managed{remedy}"
        )))
    };
    let streamable = streamable(&planned.properties);
    let left = named(&streamable);
    if !left.is_empty() {
        return refused(left, "");
    }
    if args.on_unsupported == OnUnsupported::Error {
        return refused(names, ", or leave it out by --on-unsupported warn");
    }
    if args.on_unsupported == OnUnsupported::Warn && !told.contains(&names) {
        report::warning(&format!(
            "streaming requests cannot carry {names}, which is left out"
        ));
        told.push(names);
    }
    planned.properties = Arc::new(streamable);
    Ok(())
}

/// Properties without those that are lost on a streaming request.
fn streamable(properties: &IngestionProperties) -> IngestionProperties {
    let mut streamable = properties.clone();
    let lists = [
        &mut streamable.additional_tags,
        &mut streamable.drop_by_tags,
        &mut streamable.ingest_by_tags,
        &mut streamable.ingest_if_not_exists,
    ];
    lists.into_iter().for_each(Vec::clear);
    streamable.additional_properties.clear();
    streamable.creation_time = None;
    streamable.validation_policy = None;
    streamable.zip_pattern = None;
    streamable.ignore_first_record = None;
    if matches!(streamable.mapping, Some(IngestionMapping::Inline { .. })) {
        streamable.mapping = None;
    }
    streamable
}

async fn check_inline(planned: &mut PlannedSource) -> Result<(), CommandError> {
    let refused = |why: &str| {
        let called = planned.found.called();
        Err(CommandError::usage(format!(
            "{called}: a command cannot carry it, as {why}; use direct"
        )))
    };
    if matches!(planned.found, DiscoveredSource::Blob(..)) {
        return refused("it is a blob");
    }
    if !planned.format.is_compressible() {
        return refused("its format is no text");
    }
    let Ok(Source::Local(local)) = planned.source().await else {
        return Ok(());
    };
    if local.compression() != Compression::None {
        return refused("it is compressed");
    }
    let is_whole = match (planned.bytes(), planned.opened.is_some()) {
        (Some(bytes), _) => bytes <= INLINE_LIMIT as u64,
        (None, true) => {
            let unusable = |error| CommandError::unusable(&error);
            let (beginning, local) = input::peek(local, INLINE_LIMIT).await.map_err(unusable)?;
            planned.opened = Some(local);
            beginning.is_whole
        }
        (None, false) => true,
    };
    match is_whole {
        true => Ok(()),
        false => Err(CommandError::usage(format!(
            "{}: a command cannot carry it, as it has more than 1 MiB; use direct",
            planned.found.called()
        ))),
    }
}
