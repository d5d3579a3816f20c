//! What a command itself can carry of a source: text, up to a limit.

use futures::io::{AsyncReadExt, Cursor};
use kusto_ingest_core::{
    Compression, DataFormat, Error, ErrorKind, LocalSource, Payload, Result, unreadable,
};

use crate::quote;

/// What to do about data that no command can carry.
const REMEDY: &str = "give the client an uploader";

/// What reading a source for a command gave.
pub(super) enum InlineData {
    /// All of it, which a command can carry.
    Text(String),
    /// What has to go into a blob, and why.
    Other(LocalSource, Error),
}

/// Reads as much as a command carries. What was read of a stream that cannot be replayed is put in front of its rest.
pub(super) async fn read(local: LocalSource, format: DataFormat, limit: u64) -> Result<InlineData> {
    if local.payload().len() == Some(0) {
        return Err(empty());
    }
    if let Some(refusal) = refusal(&local, format, limit) {
        return Ok(InlineData::Other(local, refusal));
    }
    let mut reader = local.payload().open(0).await?;
    let mut bytes = Vec::new();
    let most = limit.saturating_add(1);
    (&mut reader)
        .take(most)
        .read_to_end(&mut bytes)
        .await
        .map_err(|error| unreadable("read the source", error))?;
    if bytes.is_empty() {
        return Err(empty());
    }
    if bytes.len() as u64 >= most {
        let whole = reread(local, || Payload::from_reader(Cursor::new(bytes).chain(reader)));
        return Ok(InlineData::Other(whole, too_large_for_command(limit)));
    }
    match text_of(&bytes, format) {
        Ok(text) => Ok(InlineData::Text(text.to_owned())),
        Err(refusal) => {
            let whole = reread(local, || Payload::from_bytes(bytes));
            Ok(InlineData::Other(whole, refusal.with("remedy", REMEDY)))
        }
    }
}

/// Why a command cannot carry such a source, as far as can be told without reading.
fn refusal(local: &LocalSource, format: DataFormat, limit: u64) -> Option<Error> {
    if !format.is_compressible() {
        return Some(unsupported("its format is no text").with("remedy", REMEDY));
    }
    if local.compression() != Compression::None {
        return Some(unsupported("it is compressed").with("remedy", REMEDY));
    }
    let is_too_large = local.payload().len().is_some_and(|length| length > limit);
    (is_too_large || limit == 0).then(|| too_large_for_command(limit))
}

/// The source itself where it can be read again; else the same source with what was read of it.
fn reread(local: LocalSource, payload: impl FnOnce() -> Payload) -> LocalSource {
    if local.payload().is_replayable() {
        return local;
    }
    let mut same = LocalSource::new(payload())
        .with_id(local.id())
        .with_compression(local.compression())
        .with_raw_size(local.raw_size().unwrap_or_default());
    if let Some(chunk) = local.chunk() {
        same = same.with_chunk(chunk);
    }
    match local.name() {
        Some(name) => same.with_name(name),
        None => same,
    }
}

/// The text of bytes, without the mark of byte order, which is none of the data.
fn text_of(bytes: &[u8], format: DataFormat) -> Result<&str> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let text =
        std::str::from_utf8(bytes).map_err(|error| unsupported("it is no UTF-8 text").caused_by(error))?;
    quote::data(text, format)
}

fn empty() -> Error {
    Error::new(ErrorKind::EmptySource, "read the source").because("the source is empty")
}

fn unsupported(why: &'static str) -> Error {
    Error::new(ErrorKind::Unsupported, "put the data into a command").because(why)
}

fn too_large_for_command(limit: u64) -> Error {
    Error::new(ErrorKind::SizeLimitExceeded, "put the data into a command")
        .because(format!(
            "it is larger than the {limit} bytes that a command may carry"
        ))
        .with("remedy", REMEDY)
}
