//! What fits into one streaming request, and the body of such a request.

mod body;

pub use body::{StreamingBody, streaming_body};

use kusto_ingest_core::{Compression, DataFormat};

/// How large one streaming request may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamingLimits {
    /// The most bytes of the body as it is sent.
    pub wire_bytes: u64,
    /// The most bytes of data as Kusto counts them, which [`ingested_bytes`] estimates.
    pub data_bytes: u64,
}

impl StreamingLimits {
    /// 10 MiB of body and 4 MiB of data, which is what the service takes.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            wire_bytes: 10 * 1024 * 1024,
            data_bytes: 4 * 1024 * 1024,
        }
    }

    /// Another limit of the body.
    #[must_use]
    pub const fn with_wire_bytes(self, most: u64) -> Self {
        Self {
            wire_bytes: most,
            ..self
        }
    }

    /// Another limit of the data.
    #[must_use]
    pub const fn with_data_bytes(self, most: u64) -> Self {
        Self {
            data_bytes: most,
            ..self
        }
    }
}

impl Default for StreamingLimits {
    fn default() -> Self {
        Self::new()
    }
}

/// How many bytes Kusto counts for `bytes` of a source: its row store keeps most formats in fewer bytes than they
/// have as text, and compressed ones in more.
///
/// Where the uncompressed size is known, that with [`Compression::None`] is the better estimate, whatever is sent.
#[must_use]
pub fn ingested_bytes(format: DataFormat, compression: Compression, bytes: u64) -> u64 {
    let (plain, gzipped) = per_hundred(format);
    let factor = match compression {
        Compression::None => plain,
        Compression::Gzip | Compression::Zip => gzipped,
    };
    (bytes / 100)
        .saturating_mul(factor)
        .saturating_add((bytes % 100 * factor).div_ceil(100))
}

/// Bytes in the row store for a hundred bytes of data: plain, and gzipped. As in Microsoft's second Java client.
fn per_hundred(format: DataFormat) -> (u64, u64) {
    match format {
        DataFormat::Avro | DataFormat::ApacheAvro => (55, 100),
        DataFormat::Csv => (45, 360),
        DataFormat::Json => (33, 360),
        DataFormat::MultiJson => (100, 515),
        DataFormat::Txt => (15, 180),
        DataFormat::Psv => (100, 150),
        DataFormat::Parquet => (335, 100),
        text if text.is_compressible() => (100, 360),
        _ => (100, 100),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s03_g41_nine_mebibytes_of_csv_are_too_many_and_eight_are_not() {
        let most = StreamingLimits::new().data_bytes;
        let counted = |mebibytes: u64| ingested_bytes(DataFormat::Csv, Compression::None, mebibytes << 20);
        assert!(counted(9) > most && counted(8) <= most);
    }

    #[test]
    fn every_format_counts_as_the_service_does() {
        for (format, plain, gzipped) in [
            (DataFormat::Avro, 55, 100),
            (DataFormat::Json, 33, 360),
            (DataFormat::MultiJson, 100, 515),
            (DataFormat::Txt, 15, 180),
            (DataFormat::Psv, 100, 150),
            (DataFormat::Parquet, 335, 100),
            (DataFormat::Orc, 100, 100),
            (DataFormat::Tsv, 100, 360),
        ] {
            let counted = [Compression::None, Compression::Gzip]
                .map(|compression| ingested_bytes(format, compression, 100));
            assert_eq!(counted, [plain, gzipped], "{format}");
        }
        assert_eq!(ingested_bytes(DataFormat::Csv, Compression::None, 1), 1);
        assert_eq!(
            ingested_bytes(DataFormat::Parquet, Compression::None, u64::MAX),
            u64::MAX
        );
    }
}
