//! What the first records of sources would become in a table.

use serde::Serialize;

use super::json::{line, written};
use super::{Exit, Output};

/// What the first records of a source would become.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Examined {
    pub(crate) source: String,
    /// How many records were looked at.
    pub(crate) records: u64,
    /// How many of them would be left out.
    pub(crate) left_out: u64,
    /// The first few reasons, with their lines.
    pub(crate) reasons: Vec<String>,
    /// The columns of which not all values would be stored as they stand.
    pub(crate) columns: Vec<ExaminedColumn>,
    /// Why it could not be looked at, or would be refused as a whole.
    pub(crate) error: Option<String>,
}

/// What would become of a column.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ExaminedColumn {
    pub(crate) name: String,
    pub(crate) kusto_type: String,
    /// How many values are null, because there are none or because they are of another type.
    pub(crate) nulls: u64,
    /// How many are there, and would not be stored as they stand.
    pub(crate) changed: u64,
    /// The first few of these, with their lines.
    pub(crate) reasons: Vec<String>,
}

impl Examined {
    /// Whether all would be in the table as it stands. A column that is null throughout is a mapping that misses it.
    pub(crate) fn is_fine(&self) -> bool {
        let is_lost = |column: &ExaminedColumn| column.changed > 0 || column.nulls == self.records;
        self.error.is_none() && self.left_out == 0 && !self.columns.iter().any(is_lost)
    }
}

/// How the command ends.
pub(crate) fn exit_of(examined: &[Examined]) -> Exit {
    if examined.iter().all(Examined::is_fine) {
        Exit::Done
    } else if examined.iter().all(|source| source.error.is_some()) {
        Exit::AllFailed
    } else {
        Exit::SomeFailed
    }
}

/// All of it, as standard output has it.
pub(crate) fn examined(examined: &[Examined], output: Output) -> String {
    #[derive(Serialize)]
    struct Document<'a> {
        sources: &'a [Examined],
        fine: usize,
    }
    match output {
        Output::Text => examined.iter().map(text).collect::<Vec<_>>().join("\n"),
        Output::Json => written(&Document {
            sources: examined,
            fine: examined.iter().filter(|source| source.is_fine()).count(),
        }),
        Output::Ndjson => examined.iter().map(line).collect::<Vec<_>>().join("\n"),
    }
}

fn text(examined: &Examined) -> String {
    let Examined { source, records, .. } = examined;
    if let Some(error) = &examined.error {
        return format!("{source}: {error}");
    }
    let mut lines = Vec::new();
    if examined.left_out > 0 {
        let reasons = examined.reasons.join("; ");
        lines.push(format!(
            "  {} of {records} records would be left out ({reasons})",
            examined.left_out
        ));
    }
    for column in &examined.columns {
        let ExaminedColumn {
            name,
            kusto_type,
            nulls,
            changed,
            ..
        } = column;
        lines.push(match (changed, nulls == records) {
            (0, true) => {
                format!("  column {name}: {kusto_type} would be null in all records: nothing maps to it")
            }
            (0, false) => format!("  column {name}: {kusto_type} would be null in {nulls} records"),
            _ => format!(
                "  column {name}: {kusto_type} would not be stored as it stands in {changed} records ({})",
                column.reasons.join("; ")
            ),
        });
    }
    let verdict = if examined.is_fine() {
        "fits"
    } else {
        "does not fit"
    };
    let begin = format!("{source}: {verdict}; {records} records looked at");
    std::iter::once(begin).chain(lines).collect::<Vec<_>>().join("\n")
}
