//! Headers: left out of what is streamed, and told of where nobody said that there are any.

use std::sync::Arc;

use kusto_ingest::mapping::MappingKind;
use kusto_ingest::sources::{Compression, Payload};
use kusto_ingest::{DataFormat, IngestionProperties, Source};
use kusto_ingest_decode::{Header, HeaderDetection, Sample, infer};

use super::{DiscoveredSource, PlannedSource, input};
use crate::report::CommandError;

/// The most bytes, compressed or not, of a source whose header is left out. More are nothing to stream.
const MOST: usize = 64 * 1024 * 1024;

/// How much of a source is looked at for whether its first record is a header.
const LOOKED_AT: usize = 64 * 1024;

/// How many sources are looked at: where there are more, they are alike.
const SOURCES: usize = 16;

/// What people should know of sources for a table that exists whose first record names columns, by all that its text
/// tells, and is going to be a row. Only what can be read again is looked at, so that nobody waits for a stream.
pub(super) async fn likely(planned: &[PlannedSource]) -> Option<String> {
    let is_by_place = |planned: &&PlannedSource| {
        let properties = &planned.properties;
        planned.format.mapping_kind() == MappingKind::Csv && properties.ignore_first_record != Some(true)
    };
    let mut named = Vec::new();
    for planned in planned.iter().filter(is_by_place).take(SOURCES) {
        if begins_with_header(planned).await == Some(true) {
            named.push(planned.found.called());
        }
    }
    let records = match &named[..] {
        [] => return None,
        [only] => format!("the first record of {only} looks like a header"),
        [first, more @ ..] => format!(
            "the first records of {first} and of {} more look like headers",
            more.len()
        ),
    };
    Some(format!(
        "{records} and is ingested as data: if it is a header, give --ignore-first-record"
    ))
}

/// Whether a file evidently begins with a header; none where that cannot be told.
async fn begins_with_header(planned: &PlannedSource) -> Option<bool> {
    let DiscoveredSource::File(..) = &planned.found else {
        return None;
    };
    let Ok(Source::Local(local)) = planned.source().await else {
        return None;
    };
    let compression = local.compression();
    let (beginning, _) = input::peek(local, LOOKED_AT).await.ok()?;
    let plain = input::uncompressed(beginning, compression, LOOKED_AT).ok()?;
    let sample = match plain.is_whole {
        true => Sample::complete(&plain.bytes),
        false => Sample::truncated(&plain.bytes),
    };
    let found = infer(sample, planned.format, Header::Detect).ok()?;
    Some(found.header == HeaderDetection::Present)
}

/// Leaves the first record of a source out, where it is one line of UTF-8; else the source stays as it is.
pub(super) async fn leave_out(planned: &mut PlannedSource) -> Result<(), CommandError> {
    // A file that cannot be opened is a source that fails.
    let Ok(Source::Local(local)) = planned.source().await else {
        return Ok(());
    };
    let unusable = |error| CommandError::unusable(&error);
    let compression = local.compression();
    if compression == Compression::Zip {
        // It may hold several files.
        return Ok(());
    }
    let (beginning, local) = input::peek(local, MOST).await.map_err(unusable)?;
    planned.opened = input::kept(local.clone());
    if !beginning.is_whole {
        return Ok(());
    }
    let plain = input::uncompressed(beginning, compression, MOST).map_err(unusable)?;
    let Some(end) = end_of_header(&plain.bytes, planned.format).filter(|_| plain.is_whole) else {
        return Ok(());
    };
    let data = plain.bytes[end..].to_vec();
    let bytes = data.len() as u64;
    let headless = local.with_payload(Payload::from_bytes(data));
    planned.opened = Some(headless.with_compression(Compression::None).with_raw_size(bytes));
    let mut properties = IngestionProperties::clone(&planned.properties);
    properties.ignore_first_record = None;
    planned.properties = Arc::new(properties);
    Ok(())
}

/// Where the data begins. A quoted field may go on in the next line: then nobody here knows.
fn end_of_header(bytes: &[u8], format: DataFormat) -> Option<usize> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        end += line.len();
        if line
            .trim_start_matches('\u{feff}')
            .trim_end_matches(['\r', '\n'])
            .is_empty()
        {
            continue;
        }
        let goes_on = format != DataFormat::Tsve && line.matches('"').count() % 2 == 1;
        return (line.ends_with('\n') && !goes_on).then_some(end);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_the_first_line_that_holds_something() {
        for (text, format, rest) in [
            ("a,b\n1,2\n", DataFormat::Csv, Some("1,2\n")),
            ("a,b\r\n1,2", DataFormat::Csv, Some("1,2")),
            ("\n\r\na\n1\n", DataFormat::Csv, Some("1\n")),
            ("\u{feff}a\n1\n", DataFormat::Csv, Some("1\n")),
            ("\"a, b\",\"c\"\n1,2\n", DataFormat::Csv, Some("1,2\n")),
            ("\"a\nb\",c\n1,2\n", DataFormat::Csv, None),
            ("a\"\t1\n1\t2\n", DataFormat::Tsve, Some("1\t2\n")),
            ("a,b", DataFormat::Csv, None),
            ("", DataFormat::Csv, None),
        ] {
            let end = end_of_header(text.as_bytes(), format);
            assert_eq!(end.map(|end| &text[end..]), rest, "{text:?}");
        }
        assert_eq!(end_of_header(b"\xff\xfea\n1\n", DataFormat::Csv), None);
    }
}
