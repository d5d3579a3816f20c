//! What a compressor promises.

use std::io::Read as _;

use bytes::Bytes;
use flate2::bufread::GzDecoder;
use futures::StreamExt as _;
use kusto_ingest_compression::{Compressor, EncodedSizes};
use kusto_ingest_core::testing::{Trickle, breaking, noise, trickling};
use kusto_ingest_core::{ErrorKind, Payload, Result};

use super::rules::Rules;

const RULES: Rules = Rules("a compressor");

/// Checks a [`Compressor`].
///
/// # Panics
/// When a rule does not hold.
pub async fn compressor(compressor: &dyn Compressor) {
    for length in [0, 1, 1_000, 64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, 1_500_000] {
        let noise = Bytes::from(noise(length));
        let text: Bytes = "12345,some text\n".repeat(length / 16).into();
        for bytes in [noise, text] {
            let in_memory = Payload::from_bytes(bytes.clone());
            let read_twice = trickling(bytes.clone());
            let read_once = Payload::from_reader(Trickle::new(bytes.clone()));
            for payload in [&in_memory, &in_memory, &read_twice, &read_twice, &read_once] {
                one_member_with_the_same_bytes(compressor, payload, &bytes).await;
            }
            let again = compressor.gzip(&read_once).await;
            let rule = "a stream that flowed away is not compressed as if it were empty";
            RULES.refused(rule, again, &[ErrorKind::SourceNotReplayable]);
        }
    }
    what_cannot_be_read_ends_in_an_error(compressor).await;
    a_stream_may_be_dropped(compressor).await;
}

async fn one_member_with_the_same_bytes(compressor: &dyn Compressor, payload: &Payload, bytes: &Bytes) {
    let (chunks, sizes) = gzipped(compressor, payload).await;
    let chunks = RULES.done("a payload is compressed", chunks);
    let empty = chunks.iter().filter(|chunk| chunk.is_empty()).count();
    RULES.same("no chunk is empty", &empty, &0);
    let gzip = chunks.concat();
    RULES.same("what went in is counted", &sizes.raw(), &(bytes.len() as u64));
    RULES.same("what came out is counted", &sizes.encoded(), &(gzip.len() as u64));

    let mut member = GzDecoder::new(gzip.as_slice());
    let mut decoded = Vec::new();
    let outcome = member.read_to_end(&mut decoded);
    RULES.holds(
        "the chunks together are gzip, with the right checksum",
        outcome.is_ok(),
        &outcome,
    );
    RULES.holds("the same bytes come out", decoded == *bytes, decoded.len());
    RULES.same(
        "there is one member and nothing after it",
        &member.into_inner().len(),
        &0,
    );
}

async fn what_cannot_be_read_ends_in_an_error(compressor: &dyn Compressor) {
    for length in [1, 1_500_000] {
        let (outcome, _) = gzipped(compressor, &breaking(Some(2 * length as u64), noise(length))).await;
        let rule = "a source that breaks ends in an error, never early";
        RULES.refused(rule, outcome, &[ErrorKind::SourceNotReadable]);
    }
}

async fn a_stream_may_be_dropped(compressor: &dyn Compressor) {
    let payload = trickling(noise(1_500_000));
    let mut encoded = RULES.done("a payload is opened", compressor.gzip(&payload).await);
    let first = encoded.next().await;
    RULES.holds("a first chunk comes", matches!(first, Some(Ok(_))), &first);
    drop(encoded);
    let (chunks, _) = gzipped(compressor, &payload).await;
    RULES.done("a payload is compressed after a stream of it was dropped", chunks);
}

async fn gzipped(compressor: &dyn Compressor, payload: &Payload) -> (Result<Vec<Bytes>>, EncodedSizes) {
    let mut encoded = match compressor.gzip(payload).await {
        Ok(encoded) => encoded,
        Err(error) => return (Err(error), EncodedSizes::new()),
    };
    let sizes = encoded.sizes();
    let mut chunks = Vec::new();
    while let Some(chunk) = encoded.next().await {
        match chunk {
            Ok(chunk) => chunks.push(chunk),
            Err(error) => return (Err(error), sizes),
        }
    }
    (Ok(chunks), sizes)
}
