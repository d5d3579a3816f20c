//! Whether to compress.

use kusto_ingest_core::{Compression, DataFormat};

/// Whether a source should be gzipped on its way: plain bytes of a format that does not compress by itself.
#[must_use]
pub fn should_compress(format: DataFormat, already: Compression) -> bool {
    already == Compression::None && format.is_compressible()
}
