//! `from-storage`: a container that the service ingests by itself.

use std::pin::pin;

use futures::future::{Either, select};
use kusto_ingest::direct::{BlobSelection, StorageIngestion, StorageOperation, StorageOperationState};
use kusto_ingest::mapping::IngestionMapping;
use kusto_ingest::properties::{DatabaseName, IngestionProperties};
use kusto_ingest::secrets::redact;
use kusto_ingest::status::PollSchedule;
use kusto_ingest::{DataFormat, Error, ErrorKind};
use serde_json::{Value, json};

use super::interrupt::Interrupt;
use crate::args::{self, FromStorageArgs, Variables};
use crate::report::{self, CommandError, Exit, Output};
use crate::sign_in::{Access, ClusterSession};

/// How it ends before the service has told what the operation is called.
const STARTING: &str = "interrupted: the operation may have begun, and nobody knows what it is called; look whether rows come before it is \
     begun again";

/// Has the service ingest a container, and follows it; or follows or cancels what has begun.
///
/// # Errors
/// What cannot be used, and what the service refuses.
pub(crate) async fn run(args: FromStorageArgs, variables: Variables<'_>) -> Result<Exit, CommandError> {
    let address = args.ask.address(variables)?;
    let database = args::database(args.database.as_deref(), Some(&address), variables)?;
    let selection = args
        .container
        .as_deref()
        .map(|container| selection(&args, container))
        .transpose()?;
    let properties = match (&selection, args.dry_run) {
        (Some(_), false) => Some(properties(&args, &database, variables)?),
        _ => None,
    };
    let session = ClusterSession::open(&address, Access::asking(&args.ask), variables)?;
    let service = StorageIngestion::new(session.kusto.data_management(), session.kusto.clock());
    let failed = |error: Error| {
        session.explain(&error);
        match error.kind() {
            ErrorKind::OutcomeUnknown => CommandError::new(Exit::SomeFailed, error.chain()),
            ErrorKind::Timeout => CommandError::new(Exit::TimedOut, error.chain()),
            _ => error.into(),
        }
    };
    if let Some(id) = &args.cancel {
        let canceled = service.cancel(&database, id).await.map_err(failed)?;
        return told(&args, canceled.as_ref(), id);
    }
    if let (Some(selection), None) = (&selection, &properties) {
        return list(&args, &service, &database, selection).await.map_err(failed);
    }
    let mut interrupt = Interrupt::listen()?;
    let id = match (&selection, properties) {
        (Some(selection), Some((properties, format))) => {
            let starting = service.start(selection, &properties, format);
            unless_interrupted(starting, &mut interrupt, STARTING)
                .await?
                .map_err(failed)?
        }
        _ => args.follow.clone().unwrap_or_default(),
    };
    if args.no_wait {
        report::print(&match args.output {
            Output::Text => id,
            Output::Json | Output::Ndjson => json!({"operation": id}).to_string(),
        })?;
        return Ok(Exit::Done);
    }
    let schedule = PollSchedule::interactive().with_limit(args.wait_timeout);
    let following = service.wait_for(&database, &id, &schedule, |operation| {
        report::note(&words(operation));
    });
    let goes_on = format!(
        "interrupted: the operation goes on; kusto-ingest from-storage --follow '{id}' or --cancel '{id}'"
    );
    let operation = unless_interrupted(following, &mut interrupt, &goes_on).await?;
    told(&args, Some(&operation.map_err(failed)?), &id)
}

/// Does something to its end, unless somebody ends the command: then these are its last words.
async fn unless_interrupted<T>(
    work: impl Future<Output = T>,
    interrupt: &mut Interrupt,
    words: &str,
) -> Result<T, CommandError> {
    match select(pin!(work), pin!(interrupt.pressed())).await {
        Either::Left((done, _)) => Ok(done),
        Either::Right(_) => Err(CommandError::new(Exit::Interrupted, words)),
    }
}

