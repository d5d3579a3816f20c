//! The body of an answer: read to a limit, and out of gzip.

use std::io::Read as _;

use azure_core::http::AsyncResponseBody;
use flate2::read::MultiGzDecoder;
use futures::StreamExt as _;
use kusto_ingest_core::{Error, ErrorKind, Result};

use crate::failure;
use crate::post::Post;

/// How much of an answer is read that is no success.
pub(crate) const LONGEST_ERROR: usize = 64 * 1024;
/// How long the answer to a command may be.
pub(crate) const LONGEST_ANSWER: usize = 16 * 1024 * 1024;

/// What becomes of an answer beyond a number of bytes. What comes out of gzip counts as well.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SizeLimit {
    /// Its beginning is enough.
    Cut(usize),
    /// It is an error: half an answer is none.
    Refuse(usize),
}

/// How a body is to be read.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) limit: SizeLimit,
    pub(crate) is_gzip: bool,
}

impl Reading {
    /// Reads a body whole, or its beginning.
    pub(crate) async fn read(&self, body: AsyncResponseBody, post: &Post<'_>) -> Result<Vec<u8>> {
        let sent = collect(body, self.most())
            .await
            .map_err(|error| failure::of_call(error, post))?;
        let sent = self.limited(sent, post)?;
        if !self.is_gzip {
            return Ok(sent);
        }
        let mut plain = Vec::new();
        let mut decoder = MultiGzDecoder::new(sent.as_slice()).take(self.most() as u64);
        match (decoder.read_to_end(&mut plain), self.limit) {
            // What was cut ends early.
            (Ok(_), _) | (Err(_), SizeLimit::Cut(_)) => self.limited(plain, post),
            (Err(error), SizeLimit::Refuse(_)) => Err(unreadable(post).caused_by(error)),
        }
    }

    /// One byte more than there may be, by which it is known that there are too many.
    fn most(&self) -> usize {
        let (SizeLimit::Cut(bytes) | SizeLimit::Refuse(bytes)) = self.limit;
        bytes.saturating_add(1)
    }

    fn limited(&self, mut bytes: Vec<u8>, post: &Post<'_>) -> Result<Vec<u8>> {
        match self.limit {
            SizeLimit::Refuse(limit) if bytes.len() > limit => {
                Err(unreadable(post).because(format!("the answer is longer than {limit} bytes")))
            }
            SizeLimit::Refuse(_) => Ok(bytes),
            SizeLimit::Cut(limit) => {
                bytes.truncate(limit);
                Ok(bytes)
            }
        }
    }
}

/// That the service has answered is certain; what, is not.
fn unreadable(post: &Post<'_>) -> Error {
    Error::new(ErrorKind::Protocol, post.operation).with("client request id", post.client_request_id)
}

async fn collect(mut body: AsyncResponseBody, most: usize) -> azure_core::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = body.next().await {
        bytes.extend_from_slice(&chunk?);
        if bytes.len() >= most {
            bytes.truncate(most);
            break;
        }
    }
    Ok(bytes)
}
