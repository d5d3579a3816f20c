//! Reads the body of an answer, as much of it as it may have.

use std::io::Read as _;

use azure_core::http::AsyncResponseBody;
use flate2::read::MultiGzDecoder;
use futures::StreamExt as _;
use kusto_ingest_core::{Result, give_way};

use crate::failure;
use crate::post::Post;

/// How much is unpacked before other tasks get their turn: a millisecond's work or so.
const PIECE: u64 = 256 * 1024;

/// How much of a body is read, in bytes; after decompression, too.
#[derive(Clone, Copy)]
pub(crate) enum Limit {
    /// A longer one is an error.
    Whole(u64),
    /// The rest of a longer one is left unread, and what cannot be decompressed as well: it tells of a failure, and that
    /// it does counts.
    Beginning(u64),
}

/// How the answer to a request is read.
pub(crate) struct Reading<'p> {
    pub(crate) post: &'p Post<'p>,
    pub(crate) limit: Limit,
    /// Answers are not asked for in gzip, but a proxy may send them so.
    pub(crate) is_gzip: bool,
}

impl Reading<'_> {
    pub(crate) async fn read(self, body: AsyncResponseBody) -> Result<Vec<u8>> {
        let body = self.collect(body).await?;
        // Nothing is no gzip, and an answer without a body may have any head.
        if self.is_gzip && !body.is_empty() {
            self.gunzip(&body).await
        } else {
            Ok(body)
        }
    }

    /// Transports of ours hold the limit themselves; others may not.
    async fn collect(&self, mut body: AsyncResponseBody) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|error| failure::of_call(error, self.post))?;
            bytes.extend_from_slice(&chunk);
            match self.limit {
                Limit::Whole(limit) if bytes.len() as u64 > limit => {
                    return Err(failure::too_long(limit, self.post));
                }
                Limit::Beginning(limit) if bytes.len() as u64 >= limit => {
                    bytes.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
                    break;
                }
                _ => {}
            }
        }
        Ok(bytes)
    }

    async fn gunzip(&self, body: &[u8]) -> Result<Vec<u8>> {
        let most = match self.limit {
            // One byte more shows that there is more.
            Limit::Whole(limit) => limit.saturating_add(1),
            Limit::Beginning(limit) => limit,
        };
        let mut plain = Vec::new();
        let mut decoder = MultiGzDecoder::new(body).take(most);
        loop {
            match decoder.by_ref().take(PIECE).read_to_end(&mut plain) {
                Ok(0) => break,
                // A few bytes may unfold to all that an answer may have.
                Ok(_) => give_way().await,
                Err(error) => match self.limit {
                    Limit::Whole(_) => return Err(failure::no_gzip(error, self.post)),
                    // What came before the error is there all the same.
                    Limit::Beginning(_) => break,
                },
            }
        }
        match self.limit {
            Limit::Whole(limit) if plain.len() as u64 > limit => Err(failure::too_long(limit, self.post)),
            _ => Ok(plain),
        }
    }
}
