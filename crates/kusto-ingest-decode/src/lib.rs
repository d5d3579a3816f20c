#![doc = include_str!("../README.md")]

// Words.
mod scalar_type;
mod schema;
mod value;

// From bytes to rows.
mod code;
mod decode;
mod format;
mod json;
mod options;
mod output;
mod plan;
mod record;
mod sink;
mod warning;

// From bytes to a schema.
mod infer;

pub use decode::{Decoded, decode, decode_each, decode_into};
pub use infer::{Header, HeaderDetection, Inference, Sample, infer};
pub use options::DecodeOptions;
pub use scalar_type::ScalarType;
pub use schema::{Column, Schema};
pub use sink::{DecodeEvent, Row, RowSink};
pub use value::{Decimal, DecodedValue, Dynamic, Value};
pub use warning::{Warning, WarningKind};
