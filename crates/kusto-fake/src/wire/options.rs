//! How a client wants the answer to its query, as the options of its request say.

use kusto_endpoint::RequestProperties;
use serde_json::Value;

/// The most records of an answer, unless the request says otherwise.
const MOST_RECORDS: u64 = 500_000;

/// The most bytes of an answer's values, unless the request says otherwise.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// The options that this Kusto obeys, wherever it reads them.
pub(crate) const OBEYED: [&str; 11] = [
    "norequesttimeout",
    "notruncation",
    "query_take_max_records",
    "results_error_reporting_placement",
    "results_progressive_enabled",
    "results_v2_fragment_primary_tables",
    "results_v2_newlines_between_frames",
    "servertimeout",
    "truncationmaxrecords",
    "truncationmaxsize",
    "validate_permissions",
];

/// The options of a request that change nothing here, unlike in the service.
pub(crate) fn ignored(properties: &RequestProperties) -> impl Iterator<Item = &str> {
    let names = properties.options.keys().map(String::as_str);
    names.filter(|name| !OBEYED.iter().any(|obeyed| obeyed.eq_ignore_ascii_case(name)))
}

/// How a client wants the answer to its query. The default is what most clients get: whole tables on one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AnswerOptions {
    /// `results_progressive_enabled`: tables grow while the query runs.
    pub is_progressive: bool,
    /// `results_v2_fragment_primary_tables`: tables with the answer come in fragments.
    pub is_fragmented: bool,
    /// `results_v2_newlines_between_frames`: each frame has a line of its own.
    pub has_lines: bool,
    /// `results_error_reporting_placement`.
    pub errors: ErrorPlacement,
    /// `truncationmaxrecords`: the most records of the answer; `None` for `notruncation`.
    pub max_records: Option<u64>,
    /// `truncationmaxsize`: the most bytes of the answer's values.
    pub max_bytes: Option<u64>,
    /// `query_take_max_records`: the most records that are read.
    pub take: Option<u64>,
}

/// Where an answer reports an error that occurred after its beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorPlacement {
    /// In the place of a row.
    #[default]
    InData,
    /// In the frame that ends the table.
    EndOfTable,
    /// In the frame that ends the answer.
    EndOfDataset,
}

impl Default for AnswerOptions {
    fn default() -> Self {
        Self {
            max_records: Some(MOST_RECORDS),
            max_bytes: Some(MOST_BYTES),
            ..Self::UNCUT
        }
    }
}

impl AnswerOptions {
    /// Whole tables, without truncation.
    pub(crate) const UNCUT: Self = Self {
        is_progressive: false,
        is_fragmented: false,
        has_lines: false,
        errors: ErrorPlacement::InData,
        max_records: None,
        max_bytes: None,
        take: None,
    };

    /// The options of a request. Names are compared without case; options that do not concern the form of the answer
    /// are ignored.
    #[must_use]
    pub fn of(properties: &RequestProperties) -> Self {
        let find = |name: &str| {
            let mut options = properties.options.iter();
            options
                .find(|(known, _)| known.eq_ignore_ascii_case(name))
                .map(|(_, value)| value)
        };
        let is_on = |name: &str| find(name).is_some_and(is_true);
        let number = |name: &str| find(name).and_then(number);
        let cut = !is_on("notruncation");
        let default = Self::default();
        Self {
            is_progressive: is_on("results_progressive_enabled"),
            is_fragmented: is_on("results_v2_fragment_primary_tables"),
            has_lines: is_on("results_v2_newlines_between_frames"),
            errors: find("results_error_reporting_placement").map_or(default.errors, ErrorPlacement::of),
            max_records: number("truncationmaxrecords")
                .or(default.max_records)
                .filter(|_| cut),
            max_bytes: number("truncationmaxsize").or(default.max_bytes).filter(|_| cut),
            take: number("query_take_max_records"),
        }
    }
}

impl ErrorPlacement {
    fn of(option: &Value) -> Self {
        match option.as_str() {
            Some("end_of_table") => Self::EndOfTable,
            Some("end_of_dataset") => Self::EndOfDataset,
            _ => Self::InData,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::InData => "InData",
            Self::EndOfTable => "EndOfTable",
            Self::EndOfDataset => "EndOfDataset",
        }
    }
}

fn is_true(option: &Value) -> bool {
    match option {
        Value::Bool(is_on) => *is_on,
        Value::String(text) => text.eq_ignore_ascii_case("true"),
        _ => false,
    }
}

/// A number, also as clients write it that know only texts.
fn number(option: &Value) -> Option<u64> {
    match option {
        Value::String(text) => {
            let text = text.trim_start_matches("long(").trim_end_matches(')');
            text.trim().parse().ok()
        }
        other => other.as_u64(),
    }
}
