#![doc = include_str!("../README.md")]

// Words.
mod scalar_type;
mod schema;
mod value;

// From bytes to rows.
mod code;
mod decode;
mod format;
mod json_path;
mod note;
mod options;
mod output;
mod plan;
mod record;

// From bytes to a schema.
mod infer;

pub use decode::{Decoded, decode, decode_each};
pub use infer::{Header, HeaderFound, Inference, Sample, infer};
pub use note::{Note, Problem};
pub use options::DecodeOptions;
pub use output::{Event, Row};
pub use scalar_type::ScalarType;
pub use schema::{Column, Schema};
pub use value::{Decimal, Value};
