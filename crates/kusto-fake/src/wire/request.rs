//! The body of a command or query.

use std::fmt;

use kusto_endpoint::RequestProperties;
use kusto_ingest_core::{Error, ErrorKind, Result};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// The body of a command or query.
///
/// `Debug` leaves out the text and the properties, which may hold secrets.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct RequestBody {
    /// The database; empty where the client names none.
    pub database: String,
    /// The command or query.
    pub text: String,
    /// Its options and parameters.
    pub properties: RequestProperties,
}

#[derive(Deserialize)]
struct WireRequest {
    #[serde(rename = "db", default, deserialize_with = "or_default")]
    database: String,
    #[serde(rename = "csl")]
    text: String,
    #[serde(default)]
    properties: Value,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Properties {
    #[serde(rename = "Options", alias = "options", deserialize_with = "or_default")]
    options: Map<String, Value>,
    #[serde(rename = "Parameters", alias = "parameters", deserialize_with = "or_default")]
    parameters: Map<String, Value>,
}

impl RequestBody {
    /// Reads the body of a request. Some clients write the properties as an object, some as its text.
    ///
    /// # Errors
    /// [`ErrorKind::Protocol`] when it is no such body.
    pub fn parse(body: &[u8]) -> Result<Self> {
        let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
        let written: WireRequest = serde_json::from_slice(body)
            .map_err(|error| refused("it is not JSON with a text of a command or query", &error))?;
        let said: Properties = match written.properties {
            Value::Null => Ok(Properties::default()),
            Value::String(text) if text.trim().is_empty() => Ok(Properties::default()),
            Value::String(text) => serde_json::from_str(&text),
            object => serde_json::from_value(object),
        }
        .map_err(|error| refused("its properties are no object with Options and Parameters", &error))?;
        let mut properties = RequestProperties::new();
        properties.options = said.options;
        // What the text sets counts as an option of its request.
        if written.text.trim_start().starts_with("set") {
            properties
                .options
                .extend(kusto_query::options_set_by(&written.text));
        }
        properties.parameters = said.parameters;
        Ok(Self {
            database: written.database,
            text: written.text,
            properties,
        })
    }
}

/// The parser's own words may quote the body.
fn refused(why: &'static str, error: &serde_json::Error) -> Error {
    Error::new(ErrorKind::Protocol, "read the request")
        .because(why)
        .with("line", error.line())
        .with("column", error.column())
}

impl fmt::Debug for RequestBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestBody")
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}

fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}
