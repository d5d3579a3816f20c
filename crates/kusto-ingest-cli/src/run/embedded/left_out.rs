//! What an ingestion left out or stored as null without a word: for the embedded Kusto, where somebody tries a file.

use kusto_emulator::IngestionNote;
use kusto_ingest::properties::TableName;
use kusto_ingest::sources::SourceId;
use kusto_ingest_decode::Warning;

/// How many warnings are told of each kind, beside their number.
const TOLD: usize = 3;

/// A source by its identity and name.
type Named = (SourceId, String);

/// One line for each source of which something was left out, or not stored as it stood there.
pub(super) fn told(table: &TableName, sources: &[Named], notes: &[IngestionNote]) -> Vec<String> {
    let line = |note| format!("{}: {}", source_of(note, table, sources), words(note));
    notes.iter().map(line).collect()
}

/// The name of a note's source: a message names it, a request does not. Where there was one source alone, it is that.
fn source_of<'a>(note: &'a IngestionNote, table: &'a TableName, sources: &'a [Named]) -> &'a str {
    match (
        sources.iter().find(|(id, _)| note.source_id == Some(*id)),
        sources,
    ) {
        (Some((_, name)), _) | (None, [(_, name)]) => name,
        _ if note.path.is_empty() => table.as_str(),
        _ => &note.path,
    }
}

fn words(note: &IngestionNote) -> String {
    let of_records = |drops| move |warning: &&Warning| warning.kind.drops_record() == drops;
    let records = (note.records_left_out > 0).then(|| {
        let all = note.rows + note.records_left_out;
        let few = listed(note.first.iter().filter(of_records(true)), note.records_left_out);
        format!("{} of {all} records left out ({few})", note.records_left_out)
    });
    let values = (note.values_changed > 0).then(|| {
        let few = listed(note.first.iter().filter(of_records(false)), note.values_changed);
        let what = if note.values_changed == 1 {
            "value"
        } else {
            "values"
        };
        format!("{} {what} not stored as they stand ({few})", note.values_changed)
    });
    let parts: Vec<String> = records.into_iter().chain(values).collect();
    parts.join("; ")
}

/// The first warnings, and how many more there are.
fn listed<'a>(warnings: impl Iterator<Item = &'a Warning>, count: u64) -> String {
    let mut parts: Vec<String> = warnings.take(TOLD).map(Warning::to_string).collect();
    let more = count.saturating_sub(parts.len() as u64);
    if more > 0 {
        parts.push(format!("and {more} more"));
    }
    parts.join("; ")
}
