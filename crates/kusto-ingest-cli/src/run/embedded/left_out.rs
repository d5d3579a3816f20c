//! What an ingestion leaves out or stores as null without a word: for the embedded Kusto, where somebody tries a file.

use std::fs::File;
use std::io::Read;
use std::ops::ControlFlow;

use flate2::read::MultiGzDecoder;
use kusto_ingest::Result;
use kusto_ingest::sources::Compression;
use kusto_ingest_decode::{DecodeEvent, DecodeOptions, Schema, Warning, decode_each};

use crate::plan::{DiscoveredSource, PlannedSource};
use crate::report::{Outcome, State};

/// What is not in the table as it stands in the source.
#[derive(Debug, Default, PartialEq, Eq)]
struct LeftOut {
    rows: u64,
    records: Vec<Warning>,
    record_count: u64,
    values: Vec<Warning>,
    value_count: u64,
}

/// How many warnings are told of each kind, beside their number.
const TOLD: usize = 3;

/// One line for each source of which something was left out, or stored as null. Files are read once more for it.
pub(super) fn told(planned: &[PlannedSource], outcomes: &[Outcome], schema: &Schema) -> Vec<String> {
    let all = planned.iter().zip(outcomes);
    all.filter(|(_, outcome)| outcome.state == State::Succeeded)
        .filter_map(|(planned, _)| {
            let (input, compression) = open(planned)?;
            // What was ingested a moment ago can be read: whatever keeps it from that now is no news.
            let words = look(planned, input, compression, schema).ok()?.words()?;
            Some(format!("{}: {words}", planned.found.called()))
        })
        .collect()
}

/// The bytes of a source, where they are there still.
fn open(planned: &PlannedSource) -> Option<(Box<dyn Read + '_>, Compression)> {
    match (&planned.opened, &planned.found) {
        (Some(opened), _) => {
            let bytes: &[u8] = opened.payload().as_bytes()?;
            Some((Box::new(bytes), opened.compression()))
        }
        (None, DiscoveredSource::File(path, _)) => {
            let compression = Compression::from_name(&path.to_string_lossy());
            Some((Box::new(File::open(path).ok()?), compression))
        }
        (None, _) => None,
    }
}

/// Reads a source as the embedded Kusto did. An archive is left alone: its files are listed at its end.
fn look(
    planned: &PlannedSource,
    input: Box<dyn Read + '_>,
    compression: Compression,
    schema: &Schema,
) -> Result<LeftOut> {
    let mut left = LeftOut::default();
    let plain: Box<dyn Read> = match compression {
        Compression::None => input,
        Compression::Gzip => Box::new(MultiGzDecoder::new(input)),
        Compression::Zip => return Ok(left),
    };
    let options = DecodeOptions::of(planned.format, &planned.properties);
    decode_each(plain, &options, schema, |event| {
        match event {
            DecodeEvent::Row(_) => left.rows += 1,
            DecodeEvent::Warning(warning) => left.add(warning),
        }
        ControlFlow::Continue(())
    })?;
    Ok(left)
}

impl LeftOut {
    fn add(&mut self, warning: Warning) {
        let (warnings, count) = match warning.kind.drops_record() {
            true => (&mut self.records, &mut self.record_count),
            false => (&mut self.values, &mut self.value_count),
        };
        *count += 1;
        if warnings.len() < TOLD {
            warnings.push(warning);
        }
    }

    /// What people should know; nothing where all is in the table.
    fn words(&self) -> Option<String> {
        let records = (self.record_count > 0).then(|| {
            let all = self.rows + self.record_count;
            let few = listed(&self.records, self.record_count);
            format!("{} of {all} records left out ({few})", self.record_count)
        });
        let values = (self.value_count > 0).then(|| {
            let few = listed(&self.values, self.value_count);
            let what = if self.value_count == 1 { "value" } else { "values" };
            format!("{} {what} not stored as they stand ({few})", self.value_count)
        });
        let parts: Vec<String> = records.into_iter().chain(values).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

fn listed(warnings: &[Warning], count: u64) -> String {
    let listed: Vec<String> = warnings.iter().map(Warning::to_string).collect();
    let more = count - warnings.len() as u64;
    let more = (more > 0).then(|| format!("; and {more} more"));
    format!("{}{}", listed.join("; "), more.unwrap_or_default())
}
