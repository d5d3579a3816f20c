//! The body of a command or query, as an endpoint receives it.

use std::fmt;

use kusto_ingest_core::{Error, ErrorKind, Result};
use serde::{Deserialize, Deserializer};

/// The body of a command or query, as an endpoint receives it.
///
/// `Debug` leaves out the text, which may hold secrets.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct RequestBody {
    /// The database; empty where the client names none.
    #[serde(rename = "db", default, deserialize_with = "text_or_null")]
    pub database: String,
    /// The command or query.
    #[serde(rename = "csl")]
    pub text: String,
}

impl RequestBody {
    /// Reads the body of a request from any client. Options and parameters are passed over.
    ///
    /// # Errors
    /// [`ErrorKind::Protocol`] when it is no such body.
    pub fn parse(body: &[u8]) -> Result<Self> {
        serde_json::from_slice(body).map_err(|error| {
            // The parser's own words may quote the body.
            Error::new(ErrorKind::Protocol, "read the request")
                .because("it is not JSON with a text of a command or query")
                .with("line", error.line())
                .with("column", error.column())
        })
    }
}

impl fmt::Debug for RequestBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestBody")
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}

fn text_or_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Option::<String>::deserialize(deserializer).map(Option::unwrap_or_default)
}
