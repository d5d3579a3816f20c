//! Formats, mappings and inferred schemas, through the public API.

mod delimited;
mod inference;
mod json;
mod json_properties;
mod mappings;
mod properties;
mod readme;
