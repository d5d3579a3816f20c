//! What the tests of every crate need: time, properties, bytes, payloads that behave and that do not, receipts.

mod payloads;
mod reader;
mod trickle;

use std::time::Duration;

pub use self::payloads::{breaking, read, read_text, replayable, replayable_declaring, trickling};
pub use self::reader::reader;
pub use self::trickle::Trickle;

use crate::{IngestionProperties, ManualClock, Receipt, ReceiptState, Source, SourceId, Timestamp};

/// A second.
pub const SECOND: Duration = Duration::from_secs(1);

/// A minute.
pub const MINUTE: Duration = Duration::from_secs(60);

/// An hour.
pub const HOUR: Duration = Duration::from_secs(3_600);

/// A clock that begins in 1970, and moves when everything waits for it.
#[must_use]
pub fn clock() -> ManualClock {
    ManualClock::advancing(Timestamp::UNIX_EPOCH)
}

/// A time of day that is the same in every run: 2026-01-02T03:04:05Z.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::parse("2026-01-02T03:04:05Z").expect("it is a time")
}

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

/// Bytes that compress well, and of which any two blocks differ: they repeat after 251.
#[must_use]
pub fn pattern(len: usize) -> Vec<u8> {
    (0..=250).cycle().take(len).collect()
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
