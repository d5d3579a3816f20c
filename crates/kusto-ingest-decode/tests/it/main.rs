//! Formats, mappings and inferred schemas, through the public API.

#[cfg(feature = "avro")]
mod avro;
#[cfg(feature = "avro")]
mod avro_damaged;
#[cfg(feature = "avro")]
mod avro_hostile;
#[cfg(any(feature = "avro", feature = "orc", feature = "parquet"))]
mod damage;
mod delimited;
#[cfg(any(feature = "avro", feature = "orc", feature = "parquet"))]
mod handmade;
mod inference;
mod json;
mod json_properties;
mod mappings;
#[cfg(feature = "orc")]
mod orc;
#[cfg(feature = "orc")]
mod orc_hostile;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(feature = "parquet")]
mod parquet_damaged;
#[cfg(feature = "parquet")]
mod parquet_hostile;
mod properties;
#[cfg(all(feature = "avro", feature = "orc", feature = "parquet"))]
mod readme;
