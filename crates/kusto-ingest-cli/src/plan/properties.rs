//! What is said of each source: its format, its mapping, and all that the arguments say.

use std::path::Path;
use std::sync::Arc;

use kusto_ingest::ErrorKind;
use kusto_ingest::clock::Timestamp;
use kusto_ingest::compression::estimate_from_compressed;
use kusto_ingest::mapping::IngestionMapping;
use kusto_ingest::properties::{
    DataFormat, DatabaseName, IngestionProperties, ReportLevel, ReportMethod, TableName,
};
use kusto_ingest::sources::{Compression, Source, SourceId, refuse_duplicates};

use super::once;
use super::source_time::{SourceTime, SourceTimes, tell_skipped};
use super::{DiscoveredSource, PlannedSource};
use crate::args::{BackfillArgs, Destination, IngestJob, Packed};
use crate::report::CommandError;

/// Plans sources one after the other. Those of one format share their properties.
#[derive(Debug)]
pub(crate) struct Planner<'a> {
    job: &'a IngestJob,
    destination: &'a Destination,
    mapping: Option<Vec<u8>>,
    times: SourceTimes,
    known: Vec<(DataFormat, Arc<IngestionProperties>)>,
    /// The properties with a creation time that were made last: sources of one day come one behind the other.
    timed: Option<(DataFormat, Timestamp, Arc<IngestionProperties>)>,
    skipped: u64,
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
            times: SourceTimes::new(job.into.properties.creation_time, &job.into.backfill)?,
            known: Vec::new(),
            timed: None,
            skipped: 0,
        })
    }

    /// Plans a source; none where it is to be skipped.
    ///
    /// # Errors
    /// A format that nothing tells, a mapping that cannot be used, properties that contradict each other.
    pub(crate) fn planned(&mut self, found: DiscoveredSource) -> Result<Option<PlannedSource>, CommandError> {
        let (format, refused) = match &found {
            // It is not read: any format does.
            DiscoveredSource::Odd(_, error) => (
                self.job.into.format.unwrap_or(DataFormat::Csv),
                Some(error.clone()),
            ),
            found => (format_of(self.job.into.format, found)?, None),
        };
        let (time, refused) = match (self.times.of(&found), refused) {
            (_, Some(refused)) => (None, Some(refused)),
            (SourceTime::Known(time), None) => (time, None),
            (SourceTime::Skip, None) => {
                self.skipped += 1;
                return Ok(None);
            }
            (SourceTime::Missing(error), None) => (None, Some(error)),
        };
        let properties = match time {
            Some(time) => self.timed(format, time)?,
            None => self.properties(format)?,
        };
        let properties = once::of_source(self.job, properties, &found)?;
        let args = &self.job.into;
        let found = sized(found, &args.backfill);
        let id = match &found {
            DiscoveredSource::Blob(blob, _) => blob.id(),
            _ => SourceId::random(),
        };
        Ok(Some(PlannedSource {
            found,
            id,
            format,
            properties,
            opened: None,
            refused,
            compression: args.backfill.compression.map(Packed::compression),
            raw_size: args.properties.raw_size,
        }))
    }

    /// Says how many sources were skipped, as their paths tell no creation time.
    pub(crate) fn tell_skipped(&self) {
        tell_skipped(self.skipped);
    }

    fn timed(
        &mut self,
        format: DataFormat,
        time: Timestamp,
    ) -> Result<Arc<IngestionProperties>, CommandError> {
        if let Some((_, _, properties)) = self
            .timed
            .as_ref()
            .filter(|known| (known.0, known.1) == (format, time))
        {
            return Ok(properties.clone());
        }
        let properties = (*self.properties(format)?).clone().with_creation_time(time);
        let properties = Arc::new(properties);
        self.timed = Some((format, time, properties.clone()));
        Ok(properties)
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

/// What is known of a blob's uncompressed size, so that nobody asks for it: by the arguments, else by the listing.
fn sized(found: DiscoveredSource, args: &BackfillArgs) -> DiscoveredSource {
    let DiscoveredSource::Blob(blob, facts) = found else {
        return found;
    };
    let estimated = |bytes: u64| match (
        Compression::from_name(blob.uri().redacted()),
        args.compression_ratio,
    ) {
        (Compression::None, _) => bytes,
        // An estimate, of which a fraction of a byte is none.
        (_, Some(ratio)) => (bytes as f64 * ratio) as u64,
        (Compression::Gzip | Compression::Zip, None) => estimate_from_compressed(bytes),
    };
    let raw = facts.raw_bytes.or(facts.bytes.map(estimated));
    let blob = match raw {
        Some(raw) => blob.with_raw_size(raw),
        None => blob,
    };
    DiscoveredSource::Blob(blob, facts)
}

/// The size of one source is none of several.
///
/// # Errors
/// It is given, and there is not one source.
pub(super) fn refuse_size_of_many(job: &IngestJob, sources: usize) -> Result<(), CommandError> {
    match job.into.properties.raw_size {
        Some(_) if sources != 1 => Err(CommandError::usage(format!(
            "--raw-size is the size of one source, and there are {sources}: name one, or leave it out",
        ))),
        _ => Ok(()),
    }
}

/// One blob under two addresses is a slip of whoever typed them, and would be ingested twice.
///
/// # Errors
/// There is one.
pub(super) fn refuse_blobs_given_twice<'f>(
    found: impl IntoIterator<Item = &'f DiscoveredSource>,
) -> Result<(), CommandError> {
    let blobs = found.into_iter().filter_map(|found| match found {
        DiscoveredSource::Blob(blob, _) => Some(Source::from(blob.clone())),
        _ => None,
    });
    let blobs: Vec<Source> = blobs.collect();
    let unusable = |error| CommandError::unusable(&error);
    // All go into one table, whichever it is.
    let database = DatabaseName::parse("D").map_err(unusable)?;
    let table = TableName::parse("T").map_err(unusable)?;
    let properties = IngestionProperties::new(database, table);
    refuse_duplicates(blobs.iter().map(|blob| (blob, &properties))).map_err(unusable)
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
        .with_page(ErrorKind::FormatNotSpecified.page())
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
            .with_page("docs/guide/mappings.md")
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
