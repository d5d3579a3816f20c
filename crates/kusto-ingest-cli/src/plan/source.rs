//! What is to be done with each source. Whatever is wrong with the arguments is found here, before anything is sent.

use std::path::Path;
use std::sync::Arc;

use kusto_ingest::sources::refuse_duplicates;
use kusto_ingest::{
    DataFormat, DatabaseName, Error, IngestionMapping, IngestionProperties, LocalSource, ReportLevel,
    ReportMethod, Source, SourceId, TableName,
};

use crate::args::job::IngestJob;
use crate::args::{IntoArgs, Target, Variables, database, table};
use crate::plan::discover::DiscoveredSource;
use crate::plan::input;
use crate::report::exit::CommandError;

/// One source, and what is to be done with it.
#[derive(Clone, Debug)]
pub(crate) struct PlannedSource {
    pub(crate) found: DiscoveredSource,
    pub(crate) id: SourceId,
    pub(crate) format: DataFormat,
    pub(crate) properties: Arc<IngestionProperties>,
    /// What cannot be replayed, from when its first bytes were read.
    pub(crate) opened: Option<LocalSource>,
    /// Why it is not sent at all.
    pub(crate) refused: Option<Error>,
}

impl PlannedSource {
    /// How many bytes it has, when that is known.
    pub(crate) fn bytes(&self) -> Option<u64> {
        match (&self.opened, &self.found) {
            (Some(opened), _) => opened.payload().len(),
            (None, DiscoveredSource::File(_, state)) => Some(state.bytes()),
            _ => None,
        }
    }

    /// What is ingested.
    ///
    /// # Errors
    /// A file that cannot be opened.
    pub(crate) async fn source(&self) -> kusto_ingest::Result<Source> {
        let local = match (&self.opened, &self.found) {
            (Some(opened), _) => opened.clone(),
            (None, DiscoveredSource::Blob(blob)) => return Ok(blob.clone().into()),
            (None, DiscoveredSource::File(path, _) | DiscoveredSource::Pipe(path)) => {
                kusto_ingest::file(path).await?
            }
            (None, DiscoveredSource::StandardInput) => {
                LocalSource::new(kusto_ingest::reader(tokio::io::stdin()))
            }
        };
        Ok(local.with_id(self.id).into())
    }
}

/// Where the sources go.
#[derive(Clone, Debug)]
pub(crate) struct Destination {
    pub(crate) database: DatabaseName,
    pub(crate) table: TableName,
}

impl Destination {
    /// As arguments, connection string and environment name it.
    ///
    /// # Errors
    /// Nothing names it, or what names it cannot be read.
    pub(crate) fn new(
        args: &IntoArgs,
        target: &Target,
        variables: Variables<'_>,
    ) -> Result<Self, CommandError> {
        Ok(Self {
            database: database(args.database.as_deref(), target.address(), variables)?,
            table: table(args.table.as_deref(), variables)?,
        })
    }
}

/// Plans every source.
///
/// # Errors
/// A format that nothing tells, a mapping that cannot be used, properties that contradict each other.
pub(crate) fn plan(
    job: &IngestJob,
    destination: &Destination,
    found: Vec<DiscoveredSource>,
) -> Result<Vec<PlannedSource>, CommandError> {
    let mapping = match &job.into.mapping_file {
        Some(path) => Some(mapping_file(path)?),
        None => None,
    };
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

/// Reads the first bytes of what cannot be replayed, which may take until somebody writes them.
pub(crate) async fn open_streams(planned: &mut [PlannedSource]) -> Result<(), CommandError> {
    for planned in planned {
        if !matches!(
            planned.found,
            DiscoveredSource::StandardInput | DiscoveredSource::Pipe(_)
        ) {
            continue;
        }
        let unusable = |error| CommandError::unusable(&error);
        if let Source::Local(stream) = planned.source().await.map_err(unusable)? {
            planned.opened = Some(input::peek_stream(stream).await.map_err(unusable)?);
        }
    }
    Ok(())
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
