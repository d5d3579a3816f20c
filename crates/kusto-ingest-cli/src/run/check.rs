//! `kusto-ingest check`: what the first records of sources would become in their table, before anything is uploaded.

use std::ops::ControlFlow;

use kusto_ingest::endpoint::RequestProperties;
use kusto_ingest::mapping::IngestionMapping;
use kusto_ingest::sources::{LocalSource, reader};
use kusto_ingest::{DataFormat, ErrorKind, Kusto, Result};
use kusto_ingest_decode::{DecodeEvent, DecodeOptions, Schema, Value, Warning, decode_each};

use super::preflight::quoted;
use crate::args::{CheckArgs, Destination, IngestJob, Variables, database, table};
use crate::plan::{
    DiscoveredSource, Discovery, DiscoveryRequest, Twice, enough, nothing, peek, uncompressed,
};
use crate::report::{self, CommandError, Examined, ExaminedColumn, Exit, Output};
use crate::sign_in::{Access, ClusterSession, Containers};

/// How much of a source is read at most, compressed and uncompressed.
const MOST: usize = 16 * 1024 * 1024;

/// How many reasons are kept of each kind.
const REASONS: usize = 3;

/// Looks at the first records of each source, and prints what would become of them.
///
/// # Errors
/// Arguments that cannot be used, and what the cluster is asked for and does not tell.
pub(crate) async fn run(
    args: CheckArgs,
    variables: Variables<'_>,
) -> std::result::Result<Exit, CommandError> {
    let examined = examine(&args, variables).await?;
    report::print(&report::examined(&examined, args.output))?;
    Ok(report::exit_of_examined(&examined))
}

/// The same before a job begins: nothing is printed where all fits.
///
/// # Errors
/// As [`run`]; something does not fit, which standard error has by then.
pub(crate) async fn before(
    job: &IngestJob,
    variables: Variables<'_>,
) -> std::result::Result<(), CommandError> {
    let Some(args) = CheckArgs::before(job)? else {
        return Ok(());
    };
    let mut examined = examine(&args, variables).await?;
    let exit = report::exit_of_examined(&examined);
    if exit == Exit::Done {
        return Ok(());
    }
    examined.retain(|source| !source.is_fine());
    report::say_plainly(&format!("{}\n", report::examined(&examined, Output::Text)));
    let why = "not all of what was looked at fits the table as it stands, so that nothing was sent";
    Err(CommandError::new(exit, why))
}

async fn examine(
    args: &CheckArgs,
    variables: Variables<'_>,
) -> std::result::Result<Vec<Examined>, CommandError> {
    let containers = Containers::of(&args.select, &args.ask.network);
    let wanted = DiscoveryRequest {
        sources: args.sources.clone(),
        select: args.select.clone(),
        format: args.format,
        twice: Twice::TakeFilesOnce,
        wants_format: true,
    };
    let mut discovery = Discovery::new(wanted, containers)?;
    let table = table_of(args, variables).await?;
    let mut examined = Vec::new();
    while let Some(found) = discovery.next().await? {
        examined.push(table.examine(&found, args).await);
    }
    match examined.is_empty() {
        true => Err(nothing()),
        false => Ok(examined),
    }
}

/// The table that sources are held against.
struct Target {
    schema: Schema,
    mapping: Option<Mapping>,
}

/// A mapping, which is read once it is known for which format.
enum Mapping {
    File(Vec<u8>),
    /// Of the table, as the cluster tells it: kinds and texts.
    Named(Vec<(String, String)>),
}

