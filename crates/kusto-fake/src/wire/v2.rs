//! V2 answers, arrays of frames: whole tables, tables in fragments, or tables that grow.

use serde::Serialize;

use super::limits::{LimitedRows, OneApiError, OneApiErrors, kept};
use super::rows::{Rows, WireColumn, columns_v2};
use super::{AnswerContext, AnswerOptions, ErrorPlacement, information, write};
use crate::{Answer, AnswerTable};

/// Tables about an answer are never cut.
const UNCUT: AnswerOptions = AnswerOptions::UNCUT;

/// The most rows of a fragment.
const FRAGMENT: usize = 1000;

/// A frame: its type first, and then its members, in the order in which the service writes them. There are clients that read
/// them one by one.
#[derive(Serialize)]
#[serde(tag = "FrameType")]
enum Frame<'a> {
    #[serde(rename_all = "PascalCase")]
    DataSetHeader {
        is_progressive: bool,
        version: &'static str,
        is_fragmented: bool,
        error_reporting_placement: &'static str,
    },
    #[serde(rename_all = "PascalCase")]
    DataTable {
        table_id: usize,
        table_kind: &'static str,
        table_name: &'a str,
        columns: Vec<WireColumn<'a>>,
        rows: Rows<'a, OneApiErrors>,
    },
    #[serde(rename_all = "PascalCase")]
    TableHeader {
        table_id: usize,
        table_kind: &'static str,
        table_name: &'a str,
        columns: Vec<WireColumn<'a>>,
    },
    #[serde(rename_all = "PascalCase")]
    TableFragment {
        table_fragment_type: &'static str,
        table_id: usize,
        rows: Rows<'a, OneApiErrors>,
    },
    #[serde(rename_all = "PascalCase")]
    TableProgress { table_id: usize, table_progress: f64 },
    #[serde(rename_all = "PascalCase")]
    TableCompletion {
        table_id: usize,
        row_count: usize,
        #[serde(skip_serializing_if = "Option::is_none")]
        one_api_errors: Option<[OneApiError; 1]>,
    },
    #[serde(rename_all = "PascalCase")]
    DataSetCompletion {
        has_errors: bool,
        cancelled: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        one_api_errors: Option<[OneApiError; 1]>,
    },
}

/// Writes a V2 answer, as its options say.
#[must_use]
pub fn to_v2(answer: &Answer, context: &AnswerContext) -> String {
    let options = &context.options;
    let properties = information::properties_v2(&answer.tables);
    let mut frames = vec![Frame::DataSetHeader {
        is_progressive: options.is_progressive,
        version: "v2.0",
        is_fragmented: options.is_fragmented,
        error_reporting_placement: options.errors.name(),
    }];
    let mut cut = None;
    let told = kept(&properties, &UNCUT);
    frames.push(whole(0, "QueryProperties", &properties, told, context));
    for (id, table) in (1..).zip(&answer.tables) {
        let kept = kept(table, options);
        cut = cut.or(kept.cut);
        if options.is_fragmented || options.is_progressive {
            in_pieces(&mut frames, id, table, &kept, context);
        } else {
            frames.push(whole(id, "PrimaryResult", table, kept, context));
        }
    }
    let completion = information::completion(context, cut);
    let id = 1 + answer.tables.len();
    let told = kept(&completion, &UNCUT);
    frames.push(whole(
        id,
        "QueryCompletionInformation",
        &completion,
        told,
        context,
    ));
    frames.push(Frame::DataSetCompletion {
        has_errors: cut.is_some(),
        cancelled: false,
        one_api_errors: cut.map(|cut| cut.error(context).errors),
    });
    joined(&frames, options.has_lines)
}

fn whole<'a>(
    table_id: usize,
    table_kind: &'static str,
    table: &'a AnswerTable,
    kept: LimitedRows<'a>,
    context: &AnswerContext,
) -> Frame<'a> {
    Frame::DataTable {
        table_id,
        table_kind,
        table_name: &table.name,
        columns: columns_v2(table),
        rows: Rows {
            rows: kept.rows,
            error: in_data(&kept, context),
        },
    }
}

/// The error that stands in the place of a row, where errors stand there.
fn in_data(kept: &LimitedRows<'_>, context: &AnswerContext) -> Option<OneApiErrors> {
    let is_in_data = context.options.errors == ErrorPlacement::InData;
    kept.cut.filter(|_| is_in_data).map(|cut| cut.error(context))
}

fn in_pieces<'a>(
    frames: &mut Vec<Frame<'a>>,
    table_id: usize,
    table: &'a AnswerTable,
    kept: &LimitedRows<'a>,
    context: &AnswerContext,
) {
    let options = &context.options;
    frames.push(Frame::TableHeader {
        table_id,
        table_kind: "PrimaryResult",
        table_name: &table.name,
        columns: columns_v2(table),
    });
    let mut error = in_data(kept, context);
    let last = kept.rows.len().div_ceil(FRAGMENT).max(1) - 1;
    for place in 0..=last {
        let rows = kept.rows.chunks(FRAGMENT).nth(place).unwrap_or_default();
        frames.push(Frame::TableFragment {
            table_fragment_type: "DataAppend",
            table_id,
            rows: Rows {
                rows,
                error: if place == last { error.take() } else { None },
            },
        });
        if options.is_progressive {
            let share = u32::try_from(place + 1).map_or(1.0, f64::from)
                / u32::try_from(last + 1).map_or(1.0, f64::from);
            frames.push(Frame::TableProgress {
                table_id,
                table_progress: share * 100.0,
            });
        }
    }
    let is_here = options.errors == ErrorPlacement::EndOfTable;
    frames.push(Frame::TableCompletion {
        table_id,
        row_count: kept.rows.len(),
        one_api_errors: kept.cut.filter(|_| is_here).map(|cut| cut.error(context).errors),
    });
}

/// Frames as an array: on one line, or each on its own, which begins with the bracket or comma before it.
fn joined(frames: &[Frame<'_>], has_lines: bool) -> String {
    let end = if has_lines { "\n" } else { "" };
    let mut text = String::new();
    for (place, frame) in frames.iter().enumerate() {
        text.push(if place == 0 { '[' } else { ',' });
        text.push_str(&write(frame));
        text.push_str(end);
    }
    text.push(']');
    text
}
