//! What is read of a source before it is sent. What cannot be replayed is kept and put in front of the rest.

use std::io::Read;

use flate2::read::MultiGzDecoder;
use futures::AsyncReadExt as _;
use futures::io::Cursor;
use kusto_ingest::compression::detect;
use kusto_ingest::sources::{Compression, Payload};
use kusto_ingest::{DataFormat, Error, ErrorKind, LocalSource, Result};
use kusto_ingest_decode::Sample;

use super::archive;

/// The largest file that is looked into as a whole.
const WHOLE: usize = 1 << 30;

/// How much of a source is looked at: of formats that describe their columns at the end, all of it.
pub(crate) fn enough(format: DataFormat, usual: usize) -> usize {
    match Sample::needs_all(format) {
        true => WHOLE,
        false => usual,
    }
}

/// The beginning of a source.
#[derive(Debug)]
pub(crate) struct SourcePrefix {
    pub(crate) bytes: Vec<u8>,
    /// Whether the source ends here.
    pub(crate) is_whole: bool,
}

/// Reads up to so many bytes, and gives a source back that still has all of them.
pub(crate) async fn peek(source: LocalSource, most: usize) -> Result<(SourcePrefix, LocalSource)> {
    let mut bytes = Vec::new();
    let mut reader = source.payload().open(0).await?;
    // One byte more tells whether the source goes on.
    (&mut reader)
        .take(most as u64 + 1)
        .read_to_end(&mut bytes)
        .await
        .map_err(|error| unreadable(&source, error))?;
    let is_whole = bytes.len() <= most;
    let source = match (source.payload().is_replayable(), is_whole) {
        (true, _) => source,
        (false, true) => source.with_payload(Payload::from_bytes(bytes.clone())),
        (false, false) => {
            let beginning = Cursor::new(bytes.clone());
            source.with_payload(Payload::from_reader(beginning.chain(reader)))
        }
    };
    bytes.truncate(most);
    Ok((SourcePrefix { bytes, is_whole }, source))
}

/// What cannot be replayed is kept; a file is opened again when its turn comes.
pub(super) fn kept(source: LocalSource) -> Option<LocalSource> {
    let is_file = source.payload().is_replayable() && source.payload().as_bytes().is_none();
    (!is_file).then_some(source)
}

/// What cannot be replayed has no name that could tell how it is compressed: its first bytes do.
pub(super) async fn peek_stream(source: LocalSource) -> Result<LocalSource> {
    let (beginning, source) = peek(source, 4).await?;
    Ok(match source.compression() {
        Compression::None => source.with_compression(detect(&beginning.bytes)),
        _ => source,
    })
}

/// The beginning of a source as it is uncompressed; of an archive, that of its first file.
///
/// # Errors
/// [`ErrorKind::Data`] when it is not compressed as it says; [`ErrorKind::Unsupported`] for an archive whose first file
/// cannot be read.
pub(crate) fn uncompressed(
    beginning: SourcePrefix,
    compression: Compression,
    most: usize,
) -> Result<SourcePrefix> {
    let (reader, why): (Box<dyn Read + '_>, _) = match compression {
        Compression::None => return Ok(beginning),
        Compression::Zip => (
            archive::first_file(&beginning.bytes)?,
            "the first file of the archive is broken",
        ),
        Compression::Gzip => (
            Box::new(MultiGzDecoder::new(&*beginning.bytes)),
            "it is not the gzip that its name says",
        ),
    };
    let mut bytes = Vec::new();
    match reader.take(most as u64 + 1).read_to_end(&mut bytes) {
        // Where the compressed bytes are cut, so is what they hold.
        Err(_) if !beginning.is_whole && !bytes.is_empty() => {}
        Err(error) => {
            return Err(Error::new(ErrorKind::Data, "look into the source")
                .because(why)
                .caused_by(error));
        }
        Ok(_) => {}
    }
    let is_whole = beginning.is_whole && bytes.len() <= most;
    bytes.truncate(most);
    Ok(SourcePrefix { bytes, is_whole })
}

fn unreadable(source: &LocalSource, error: std::io::Error) -> Error {
    Error::new(ErrorKind::SourceNotReadable, "read the source")
        .with("source", source.name().unwrap_or("-"))
        .caused_by(error)
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;
    use kusto_ingest_compression::testing::gzip;

    use super::*;

    async fn all_of(source: &LocalSource) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut reader = source.payload().open(0).await.unwrap();
        reader.read_to_end(&mut bytes).await.unwrap();
        bytes
    }

    #[test]
    fn what_cannot_be_replayed_is_peeked_and_still_whole() {
        for most in [0, 1, 4, 10, 11, 100] {
            let source = LocalSource::from_reader(Cursor::new(b"0123456789\n".to_vec())).with_name("a.csv");
            let id = source.id();
            let (beginning, source) = block_on(peek(source, most)).unwrap();
            assert_eq!(beginning.bytes, b"0123456789\n"[..most.min(11)], "{most}");
            assert_eq!(beginning.is_whole, most >= 11, "{most}");
            assert_eq!(block_on(all_of(&source)), b"0123456789\n", "{most}");
            assert_eq!((source.id(), source.name()), (id, Some("a.csv")));
        }
    }

    #[test]
    fn the_first_bytes_of_a_stream_tell_that_it_is_gzip() {
        let source = LocalSource::from_reader(Cursor::new(gzip("a,b\n1,2\n")));
        let source = block_on(peek_stream(source)).unwrap();
        assert_eq!(source.compression(), Compression::Gzip);
        let (beginning, _) = block_on(peek(source, 1000)).unwrap();
        let plain = uncompressed(beginning, Compression::Gzip, 4).unwrap();
        assert_eq!((plain.bytes.as_slice(), plain.is_whole), (&b"a,b\n"[..], false));
    }

    #[test]
    fn an_empty_stream_is_known_to_be_empty() {
        let source = block_on(peek_stream(LocalSource::from_reader(Cursor::new(Vec::new())))).unwrap();
        assert_eq!(source.payload().len(), Some(0));
    }
}
