//! Where an uploader draws random numbers.

use kusto_ingest_core::SourceId;

/// A random number: random ids are made of them.
pub(crate) fn random() -> u64 {
    SourceId::random().as_uuid().as_u64_pair().1
}

/// A random number of 32 bits.
pub(crate) fn random_word() -> u32 {
    SourceId::random().as_uuid().as_fields().0
}
