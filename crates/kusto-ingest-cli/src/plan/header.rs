//! Headers that no service deals with: left out of what is streamed.

use std::sync::Arc;

use kusto_ingest::sources::{Compression, Payload};
use kusto_ingest::{DataFormat, IngestionProperties, Source};

use super::{PlannedSource, input};
use crate::report::CommandError;

/// The most bytes, compressed or not, of a source whose header is left out. More are nothing to stream.
const MOST: usize = 64 * 1024 * 1024;

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
