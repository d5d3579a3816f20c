//! Sources that are a header and nothing else: said where the service only says that there were no records.

use kusto_ingest::Source;
use kusto_ingest::sources::Compression;

use crate::plan::{PlannedSource, peek, uncompressed};
use crate::report::{Outcome, SourceFailure};

/// How much of a source is looked at for whether it has a header alone.
const LONGEST_HEADER: usize = 1024 * 1024;

/// The service's word for a source without records.
const NO_RECORDS: &str = "BadRequest_NoRecordsOrWrongFormat";

/// Says of sources that have a header and nothing else why there were no records, as the service only says that there
/// were none. What cannot be read again keeps the service's words.
pub(super) async fn explain(planned: &[PlannedSource], outcomes: &mut [Outcome]) {
    for (planned, outcome) in planned.iter().zip(outcomes) {
        if may_be(planned, outcome)
            && is_header_alone(planned).await == Some(true)
            && let Some(failure) = &mut outcome.failure
        {
            failure.message = format!(
                "the first record is a header, which is ignored, and there is nothing behind it (code {NO_RECORDS})"
            );
        }
    }
}

/// Whether more may be said of a source than the service says.
pub(super) fn may_be(planned: &PlannedSource, outcome: &Outcome) -> bool {
    let has_no_records = |failure: &SourceFailure| failure.code.as_deref() == Some(NO_RECORDS);
    outcome.failure.as_ref().is_some_and(has_no_records)
        && planned.properties.ignore_first_record == Some(true)
}

/// Whether a source ends with its first record; none where that cannot be told.
async fn is_header_alone(planned: &PlannedSource) -> Option<bool> {
    let Ok(Source::Local(local)) = planned.source().await else {
        return None;
    };
    if !local.payload().is_replayable() || local.compression() == Compression::Zip {
        return None;
    }
    let compression = local.compression();
    let (beginning, _) = peek(local, LONGEST_HEADER).await.ok()?;
    let plain = uncompressed(beginning, compression, LONGEST_HEADER).ok()?;
    let text = std::str::from_utf8(&plain.bytes).ok()?;
    let lines = text.trim_start_matches('\u{feff}').lines();
    Some(plain.is_whole && lines.filter(|line| !line.trim().is_empty()).count() <= 1)
}
