//! What the tests of every crate need: properties, bytes, payloads that behave and that do not, receipts.

mod payloads;
mod trickle;

pub use self::payloads::{breaking, read, read_text, replayable, replayable_declaring, trickling};
pub use self::trickle::Trickle;

use crate::{IngestionProperties, Receipt, ReceiptState, Source, SourceId};

/// The identity of [`source_id`], as text.
pub const SOURCE_ID: &str = "11111111-1111-4111-8111-111111111111";

/// An identity that is the same in every run.
#[must_use]
pub fn source_id() -> SourceId {
    SOURCE_ID.parse().expect("it is a GUID")
}

/// Into the table "t" of the database "db", and nothing else.
#[must_use]
pub fn properties() -> IngestionProperties {
    IngestionProperties::into_table("db", "t").expect("both are names")
}

/// What a client answers about a source that it has accepted, or does not know the end of.
#[must_use]
pub fn receipt(source: &Source, properties: &IngestionProperties, state: ReceiptState) -> Receipt {
    let (database, table) = (properties.database.clone(), properties.table.clone());
    Receipt::new(source.id(), database, table, state)
}

/// Bytes that do not compress, the same in every run.
#[must_use]
pub fn noise(len: usize) -> Vec<u8> {
    noise_of(0x9E37_79B9_7F4A_7C15, len)
}

/// The [`noise`] of another seed, which is not zero.
#[must_use]
pub fn noise_of(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        // Marsaglia's xorshift.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    let mut bytes: Vec<u8> = (0..len.div_ceil(8)).flat_map(|_| next()).collect();
    bytes.truncate(len);
    bytes
}