fn selection(args: &FromStorageArgs, container: &str) -> Result<BlobSelection, CommandError> {
    let container = match container {
        "-" => {
            let mut line = String::new();
            let read = std::io::stdin().read_line(&mut line);
            read.map_err(|error| CommandError::usage(format!("standard input cannot be read: {error}")))?;
            line.trim().to_owned()
        }
        named => {
            if redact(named) != named {
                report::warning(
                    "whoever lists the processes of this machine can read the SAS or key of the container: name it by -",
                );
            }
            named.to_owned()
        }
    };
    let selection = BlobSelection::new(container).map_err(|error| CommandError::unusable(&error))?;
    let selection = args
        .suffix
        .iter()
        .cloned()
        .fold(selection, BlobSelection::with_suffix);
    Ok(args
        .max_files
        .into_iter()
        .fold(selection, BlobSelection::with_max_files))
}

fn properties(
    args: &FromStorageArgs,
    database: &DatabaseName,
    variables: Variables<'_>,
) -> Result<(IngestionProperties, DataFormat), CommandError> {
    let table = args::table(args.table.as_deref(), variables)?;
    let inferred = || {
        args.suffix
            .as_deref()
            .and_then(|suffix| DataFormat::from_name(&format!("x{suffix}")))
    };
    let format = args.format.or_else(inferred).ok_or_else(|| {
        CommandError::usage("the format of the blobs is not known: name it with --format")
            .with_page(ErrorKind::FormatNotSpecified.page())
    })?;
    let mut properties = IngestionProperties::new(database.clone(), table)
        .with_format(format)
        .with_additional_tags(&args.tags);
    if args.ignore_first_record {
        properties = properties.with_ignore_first_record();
    }
    if let Some(name) = &args.mapping_ref {
        let mapping = IngestionMapping::reference(format.mapping_kind(), name);
        properties.mapping = Some(mapping.map_err(|error| CommandError::unusable(&error))?);
    }
    Ok((properties, format))
}

/// Lists what the service finds.
async fn list(
    args: &FromStorageArgs,
    service: &StorageIngestion,
    database: &DatabaseName,
    selection: &BlobSelection,
) -> Result<Exit, Error> {
    let blobs = service.list(database, selection).await?;
    let lines: Vec<String> = blobs
        .iter()
        .map(|blob| match args.output {
            Output::Text => blob.address.clone(),
            Output::Json | Output::Ndjson => json!({"source": blob.address, "bytes": blob.bytes}).to_string(),
        })
        .collect();
    let text = match args.output {
        Output::Json => format!("[{}]", lines.join(",\n")),
        Output::Text | Output::Ndjson => lines.join("\n"),
    };
    if let Err(error) = report::print(&text) {
        error.tell();
        return Ok(error.exit);
    }
    Ok(if blobs.is_empty() {
        Exit::NothingMatched
    } else {
        Exit::Done
    })
}

/// Prints what became of an operation.
fn told(
    args: &FromStorageArgs,
    operation: Option<&StorageOperation>,
    id: &str,
) -> Result<Exit, CommandError> {
    let Some(operation) = operation else {
        return Err(CommandError::new(
            Exit::AllFailed,
            format!("the service does not know the operation {id}"),
        ));
    };
    report::print(&match args.output {
        Output::Text => words(operation),
        Output::Json | Output::Ndjson => as_json(operation).to_string(),
    })?;
    if let Some(reasons) = &operation.reasons {
        report::error(reasons);
    }
    Ok(
        match (
            &operation.state,
            operation.discovered,
            operation.ingested,
            operation.failed,
        ) {
            _ if args.cancel.is_some() => Exit::Done,
            (StorageOperationState::Completed, 0, ..) => Exit::NothingMatched,
            (StorageOperationState::Completed, _, _, 0) => Exit::Done,
            (StorageOperationState::Failed, ..) | (_, _, 0, 1..) => Exit::AllFailed,
            _ => Exit::SomeFailed,
        },
    )
}

fn words(operation: &StorageOperation) -> String {
    let StorageOperation {
        id,
        state,
        discovered,
        pending,
        ingested,
        failed,
        canceled,
        ..
    } = operation;
    format!(
        "{id}: {state}; {discovered} discovered, {pending} pending, {ingested} ingested, {failed} failed, {canceled} canceled"
    )
}

fn as_json(operation: &StorageOperation) -> Value {
    json!({
        "operation": operation.id,
        "state": operation.state.to_string(),
        "discovered": operation.discovered,
        "pending": operation.pending,
        "ingested": operation.ingested,
        "failed": operation.failed,
        "canceled": operation.canceled,
        "reasons": operation.reasons,
    })
}
