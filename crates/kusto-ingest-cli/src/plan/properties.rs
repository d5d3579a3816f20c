//! What is said of each source: its format, its mapping, and all that the arguments say.

use std::path::Path;
use std::sync::Arc;

use kusto_ingest::mapping::IngestionMapping;
use kusto_ingest::properties::{DataFormat, IngestionProperties, ReportLevel, ReportMethod};
use kusto_ingest::sources::{Source, SourceId, refuse_duplicates};

use super::{DiscoveredSource, PlannedSource};
use crate::args::{Destination, IngestJob};
use crate::report::CommandError;

/// Plans every source.
///
/// # Errors
/// A format that nothing tells, a mapping that cannot be used, properties that contradict each other.
pub(super) fn planned(
    job: &IngestJob,
    destination: &Destination,
    found: Vec<DiscoveredSource>,
) -> Result<Vec<PlannedSource>, CommandError> {
    let mapping = match &job.into.mapping_file {
        Some(path) => Some(mapping_file(path)?),
        None => None,
    };
    let raw_size = job.into.properties.raw_size;
    if raw_size.is_some() && found.len() != 1 {
        return Err(CommandError::usage(format!(
            "--raw-size is the size of one source, and there are {}: name one, or leave it out",
            found.len()
        )));
    }
    // Sources of one format share their properties.
    let mut known: Vec<(DataFormat, Arc<IngestionProperties>)> = Vec::new();
    let mut planned = Vec::with_capacity(found.len());
    for found in found {
        let format = format_of(job.into.format, &found)?;
        let properties = match known.iter().find(|(known, _)| *known == format) {
            Some((_, properties)) => properties.clone(),
            None => {
                let made = Arc::new(properties(job, destination, format, mapping.as_deref())?);
                known.push((format, made.clone()));
                made
            }
        };
        let id = match &found {
            DiscoveredSource::Blob(blob) => blob.id(),
            _ => SourceId::random(),
        };
        planned.push(PlannedSource {
            found,
            id,
            format,
            properties,
            raw_size,
            opened: None,
            refused: None,
        });
    }
    refuse_blobs_given_twice(&planned)?;
    Ok(planned)
}

/// One blob under two addresses is a slip of whoever typed them, and would be ingested twice.
fn refuse_blobs_given_twice(planned: &[PlannedSource]) -> Result<(), CommandError> {
    let blobs: Vec<(Source, &IngestionProperties)> = planned
        .iter()
        .filter_map(|planned| match &planned.found {
            DiscoveredSource::Blob(blob) => Some((blob.clone().into(), &*planned.properties)),
            _ => None,
        })
        .collect();
    refuse_duplicates(blobs.iter().map(|(blob, properties)| (blob, *properties)))
        .map_err(|error| CommandError::unusable(&error))
}

fn format_of(given: Option<DataFormat>, found: &DiscoveredSource) -> Result<DataFormat, CommandError> {
    let told = given.or_else(|| match found {
        DiscoveredSource::StandardInput => None,
        named => DataFormat::from_name(&named.shown()),
    });
    told.ok_or_else(|| {
        CommandError::usage(match found {
            DiscoveredSource::StandardInput => {
                "standard input has no name to tell its format: name it with --format".to_owned()
            }
            named => format!(
                "the name of {} does not tell its format: name it with --format",
                named.shown()
            ),
        })
    })
}

fn mapping_file(path: &Path) -> Result<Vec<u8>, CommandError> {
    std::fs::read(path).map_err(|error| {
        CommandError::usage(format!("failed to read the mapping {}: {error}", path.display()))
    })
}

fn properties(
    job: &IngestJob,
    destination: &Destination,
    format: DataFormat,
    mapping: Option<&[u8]>,
) -> Result<IngestionProperties, CommandError> {
    let args = &job.into;
    let kind = format.mapping_kind();
    let mapping = match (mapping, &args.mapping_ref) {
        (Some(file), _) => Some(IngestionMapping::from_json_bytes(kind, file)),
        (None, Some(name)) => Some(IngestionMapping::reference(kind, name)),
        (None, None) => None,
    };
    let mapping = mapping.transpose().map_err(|error| {
        let file = args
            .mapping_file
            .as_deref()
            .map(|path| format!(" (mapping {})", path.display()));
        CommandError::usage(format!("{}{}", error.chain(), file.unwrap_or_default()))
    })?;
    let mut properties = args.properties.set(
        IngestionProperties::new(destination.database.clone(), destination.table.clone()).with_format(format),
    );
    properties.mapping = mapping;
    if args.ignore_first_record {
        properties = properties.with_ignore_first_record();
    }
    if job.route.queue().is_some_and(|queue| queue.flush_immediately) {
        properties = properties.with_flush_immediately();
    }
    if job.is_tracked() {
        properties = properties.with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::Table);
    }
    properties
        .check(format)
        .map_err(|error| CommandError::unusable(&error))?;
    Ok(properties)
}
