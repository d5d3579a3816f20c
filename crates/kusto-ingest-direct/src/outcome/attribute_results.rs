//! What the outcome of a command means for each of its sources.

use kusto_ingest_core::{Error, ErrorKind, IngestionProperties, Receipt, ReceiptState, Result};
use uuid::Uuid;

use super::command_result::{CommandResult, is_skipped};
use super::failures::Failures;
use crate::answer::ExtentRow;
use crate::source::CommandSource;

/// The operation whose failures tell more about the sources, where there are any.
pub(super) fn failed_operation(result: &CommandResult) -> Option<Uuid> {
    match result {
        CommandResult::Failed(_, operation) => *operation,
        CommandResult::Loaded(items) => items.iter().find(|item| item.has_errors)?.operation,
        CommandResult::Accepted(_) | CommandResult::Ended(_) => None,
    }
}

/// What became of each source.
pub(super) fn attribute_results(
    result: &CommandResult,
    command_sources: &[CommandSource<'_>],
    properties: &IngestionProperties,
    failures: &Failures,
) -> Vec<Result<Receipt>> {
    let states = command_sources.iter().map(|command_source| {
        let state = state(result, *command_source, command_sources, failures);
        state
            .map(|state| command_source.receipt(properties, state))
            .map_err(|error| error.with_source_id(command_source.id))
    });
    states.collect()
}

fn state(
    result: &CommandResult,
    command_source: CommandSource<'_>,
    all: &[CommandSource<'_>],
    failures: &Failures,
) -> Result<ReceiptState> {
    match result {
        CommandResult::Loaded(items) => loaded(items, command_source, all, failures),
        CommandResult::Accepted(id) => Ok(ReceiptState::Operation { id: *id }),
        CommandResult::Ended(operation) if is_skipped(operation) => Ok(ReceiptState::Skipped),
        CommandResult::Ended(operation) => Ok(ReceiptState::Ingested {
            extents: Vec::new(),
            operation: Some(operation.id),
        }),
        CommandResult::Failed(error, _) => Err(refined(error.clone(), command_source, all, failures)),
    }
}

fn loaded(
    items: &[ExtentRow],
    command_source: CommandSource<'_>,
    all: &[CommandSource<'_>],
    failures: &Failures,
) -> Result<ReceiptState> {
    let told = told(items, command_source, all);
    let failed = told.iter().find(|item| item.has_errors);
    if failed.is_some() || (told.is_empty() && !items.is_empty()) {
        let operation = items.iter().find_map(|item| item.operation);
        let error = Error::new(ErrorKind::Rejected, "ingest the source")
            .because("the engine says that it has errors, and not which");
        let error = match operation {
            Some(operation) => error.with("operation", operation),
            None => error,
        };
        return Err(refined(error, command_source, all, failures));
    }
    let mut extents: Vec<Uuid> = told.iter().filter_map(|item| item.extent).collect();
    extents.dedup();
    if extents.is_empty() {
        return Ok(ReceiptState::Skipped);
    }
    let operation = told.iter().find_map(|item| item.operation);
    Ok(ReceiptState::Ingested { extents, operation })
}

/// The rows of the answer that tell of a source: its own; else those that name no source of the command; else, as
/// several sources may lie in one extent that names one of them, all that were loaded.
fn told<'a>(
    items: &'a [ExtentRow],
    command_source: CommandSource<'_>,
    all: &[CommandSource<'_>],
) -> Vec<&'a ExtentRow> {
    let is_of = |item: &ExtentRow, source: &CommandSource<'_>| {
        item.source.is_some() && item.source.as_deref() == source.path()
    };
    let own: Vec<&ExtentRow> = items.iter().filter(|item| is_of(item, &command_source)).collect();
    if !own.is_empty() {
        return own;
    }
    let of_none = |item: &&ExtentRow| !all.iter().any(|source| is_of(item, source));
    let common: Vec<&ExtentRow> = items.iter().filter(of_none).collect();
    if !common.is_empty() {
        return common;
    }
    items.iter().filter(|item| !item.has_errors).collect()
}

/// The engine's word on this very source, where it has one; else what is said of all.
fn refined(
    error: Error,
    command_source: CommandSource<'_>,
    all: &[CommandSource<'_>],
    failures: &Failures,
) -> Error {
    let own = command_source.path().and_then(|path| failures.about(path));
    let only = || failures.only().filter(|_| all.len() == 1);
    match own.or_else(only) {
        Some(detail) => detail.clone(),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kusto_ingest_core::{BlobUri, SourceId};

    fn item(source: Option<&str>, extent: Option<u128>, has_errors: bool) -> ExtentRow {
        ExtentRow {
            extent: extent.map(Uuid::from_u128),
            source: source.map(str::to_owned),
            has_errors,
            operation: None,
        }
    }

    /// What becomes of two sources, `https://h/a` and `https://h/b`: extents, or an error.
    fn check(items: Vec<ExtentRow>, expect: [Option<&[u128]>; 2]) {
        let blobs = ["https://h/a", "https://h/b"].map(|uri| BlobUri::parse(format!("{uri}?sig=S")).unwrap());
        let command_sources: Vec<_> = blobs
            .iter()
            .map(|blob| CommandSource {
                id: SourceId::random(),
                chunk: None,
                blob: Some(blob),
                raw_bytes: None,
                sent_bytes: None,
                stored_bytes: 0,
            })
            .collect();
        let properties = IngestionProperties::into_table("D", "T").unwrap();
        let text = format!("{items:?}");
        let settled = attribute_results(
            &CommandResult::Loaded(items),
            &command_sources,
            &properties,
            &Failures::default(),
        );
        for (result, expect) in settled.iter().zip(expect) {
            let state = result.as_ref().ok().map(|receipt| receipt.state.clone());
            let expect = expect.map(|ids| match ids {
                [] => ReceiptState::Skipped,
                ids => ReceiptState::Ingested {
                    extents: ids.iter().map(|id| Uuid::from_u128(*id)).collect(),
                    operation: None,
                },
            });
            assert_eq!(state, expect, "{text}");
        }
    }

    #[test]
    fn each_source_gets_what_the_engine_says_of_it() {
        let (a, b) = (Some("https://h/a"), Some("https://h/b"));
        check(
            vec![item(a, Some(1), false), item(b, Some(2), false)],
            [Some(&[1]), Some(&[2])],
        );
        check(
            vec![item(a, Some(1), false), item(b, None, true)],
            [Some(&[1]), None],
        );
        check(vec![item(None, Some(1), false)], [Some(&[1]), Some(&[1])]);
        check(vec![item(a, Some(1), false)], [Some(&[1]), Some(&[1])]);
        check(
            vec![item(a, Some(1), false), item(None, Some(2), false)],
            [Some(&[1]), Some(&[2])],
        );
        check(vec![item(a, None, true)], [None, None]);
        check(vec![item(Some("elsewhere"), None, true)], [None, None]);
        check(vec![item(None, None, false)], [Some(&[]), Some(&[])]);
    }
}
