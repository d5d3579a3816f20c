//! A source whose compression is what its name, or its owner, says.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::io::AsyncRead;
use kusto_ingest_core::{Compression, Error, ErrorKind, LocalSource, Payload, PayloadReader, Result};

use crate::detect;

/// How many bytes tell how a source is compressed.
const BEGINNING: usize = 4;

/// The payload of a source, which fails to be read where its first bytes contradict the compression that its owner
/// declared or that its name tells.
///
/// Kusto believes the name of a blob. What is called gzip and is not would fail there, later and less clearly; what is
/// gzip and is not called so would be compressed twice and be read as text. Whoever declares
/// [`Compression::None`] in so many words is believed.
///
/// Bytes in memory are looked at now, all others as they are read: nothing is opened a second time for this.
///
/// # Errors
/// [`ErrorKind::InvalidInput`], from here or from whoever reads the payload; or as [`Payload::open`] where the source
/// cannot be replayed.
pub async fn verify_compression(source: &LocalSource) -> Result<Payload> {
    let payload = source.payload();
    let Some(expected) = Expected::of(source) else {
        return Ok(payload.clone());
    };
    if let Some(bytes) = payload.as_bytes() {
        expected.check(bytes)?;
        return Ok(payload.clone());
    }
    if !payload.is_replayable() {
        let reader = payload.open(0).await?;
        return Ok(Payload::from_reader(VerifyingReader::new(reader, expected)));
    }
    let (inner, expected_first) = (payload.clone(), expected.clone());
    let verified = Payload::replayable(payload.len(), move |offset| {
        let (inner, expected) = (inner.clone(), expected_first.clone());
        async move {
            let reader = inner.open(offset).await.map_err(io::Error::other)?;
            if offset > 0 {
                return Ok(reader);
            }
            let reader: PayloadReader = Box::pin(VerifyingReader::new(reader, expected));
            Ok(reader)
        }
    });
    if !payload.has_whole() {
        return Ok(verified);
    }
    let inner = payload.clone();
    Ok(verified.with_whole(move || {
        let (inner, expected) = (inner.clone(), expected.clone());
        async move {
            let whole = inner.whole().await.map_err(io::Error::other)?.unwrap_or_default();
            expected.check(&whole).map_err(io::Error::other)?;
            Ok(whole)
        }
    }))
}

/// What the first bytes have to be like.
#[derive(Clone, Debug)]
struct Expected {
    compression: Compression,
    name: Option<String>,
}

impl Expected {
    /// Nothing is expected of bytes that their owner has declared to be plain.
    fn of(source: &LocalSource) -> Option<Self> {
        if source.declared_compression() == Some(Compression::None) {
            return None;
        }
        Some(Self {
            compression: source.compression(),
            name: source.name().map(str::to_owned),
        })
    }

    /// An empty beginning contradicts nothing: that a source is empty is for others to say.
    fn check(&self, beginning: &[u8]) -> Result<()> {
        let found = detect(beginning);
        if beginning.is_empty() || found == self.compression {
            return Ok(());
        }
        let reason = match (self.compression, found) {
            (Compression::Gzip, _) => "it is said to be gzip, and its bytes are not",
            (Compression::Zip, _) => "it is said to be a zip archive, and its bytes are not",
            (Compression::None, Compression::Zip) => "its bytes are a zip archive: name it so, or declare it",
            (Compression::None, _) => "its bytes are gzip: name it so, or declare it",
        };
        let error = Error::new(ErrorKind::InvalidInput, "read the source").because(reason);
        Err(match &self.name {
            Some(name) => error.with("source", name),
            None => error,
        })
    }
}

/// A reader whose first bytes are looked at while they pass.
struct VerifyingReader {
    reader: PayloadReader,
    /// None once the beginning was looked at.
    expected: Option<Expected>,
    beginning: Vec<u8>,
}

impl VerifyingReader {
    fn new(reader: PayloadReader, expected: Expected) -> Self {
        Self {
            reader,
            expected: Some(expected),
            beginning: Vec::with_capacity(BEGINNING),
        }
    }

    fn look_at(&mut self, read: &[u8]) -> io::Result<()> {
        let missing = BEGINNING.saturating_sub(self.beginning.len());
        self.beginning.extend(read.iter().take(missing));
        if self.beginning.len() < BEGINNING && !read.is_empty() {
            return Ok(());
        }
        match self.expected.take() {
            Some(expected) => expected.check(&self.beginning).map_err(io::Error::other),
            None => Ok(()),
        }
    }
}

impl AsyncRead for VerifyingReader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let read = ready!(self.reader.as_mut().poll_read(context, buffer))?;
        if self.expected.is_some() && !buffer.is_empty() {
            self.look_at(&buffer[..read])?;
        }
        Poll::Ready(Ok(read))
    }
}
