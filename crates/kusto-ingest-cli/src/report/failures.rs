//! What the service reports of failures.

use super::grid::{grid, one_line};
use super::json::written;
use crate::args::Output;
use crate::failures::{Failure, Failures};

const HEAD: [&str; 5] = ["failed on", "table", "source", "source id", "error"];

/// Reports of failures, as standard output has them.
pub(crate) fn failures(failures: &Failures, output: Output) -> String {
    match output {
        Output::Text => text(failures),
        Output::Json => written(failures),
    }
}

fn text(failures: &Failures) -> String {
    let count = match failures.failures.len() + failures.unreadable.len() {
        0 => return "no failures are reported".to_owned(),
        1 => "1 report".to_owned(),
        many => format!("{many} reports"),
    };
    let known = failures.failures.iter().map(row);
    let unreadable = failures.unreadable.iter().map(|text| {
        let why = format!("the report cannot be read: {}", one_line(text));
        [
            "-".to_owned(),
            "-".to_owned(),
            "-".to_owned(),
            "-".to_owned(),
            why,
        ]
        .to_vec()
    });
    let rows: Vec<Vec<String>> = known.chain(unreadable).collect();
    let whose = match failures.taken {
        true => "taken out of the queues",
        false => "left in the queues",
    };
    format!("{}\n\n{count}, {whose}", grid(&HEAD, &rows, |_| false))
}

fn row(failure: &Failure) -> Vec<String> {
    let known = |text: Option<String>| {
        text.filter(|text| !text.is_empty())
            .unwrap_or_else(|| "-".to_owned())
    };
    vec![
        known(failure.failed_on.clone()),
        one_line(&format!("{}.{}", failure.database, failure.table)),
        known(Some(one_line(&failure.source))),
        known(failure.source_id.map(|id| id.to_string())),
        one_line(&failure.error.message),
    ]
}
