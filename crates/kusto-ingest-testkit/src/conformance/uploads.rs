//! What an uploader promises.

use std::io::Read as _;

use bytes::Bytes;
use flate2::bufread::MultiGzDecoder;
use futures::future::join_all;
use kusto_ingest_compression::{EncodedSizes, GzipEncoder, GzipLevel};
use kusto_ingest_core::testing::{Trickle, breaking, noise, trickling};
use kusto_ingest_core::{
    BlobUri, Compression, DataFormat, ErrorKind, IngestionProperties, LocalSource, Payload,
};
use kusto_ingest_upload::{BlobNaming, Uploaded, Uploader};

use super::rules::Rules;

const RULES: Rules = Rules("an uploader");

/// Checks an [`Uploader`].
///
/// `read` gives the bytes of a blob as Kusto would read them, or `None` when there is no such blob.
///
/// # Panics
/// When a rule does not hold.
pub async fn uploader<R>(uploader: &dyn Uploader, read: R)
where
    R: AsyncFn(&BlobUri) -> Option<Bytes>,
{
    let suite = Suite { uploader, read };
    suite.the_blob_holds_the_source().await;
    suite.what_is_compressed_already_stays_as_it_is().await;
    suite.uploads_may_run_at_once().await;
    suite.what_has_no_bytes_or_breaks_is_refused().await;
}

struct Suite<'a, R> {
    uploader: &'a dyn Uploader,
    read: R,
}

impl<R: AsyncFn(&BlobUri) -> Option<Bytes>> Suite<'_, R> {
    async fn the_blob_holds_the_source(&self) {
        let text: Bytes = "12345,some text\n".repeat(10_000).into();
        for bytes in [Bytes::from_static(b"x"), text, noise(300_000).into()] {
            let payloads = [
                Payload::from_bytes(bytes.clone()),
                trickling(bytes.clone()),
                Payload::from_reader(Trickle::new(bytes.clone())),
            ];
            for payload in payloads {
                for format in [DataFormat::Csv, DataFormat::Parquet] {
                    if payload.is_replayable() || format == DataFormat::Csv {
                        self.holds(LocalSource::new(payload.clone()), format, &bytes)
                            .await;
                    }
                }
            }
        }
    }

    async fn what_is_compressed_already_stays_as_it_is(&self) {
        let text = "12345,some text\n".repeat(1_000);
        let member = GzipEncoder::new(GzipLevel::default()).member(text.as_bytes(), &EncodedSizes::new());
        let gzip = RULES.done("a suite makes gzip", member);
        let source = LocalSource::from_bytes(gzip.clone()).with_compression(Compression::Gzip);
        let uploaded = self.holds(source, DataFormat::Csv, &text.into()).await;
        let stored = (self.read)(&uploaded.blob).await;
        RULES.holds(
            "what is gzip already is not changed",
            stored == Some(gzip),
            &uploaded,
        );
    }

    async fn uploads_may_run_at_once(&self) {
        let sources: Vec<Bytes> = (1..=8).map(|number| noise(number * 1_000).into()).collect();
        let uploads = sources.iter().map(|bytes| {
            let source = LocalSource::from_bytes(bytes.clone()).with_name("same.csv");
            self.holds(source, DataFormat::Csv, bytes)
        });
        let mut blobs: Vec<String> = join_all(uploads)
            .await
            .iter()
            .map(|uploaded| uploaded.blob.redacted().to_owned())
            .collect();
        blobs.sort();
        blobs.dedup();
        let rule = "every source has a blob of its own, whatever its name";
        RULES.same(rule, &blobs.len(), &sources.len());
    }

    async fn what_has_no_bytes_or_breaks_is_refused(&self) {
        let empty = self.upload(LocalSource::from_bytes(""), DataFormat::Csv).await;
        RULES.refused("an empty source is refused", empty, &[ErrorKind::EmptySource]);
        for bytes in [1, 300_000] {
            let source = LocalSource::new(breaking(Some(2 * bytes as u64), noise(bytes)));
            let broken = self.upload(source, DataFormat::Csv).await;
            let rule = "a source that breaks is refused, and no rest of it is uploaded";
            RULES.refused(rule, broken, &[ErrorKind::SourceNotReadable]);
        }
    }

    /// Uploads a source; the blob must hold these bytes once it is unpacked as its name tells.
    async fn holds(&self, source: LocalSource, format: DataFormat, raw: &Bytes) -> Uploaded {
        let uploaded = RULES.done("a source is uploaded", self.upload(source, format).await);
        let name = uploaded.blob.redacted().to_owned();
        let Some(stored) = (self.read)(&uploaded.blob).await else {
            panic!("an uploader: a blob is there when its upload is done; but there is none at {name}");
        };
        let length = stored.len() as u64;
        RULES.same("the length of the blob is told", &uploaded.sent_bytes, &length);
        let decoded = match name.ends_with(".gz") {
            true => gunzipped(&stored),
            false => stored,
        };
        let rule = "the blob holds the source's bytes, compressed as its name tells";
        RULES.holds(rule, decoded == raw, (&name, decoded.len(), raw.len()));
        uploaded
    }

    async fn upload(&self, source: LocalSource, format: DataFormat) -> kusto_ingest_core::Result<Uploaded> {
        let properties = IngestionProperties::into_table("Conformance", "Uploads")?;
        self.uploader
            .upload(&source, &BlobNaming::new(&properties, format))
            .await
    }
}

fn gunzipped(gzip: &[u8]) -> Bytes {
    let mut decoded = Vec::new();
    let outcome = MultiGzDecoder::new(gzip).read_to_end(&mut decoded);
    RULES.holds("a blob named .gz is gzip", outcome.is_ok(), &outcome);
    decoded.into()
}
