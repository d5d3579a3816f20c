//! The readers of the formats: from bytes to records.

#[cfg(feature = "parquet")]
pub(crate) mod arrow;
#[cfg(feature = "avro")]
pub(crate) mod avro;
pub(crate) mod delimited;
pub(crate) mod json;
pub(crate) mod json_values;
pub(crate) mod lines;
#[cfg(feature = "orc")]
pub(crate) mod orc;
#[cfg(feature = "parquet")]
pub(crate) mod parquet;
pub(crate) mod w3c;

mod encoding;

pub(crate) use delimited::{Delimited, Dialect};
pub(crate) use encoding::open;
pub(crate) use lines::Lines;
