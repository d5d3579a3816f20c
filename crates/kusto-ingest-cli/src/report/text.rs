//! Results for people.

use indicatif::BinaryBytes;

use super::grid::{grid, one_line};
use super::json::{self, Summary};
use super::{Outcome, Report};

const HEAD: [&str; 5] = ["source", "source id", "state", "rows", "error"];
const WAY: &str = "way";
const ROWS: usize = 3;

/// What stands above the sources whose receipts say so.
const DUPLICATED: &str =
    "\n\nRows that may be in the table more than once (an answer was lost, and they were sent again):\n";

/// What stands above the receipts of sources that have not ended.
const OPEN: &str = "\n\nReceipts of what has not ended, for `kusto-ingest status`:\n";

/// The most sources that each have a line; of more, only those that failed have one.
pub(super) const SHORT: usize = 20;

/// A line a source, or for those alone that failed where there are many; and one for all. Where failures are told
/// beside it, their words are left out.
pub(super) fn report(report: &Report, is_told_beside: bool) -> String {
    let summary = Summary::of_report(report);
    report_of(report, &summary, is_told_beside)
}

/// The same of more sources than those that are held, which failed then.
pub(super) fn report_of(report: &Report, summary: &Summary, is_told_beside: bool) -> String {
    let is_long = summary.sources > SHORT;
    let is_listed = |outcome: &&Outcome| !is_long || outcome.failure.is_some();
    let listed: Vec<&Outcome> = report.outcomes.iter().filter(is_listed).collect();
    let mut text = match listed.is_empty() {
        true => String::new(),
        false => format!("{}\n\n", table(&listed, is_told_beside)),
    };
    text.push_str(&in_one_line(report, summary));
    let fine = summary.sources.saturating_sub(summary.with_failure);
    if is_long && fine > 0 {
        text.push_str(&format!(
            "\n{fine} sources without a failure are not listed; --output ndjson lists all"
        ));
    }
    text.push_str(&doubtful(&report.outcomes));
    if report.with_receipts && (report.receipts.is_none() || report.unkept.is_some()) {
        text.push_str(&receipts(&report.outcomes));
    }
    text
}

/// A line a source.
fn table(outcomes: &[&Outcome], is_told_beside: bool) -> String {
    let ways: Vec<Option<String>> = outcomes.iter().map(|outcome| outcome.way()).collect();
    let is_managed = ways.iter().any(Option::is_some);
    let mut rows: Vec<Vec<String>> = outcomes
        .iter()
        .zip(&ways)
        .map(|(outcome, way)| {
            let mut row = vec![
                one_line(&outcome.source),
                outcome.source_id.to_string(),
                outcome.state.name().to_owned(),
                outcome
                    .rows
                    .map_or_else(|| "-".to_owned(), |rows| rows.to_string()),
                outcome
                    .failure
                    .as_ref()
                    .map_or_else(String::new, |failure| one_line(&failure.message)),
            ];
            if is_managed {
                // The error stays last: it is the longest.
                row.insert(ROWS + 1, way.as_deref().map_or_else(|| "-".to_owned(), one_line));
            }
            row
        })
        .collect();
    let mut head = HEAD.to_vec();
    if is_managed {
        head.insert(ROWS + 1, WAY);
    }
    if is_told_beside {
        head.pop();
        rows.iter_mut().for_each(|row| drop(row.pop()));
    }
    grid(&head, &rows, |at| at == ROWS)
}

/// The sources whose receipts say that their rows may be there more than once.
fn doubtful(outcomes: &[Outcome]) -> String {
    let doubtful = outcomes.iter().filter(|outcome| outcome.may_be_duplicated());
    let doubtful: Vec<String> = doubtful.map(|outcome| one_line(&outcome.source)).collect();
    match doubtful.is_empty() {
        true => String::new(),
        false => format!("{DUPLICATED}{}", doubtful.join("\n")),
    }
}

/// The receipts by which another process can ask for what has not ended.
fn receipts(outcomes: &[Outcome]) -> String {
    let open = outcomes.iter().filter(|outcome| outcome.is_open());
    let receipts: Vec<String> = open
        .filter_map(|outcome| Some((&outcome.source, outcome.receipt.as_ref()?)))
        .map(|(source, receipt)| json::receipt_line(source, receipt))
        .collect();
    match receipts.is_empty() {
        true => String::new(),
        false => format!("{OPEN}{}", receipts.join("\n")),
    }
}

/// How many sources there are, and in which states: `3 sources`, `1 failed, 2 queued`.
pub(super) fn counted(summary: &Summary) -> (String, String) {
    let counts = [
        (summary.succeeded, "succeeded"),
        (summary.failed, "failed"),
        (summary.queued, "queued"),
        (summary.pending, "pending"),
        (summary.skipped, "skipped"),
        (summary.partial, "partially succeeded"),
        (summary.unknown, "unknown"),
    ];
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts.map(|(count, what)| format!("{count} {what}")).collect();
    let sources = match summary.sources {
        1 => "1 source".to_owned(),
        many => format!("{many} sources"),
    };
    (sources, counts.join(", "))
}

/// From how many bytes on it is of interest how much they shrank.
const LARGE: u64 = 1024 * 1024;

/// What became of many bytes by compression: `, compressed 3.2 to 1`.
fn shrunk(summary: &Summary, sent: u64) -> String {
    let stored = match summary.stored_bytes {
        0 => String::new(),
        stored => format!(
            ", {} of it as it is, because it does not compress",
            BinaryBytes(stored)
        ),
    };
    match summary.raw_bytes {
        Some(raw) if raw >= LARGE && raw > sent => {
            let ratio = raw as f64 / sent.max(1) as f64;
            format!(", compressed {ratio:.1} to 1{stored}")
        }
        _ => stored,
    }
}

fn in_one_line(report: &Report, summary: &Summary) -> String {
    let (sources, counts) = counted(summary);
    let place = report
        .place
        .as_ref()
        .map(|(database, table)| format!(" into {database}.{table}"));
    let counts = match (&*counts, summary.done_before, report.cause) {
        ("", None | Some(0), None) => ": nothing matched".to_owned(),
        ("", ..) => String::new(),
        (counts, ..) => format!(": {counts}"),
    };
    let mut text = format!("{sources}{}{counts}", place.unwrap_or_default());
    if let Some(rows) = summary.rows {
        text.push_str(&format!("; {rows} rows"));
    }
    if let Some(bytes) = summary.sent_bytes {
        text.push_str(&format!(
            "; {} sent{}",
            BinaryBytes(bytes),
            shrunk(summary, bytes)
        ));
    }
    if let Some(done @ 1..) = summary.done_before {
        text.push_str(&format!("; {done} done before"));
    }
    text.push_str(&format!("; {:.1} s", report.elapsed.as_secs_f64()));
    text
}
