//! Commands by which the service lists a container, and ingests what is in it by itself.

use kusto_endpoint::Tracking;
use kusto_ingest_core::{BlobSource, BlobUri, DataFormat, Result};
use kusto_ingest_decode::{ScalarType, Value};
use kusto_storage::ContainerAddress;
use uuid::Uuid;

use super::args::{Args, options};
use super::grammar::CommandSpec;
use super::session::{Action, action};
use crate::answer::table_of;
use crate::ingest_command::{Data, Ingest};
use crate::lexer::Lexer;
use crate::refusal::refused;
use crate::{FakeKusto, RequestKind, ResourcePath};

pub(super) const COMMANDS: &[CommandSpec] = &[
    CommandSpec::new(
        ".ingest-from-storage-queued into table {TABLE EnableTracking=true with (…)} <| .list blobs (…)",
        RequestKind::Ingest,
        ingest,
    ),
    CommandSpec::new(
        ".list blobs ('uri') {Suffix='text' MaxFiles=N}",
        RequestKind::Show,
        list,
    ),
];

/// The most blobs that are listed, as the service has it.
const MOST_LISTED: usize = 1000;

/// What of a container is meant.
struct Listing {
    container: ContainerAddress,
    suffix: String,
    most: usize,
}

fn ingest(args: &mut Args<'_>) -> Result<Action> {
    let lexer = &mut args.lexer;
    let table = lexer.table_name()?;
    let (mut properties, mut is_tracked) = (serde_json::Map::new(), false);
    let data = loop {
        if let Some(data) = lexer.data() {
            break data;
        }
        match lexer.peek_word().to_ascii_lowercase().as_str() {
            "with" => properties = options(lexer)?.0,
            word @ ("enabletracking" | "skipbatching" | "compressionfactor") => {
                lexer.any_keyword();
                if !lexer.mark('=') {
                    return Err(lexer.expected("= and the value of the clause"));
                }
                let value = lexer.scalar();
                is_tracked |= word == "enabletracking" && value.eq_ignore_ascii_case("true");
            }
            _ => return Err(lexer.expected("a clause, or <| and what is to be ingested")),
        }
    };
    let source = source(data)?;
    action(move |session| {
        let blobs = match source {
            Source::Blobs(blobs) => blobs,
            Source::Listing(listing) => found(session.kusto, &listing)?
                .into_iter()
                .map(|(blob, _)| blob)
                .collect(),
        };
        let ingest = Ingest {
            table,
            is_async: false,
            data: Data::Blobs(Vec::new()),
            properties,
        };
        let properties = crate::direct::properties(&session.database, &ingest)?;
        let mut state = session.kusto.state();
        state
            .catalog
            .table(&session.database, properties.table.as_str())?;
        drop(state);
        let blobs: Vec<BlobSource> = blobs.into_iter().map(BlobSource::new).collect();
        let format = properties.format.unwrap_or(DataFormat::Csv);
        let tracking = if is_tracked { Tracking::On } else { Tracking::Off };
        let id = session.kusto.take_blobs(&blobs, properties, format, tracking)?;
        let columns = [
            ("IngestionOperationId", ScalarType::String),
            ("ClientRequestId", ScalarType::String),
            ("OperationInfo", ScalarType::String),
        ];
        let (id, info) = match is_tracked {
            true => (
                id.to_string(),
                format!(".show queued ingestion operations \"{id}\""),
            ),
            false => (String::new(), String::new()),
        };
        Ok(table_of(&columns).with_row([id, Uuid::new_v4().to_string(), info]))
    })
}

/// What stands behind `<|`.
enum Source {
    Blobs(Vec<BlobUri>),
    Listing(Listing),
}

fn source(data: &str) -> Result<Source> {
    let mut lexer = Lexer::new(data);
    if lexer.mark('.') {
        if !lexer.keywords(&["list", "blobs"]) {
            return Err(lexer.expected(".list blobs before this"));
        }
        return listing(&mut lexer).map(Source::Listing);
    }
    let mut blobs = Vec::new();
    while let Some(address) = lexer.string() {
        blobs.push(BlobUri::parse(address)?);
    }
    lexer.end_of_statement()?;
    match blobs.is_empty() {
        true => Err(lexer.expected("the addresses of blobs, or .list blobs")),
        false => Ok(Source::Blobs(blobs)),
    }
}

/// What stands behind `.list blobs`.
fn listing(lexer: &mut Lexer<'_>) -> Result<Listing> {
    if !lexer.mark('(') {
        return Err(lexer.expected("the address of a container in parentheses"));
    }
    let address = lexer
        .string()
        .ok_or_else(|| lexer.expected("the address of a container"))?;
    if !lexer.mark(')') {
        return Err(lexer.expected("the closing parenthesis"));
    }
    // A folder is named with or without a slash in the end.
    let container = ContainerAddress::parse(&with_slash(&address));
    let mut listing = Listing {
        container: container
            .map_err(|error| lexer.expected("the address of a container").caused_by(error))?,
        suffix: String::new(),
        most: usize::MAX,
    };
    loop {
        let word = lexer.peek_word().to_ascii_lowercase();
        if !["suffix", "maxfiles"].contains(&word.as_str()) {
            lexer.end_of_statement()?;
            return Ok(listing);
        }
        lexer.any_keyword();
        if !lexer.mark('=') {
            return Err(lexer.expected("= and the value of the clause"));
        }
        match word.as_str() {
            "suffix" => {
                listing.suffix = lexer
                    .string()
                    .ok_or_else(|| lexer.expected("a suffix as a string"))?
            }
            _ => {
                listing.most = lexer
                    .scalar()
                    .parse()
                    .map_err(|_| lexer.expected("a number before this"))?
            }
        }
    }
}

fn with_slash(address: &str) -> String {
    let end = address.find(['?', ';']).unwrap_or(address.len());
    let (path, rest) = address.split_at(end);
    match path.ends_with('/') {
        true => address.to_owned(),
        false => format!("{path}/{rest}"),
    }
}

/// The blobs of a listing, each with its length.
fn found(kusto: &FakeKusto, listing: &Listing) -> Result<Vec<(BlobUri, usize)>> {
    let container = listing.container.container();
    let (path, prefix) = (ResourcePath::from(container), listing.container.prefix());
    let mut all = Vec::new();
    let mut from: Option<String> = None;
    loop {
        let page = kusto
            .storage()
            .list_blobs(&path, prefix, from.as_deref(), MOST_LISTED)
            .map_err(|error| {
                refused("Download_SourceNotFound", "the container cannot be listed").caused_by(error)
            })?;
        for blob in page.blobs {
            if all.len() < listing.most && blob.name.ends_with(&listing.suffix) {
                let name = kusto_storage::BlobName::parse(&blob.name)?;
                let bytes = blob.chunks.iter().map(bytes::Bytes::len).sum();
                all.push((container.blob(&name)?, bytes));
            }
        }
        from = page.next;
        if from.is_none() || all.len() >= listing.most {
            return Ok(all);
        }
    }
}

fn list(args: &mut Args<'_>) -> Result<Action> {
    let listing = listing(&mut args.lexer)?;
    action(move |session| {
        let columns = [
            ("BlobUri", ScalarType::String),
            ("SizeInBytes", ScalarType::Long),
            ("CapturedVariables", ScalarType::Dynamic),
        ];
        let mut table = table_of(&columns);
        for (blob, bytes) in found(session.kusto, &listing)?.into_iter().take(MOST_LISTED) {
            let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
            table = table.with_row([Value::from(blob.redacted()), Value::from(bytes), Value::Null]);
        }
        Ok(table)
    })
}
