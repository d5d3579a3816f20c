//! What is said of each source: its format, its mapping, and all that the arguments say.

use std::path::Path;
use std::sync::Arc;

use kusto_ingest::compression::estimate_from_compressed;
use kusto_ingest::mapping::IngestionMapping;
use kusto_ingest::properties::{DataFormat, IngestionProperties, ReportLevel, ReportMethod};
use kusto_ingest::sources::{Compression, Source, SourceId, refuse_duplicates};

use super::{DiscoveredSource, PlannedSource};
use crate::args::{Destination, IngestJob};
use crate::report::CommandError;

/// Plans sources one after the other. Those of one format share their properties.
#[derive(Debug)]
pub(crate) struct Planner<'a> {
    job: &'a IngestJob,
    destination: &'a Destination,
    mapping: Option<Vec<u8>>,
    known: Vec<(DataFormat, Arc<IngestionProperties>)>,
}

impl<'a> Planner<'a> {
    /// For all sources of a job.
    ///
    /// # Errors
    /// A mapping that cannot be read.
    pub(crate) fn new(job: &'a IngestJob, destination: &'a Destination) -> Result<Self, CommandError> {
        Ok(Self {
            job,
            destination,
            mapping: job.into.mapping_file.as_deref().map(mapping_file).transpose()?,
            known: Vec::new(),
        })
    }

    /// Plans a source.
    ///
    /// # Errors
    /// A format that nothing tells, a mapping that cannot be used, properties that contradict each other.
    pub(crate) fn planned(&mut self, found: DiscoveredSource) -> Result<PlannedSource, CommandError> {
        let (format, refused) = match &found {
            // It is not read: any format does.
            DiscoveredSource::Odd(_, error) => (
                self.job.into.format.unwrap_or(DataFormat::Csv),
                Some(error.clone()),
            ),
            found => (format_of(self.job.into.format, found)?, None),
        };
        let properties = self.properties(format)?;
        let found = sized(found);
        let id = match &found {
            DiscoveredSource::Blob(blob, _) => blob.id(),
            _ => SourceId::random(),
        };
        Ok(PlannedSource {
            found,
            id,
            format,
            properties,
            opened: None,
            refused,
        })
    }

    fn properties(&mut self, format: DataFormat) -> Result<Arc<IngestionProperties>, CommandError> {
        if let Some((_, properties)) = self.known.iter().find(|(known, _)| *known == format) {
            return Ok(properties.clone());
        }
        let made = properties(self.job, self.destination, format, self.mapping.as_deref())?;
        let made = Arc::new(made);
        self.known.push((format, made.clone()));
        Ok(made)
    }
}

/// What a listing told of a blob's size, so that nobody asks for it again.
fn sized(found: DiscoveredSource) -> DiscoveredSource {
    let DiscoveredSource::Blob(blob, facts) = found else {
        return found;
    };
    let estimated = |bytes| match Compression::from_name(blob.uri().redacted()) {
        Compression::None => bytes,
        Compression::Gzip | Compression::Zip => estimate_from_compressed(bytes),
    };
    let raw = facts.raw_bytes.or(facts.bytes.map(estimated));
    let blob = match raw {
        Some(raw) => blob.with_raw_size(raw),
        None => blob,
    };
    DiscoveredSource::Blob(blob, facts)
}

/// One blob under two addresses is a slip of whoever typed them, and would be ingested twice.
///
/// # Errors
/// There is one.
pub(super) fn refuse_blobs_given_twice(planned: &[PlannedSource]) -> Result<(), CommandError> {
    let blobs: Vec<(Source, &IngestionProperties)> = planned
        .iter()
        .filter_map(|planned| match &planned.found {
            DiscoveredSource::Blob(blob, _) => Some((blob.clone().into(), &*planned.properties)),
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
    let mut properties = IngestionProperties::new(destination.database.clone(), destination.table.clone())
        .with_format(format)
        .with_additional_tags(&args.tags);
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