async fn table_of(args: &CheckArgs, variables: Variables<'_>) -> std::result::Result<Target, CommandError> {
    let file = args.mapping_file.as_deref().map(|path| {
        std::fs::read(path).map_err(|error| {
            CommandError::usage(format!("failed to read the mapping {}: {error}", path.display()))
        })
    });
    let file = file.transpose()?.map(Mapping::File);
    if let Some(schema) = &args.schema {
        return Ok(Target {
            schema: schema.clone(),
            mapping: file,
        });
    }
    let address = args.ask.address(variables)?;
    let destination = Destination {
        database: database(args.database.as_deref(), Some(&address), variables)?,
        table: table(args.table.as_deref(), variables)?,
    };
    let session = ClusterSession::open(&address, Access::asking(&args.ask), variables)?;
    let asked = ask(&session.kusto, &destination, args.mapping_ref.as_deref()).await;
    let (schema, named) = asked.map_err(|error| {
        session.explain(&error);
        CommandError::failed(&error)
    })?;
    let schema = schema
        .parse()
        .map_err(|error: kusto_ingest::Error| CommandError::failed(&error))?;
    match (&args.mapping_ref, named.is_empty()) {
        (Some(name), true) => Err(CommandError::new(
            Exit::AllFailed,
            format!("the table {} has no mapping {name}", destination.table),
        )),
        (Some(_), false) => Ok(Target {
            schema,
            mapping: Some(Mapping::Named(named)),
        }),
        (None, _) => Ok(Target {
            schema,
            mapping: file,
        }),
    }
}

/// The columns of the table, and the mappings of a name, each with its kind.
async fn ask(
    kusto: &Kusto,
    destination: &Destination,
    mapping: Option<&str>,
) -> Result<(String, Vec<(String, String)>)> {
    let (endpoint, properties) = (kusto.engine_endpoint(), RequestProperties::new());
    let name = quoted(destination.table.as_str());
    let command = format!(".show table {name} cslschema");
    let answer = endpoint
        .execute(&destination.database, &command, &properties)
        .await?;
    let schema = answer
        .primary()
        .and_then(|told| told.value(0, "Schema")?.as_str().map(str::to_owned));
    let Some(wanted) = mapping else {
        return Ok((schema.unwrap_or_default(), Vec::new()));
    };
    let command = format!(".show table {name} ingestion mappings");
    let answer = endpoint
        .execute(&destination.database, &command, &properties)
        .await?;
    let mut named = Vec::new();
    for row in answer.primary().iter().flat_map(|told| 0..told.rows.len()) {
        let text = |column| answer.primary()?.value(row, column)?.as_str();
        if text("Name") == Some(wanted)
            && let (Some(kind), Some(mapping)) = (text("Kind"), text("Mapping"))
        {
            named.push((kind.to_owned(), mapping.to_owned()));
        }
    }
    Ok((schema.unwrap_or_default(), named))
}

impl Target {
    /// What the first records of a source would become.
    async fn examine(&self, found: &DiscoveredSource, args: &CheckArgs) -> Examined {
        let looked = self.look(found, args).await;
        let failed = |why: String| Examined {
            source: found.shown(),
            error: Some(why),
            ..Examined::default()
        };
        looked.unwrap_or_else(|error| failed(error.reason().map_or_else(|| error.chain(), str::to_owned)))
    }

    async fn look(&self, found: &DiscoveredSource, args: &CheckArgs) -> Result<Examined> {
        let unread = |why: &'static str| {
            kusto_ingest::Error::new(ErrorKind::Unsupported, "look into the source").because(why)
        };
        let source = match found {
            DiscoveredSource::Odd(_, error) => return Err(error.clone()),
            DiscoveredSource::Blob(..) => {
                return Err(unread(
                    "a blob is not looked into: download one, and check the file",
                ));
            }
            DiscoveredSource::Object(object, ..) => object.clone(),
            DiscoveredSource::File(path, _) | DiscoveredSource::Pipe(path) => {
                kusto_ingest::file(path).await?
            }
            DiscoveredSource::StandardInput => LocalSource::new(reader(tokio::io::stdin())),
        };
        let shown = found.shown();
        let format = args.format.or_else(|| DataFormat::from_name(&shown));
        let format = format.ok_or_else(|| unread("nothing tells its format: name it with --format"))?;
        let compression = source.compression();
        let most = enough(format, MOST);
        let (beginning, _) = peek(source, most).await?;
        let beginning = uncompressed(beginning, compression, most)?;
        let mut bytes = beginning.bytes.as_slice();
        if !beginning.is_whole && format.is_compressible() {
            // The last record may be cut.
            let end = bytes
                .iter()
                .rposition(|byte| *byte == b'\n')
                .map_or(bytes.len(), |at| at + 1);
            bytes = &bytes[..end];
        }
        let mut options = DecodeOptions::new(format);
        options.mapping = self.mapping_for(format)?;
        options.ignore_first_record = args.ignore_first_record;
        let mut sheet = CheckedSources::new(&self.schema);
        let most = args.records;
        let decoded = decode_each(bytes, &options, &self.schema, |event| {
            sheet.note(event);
            match sheet.records >= most {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        });
        match decoded {
            // The cut goes through a block of records.
            Err(_) if !beginning.is_whole && sheet.records > 0 => {}
            decoded => decoded?,
        }
        Ok(sheet.examined(shown, &self.schema))
    }

