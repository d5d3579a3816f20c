#![doc = include_str!("../README.md")]
#![expect(
    clippy::mutable_key_type,
    reason = "a text that is worked out late does not change what a value is"
)]

// Words.
mod catalog;
mod error;
mod hidden;
mod limits;
mod value;

// From a text to its syntax.
mod lexer;
mod parser;
mod syntax;

// From syntax to a plan.
mod aggregates;
mod bind;
mod functions;
mod plan;

// From a plan to rows.
mod env;
mod eval;
mod frame;
mod parse_text;
mod render;

// All of it.
mod query;
mod result;

pub use catalog::{MemoryTable, StoredFunction, TableData, Tables};
pub use hidden::HiddenColumn;
pub use limits::QueryLimits;
pub use query::{QueryOptions, options_set_by, query, query_over};
pub use result::QueryResult;
pub use value::{Decimal, Dynamic, Value};
