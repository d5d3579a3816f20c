//! `.export`: the answer to a query becomes files in containers.

use kusto_ingest_core::{BlobUri, Result};
use kusto_ingest_decode::{ScalarType, Value};

use super::args::{Args, Options};
use super::grammar::CommandSpec;
use super::session::{Action, Session, action};
use crate::answer::table_of;
use crate::export::{Export, ExportFormat, Headers};
use crate::refusal::refused;
use crate::{AnswerTable, RequestKind};

pub(super) const COMMANDS: &[CommandSpec] = &[CommandSpec::new(
    ".export [async] [compressed] to csv|tsv|json|parquet {('container', …) with (…)} <| query",
    RequestKind::Export,
    export,
)];

/// The most bytes of a file before compression, unless an option says so.
const SIZE_LIMIT: u64 = 100 << 20;

fn export(args: &mut Args<'_>) -> Result<Action> {
    let is_async = args.flag("async");
    let format = ExportFormat::all()
        .find(|format| args.chosen(format.name()))
        .unwrap_or(ExportFormat::Csv);
    let containers = containers(args)?;
    let options = args.options()?;
    let query = args.query()?;
    let export = read(format, args.flag("compressed"), containers, &options)?;
    action(move |session| {
        session.now_or_later(is_async, "DataExport", move |session| {
            run(session, &export, &query)
        })
    })
}

/// Addresses in parentheses.
fn containers(args: &mut Args<'_>) -> Result<Vec<String>> {
    args.mark('(', "the addresses of containers in parentheses")?;
    let mut containers = vec![args.text("the address of a container")?];
    while args.lexer.mark(',') {
        containers.push(args.text("the address of a container")?);
    }
    args.mark(')', "a comma or the closing parenthesis")?;
    Ok(containers)
}

fn read(
    format: ExportFormat,
    is_compressed: bool,
    containers: Vec<String>,
    options: &Options,
) -> Result<Export> {
    let wrong = |name: &str| {
        refused(
            "General_BadRequest",
            format!("the option {name} has a value that it cannot have"),
        )
    };
    let headers = match options.text("includeHeaders").as_deref() {
        None | Some("none") => Headers::None,
        Some("firstFile") => Headers::FirstFile,
        Some("all") => Headers::All,
        Some(_) => return Err(wrong("includeHeaders")),
    };
    let size_limit = options.text("sizeLimit").map(|text| text.parse()).transpose();
    let codec = is_compressed.then(|| {
        options
            .text("compressionType")
            .unwrap_or_else(|| "gzip".to_owned())
    });
    if codec
        .as_deref()
        .is_some_and(|codec| !format.codecs().contains(&codec))
    {
        return Err(wrong("compressionType"));
    }
    Ok(Export {
        format,
        codec,
        containers,
        headers,
        has_byte_order_mark: options.text("encoding").as_deref() == Some("UTF8BOM"),
        prefix: options.text("namePrefix").unwrap_or_else(|| "export".to_owned()),
        extension: options.text("fileExtension"),
        size_limit: size_limit.map_err(|_| wrong("sizeLimit"))?.unwrap_or(SIZE_LIMIT),
        is_precise: options.text("parquetDatetimePrecision").as_deref() == Some("microsecond"),
    })
}

/// Writes the files, and tells each.
fn run(session: &Session<'_>, export: &Export, query: &str) -> Result<AnswerTable> {
    for container in &export.containers {
        session.kusto.exported_place(container, &export.prefix)?;
    }
    let found = session.run(query)?;
    let answer = table_of(&[
        ("Path", ScalarType::String),
        ("NumRecords", ScalarType::Long),
        ("SizeInBytes", ScalarType::Long),
    ]);
    let long = |number: usize| Value::Long(i64::try_from(number).unwrap_or(i64::MAX));
    let files = export.write(&found)?;
    let mut written = Vec::with_capacity(files.len());
    for (at, file) in files.into_iter().enumerate() {
        let container = &export.containers[at % export.containers.len()];
        let path: BlobUri = session
            .kusto
            .put_exported(container, &export.name(at), file.bytes.clone())?;
        written.push([
            Value::from(path.redacted()),
            long(file.rows),
            long(file.bytes.len()),
        ]);
    }
    Ok(written.into_iter().fold(answer, AnswerTable::with_row))
}