    fn mapping_for(&self, format: DataFormat) -> Result<Option<IngestionMapping>> {
        let kind = format.mapping_kind();
        match &self.mapping {
            None => Ok(None),
            Some(Mapping::File(file)) => IngestionMapping::from_json_bytes(kind, file).map(Some),
            Some(Mapping::Named(named)) => {
                let of_kind = named
                    .iter()
                    .find(|(known, _)| known.eq_ignore_ascii_case(&kind.to_string()));
                let text = of_kind.ok_or_else(|| {
                    kusto_ingest::Error::new(ErrorKind::NotFound, "read the mapping")
                        .because(format!("the table has none of this name for {kind}"))
                })?;
                IngestionMapping::from_json_bytes(kind, text.1.as_bytes()).map(Some)
            }
        }
    }
}

/// What was seen so far.
struct CheckedSources {
    records: u64,
    left_out: u64,
    reasons: Vec<String>,
    /// For each column: nulls, values that are not stored as they stand, and reasons.
    columns: Vec<(u64, u64, Vec<String>)>,
    names: Vec<String>,
}

impl CheckedSources {
    fn new(schema: &Schema) -> Self {
        Self {
            records: 0,
            left_out: 0,
            reasons: Vec::new(),
            columns: vec![(0, 0, Vec::new()); schema.columns().len()],
            names: schema
                .columns()
                .iter()
                .map(|column| column.name.clone())
                .collect(),
        }
    }

    fn note(&mut self, event: DecodeEvent) {
        match event {
            DecodeEvent::Row(row) => {
                self.records += 1;
                for (column, value) in self.columns.iter_mut().zip(&row) {
                    column.0 += u64::from(matches!(value, Value::Null));
                }
            }
            DecodeEvent::Warning(warning) if warning.kind.drops_record() => {
                self.records += 1;
                self.left_out += 1;
                keep(&mut self.reasons, &warning);
            }
            DecodeEvent::Warning(warning) => {
                let place = self
                    .names
                    .iter()
                    .position(|name| warning.column.as_ref() == Some(name));
                if let Some(column) = place.and_then(|place| self.columns.get_mut(place)) {
                    column.1 += 1;
                    keep(&mut column.2, &warning);
                }
            }
        }
    }

    fn examined(self, source: String, schema: &Schema) -> Examined {
        let columns = self.columns.into_iter().zip(schema.columns());
        let columns = columns.filter(|((nulls, changed, _), _)| *nulls > 0 || *changed > 0);
        Examined {
            source,
            records: self.records,
            left_out: self.left_out,
            reasons: self.reasons,
            columns: columns
                .map(|((nulls, changed, reasons), column)| ExaminedColumn {
                    name: column.name.clone(),
                    kusto_type: column.scalar_type.to_string(),
                    nulls,
                    changed,
                    reasons,
                })
                .collect(),
            error: None,
        }
    }
}

fn keep(reasons: &mut Vec<String>, warning: &Warning) {
    if reasons.len() < REASONS {
        reasons.push(warning.to_string());
    }
}
