//! A command or query as it is sent: address, headers, body and the time it may take.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use kusto_ingest_core::{DatabaseName, Error, ErrorKind, Idempotency, Result, Timespan};
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::header::{self, Header};
use crate::{ClientHeaders, RequestProperties};

/// The version of the protocol.
pub(crate) const VERSION: &str = "2024-12-12";
const SERVER_TIMEOUT: &str = "servertimeout";
const NO_TIMEOUT: &str = "norequesttimeout";
/// How much longer the client waits than the service works, so that the service's own word arrives.
const GRACE: Duration = Duration::from_secs(30);
/// How long the rows of a query may be on their way.
const LONGEST_ANSWER: Duration = Duration::from_secs(60 * 60);
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// What kind of request it is, which decides its address, its default limit and the shape of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequestKind {
    /// A management command, answered as V1.
    Management,
    /// A query, answered as V2.
    Query,
    /// A query, answered as V1.
    QueryV1,
}

impl RequestKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Management, Self::Query, Self::QueryV1];

    /// The path below the endpoint's address.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Management => "/v1/rest/mgmt",
            Self::Query => "/v2/rest/query",
            Self::QueryV1 => "/v1/rest/query",
        }
    }

    /// How long the service may work by default.
    #[must_use]
    pub const fn default_server_timeout(self) -> Duration {
        match self {
            Self::Management => Duration::from_secs(10 * 60),
            Self::Query | Self::QueryV1 => Duration::from_secs(4 * 60),
        }
    }

    /// What is attempted by it: a fragment that completes "failed to …".
    #[must_use]
    pub const fn operation(self) -> &'static str {
        match self {
            Self::Management => "run the command",
            Self::Query | Self::QueryV1 => "run the query",
        }
    }
}

/// The kind, in words.
impl fmt::Display for RequestKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Management => "management command",
            Self::Query => "query",
            Self::QueryV1 => "query (v1)",
        })
    }
}

/// A command or query as it is sent. To be posted to [`path`](Self::path) below an endpoint's address.
///
/// `Debug` leaves out the text, which may hold secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct EndpointRequest {
    kind: RequestKind,
    client_request_id: String,
    headers: Vec<Header>,
    text: String,
    body: String,
    time_limit: Duration,
    overall_limit: Duration,
}

impl EndpointRequest {
    /// A request with a name of its own for the service's logs, where the properties give none.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the text is blank.
    pub fn new(
        kind: RequestKind,
        database: &DatabaseName,
        text: &str,
        properties: &RequestProperties,
        details: &ClientHeaders,
    ) -> Result<Self> {
        // What follows such a bar is data, in which blanks count.
        let text = match text.contains("<|") {
            true => text.trim_start(),
            false => text.trim(),
        };
        if text.is_empty() {
            return Err(Error::new(ErrorKind::InvalidInput, kind.operation()).because("its text is blank"));
        }
        let client_request_id = properties
            .client_request_id
            .as_deref()
            .and_then(header::value)
            .unwrap_or_else(|| format!("KRC.execute;{}", Uuid::new_v4()));
        let (options, server_timeout) = options(kind, properties);
        let mut headers = vec![
            (header::ACCEPT, Cow::Borrowed("application/json")),
            (header::CONTENT_TYPE, "application/json; charset=utf-8".into()),
            (header::VERSION, VERSION.into()),
            (header::CLIENT_REQUEST_ID, client_request_id.clone().into()),
        ];
        headers.extend(details.headers(properties.application.as_deref(), properties.user.as_deref()));
        // The one place where the client's timeout is derived from the service's.
        let time_limit = properties.client_timeout.unwrap_or(server_timeout + GRACE);
        let overall_limit = match (kind, properties.client_timeout) {
            (RequestKind::Query | RequestKind::QueryV1, None) => time_limit + LONGEST_ANSWER,
            _ => time_limit,
        };
        let body = RequestBody {
            db: database.as_str(),
            csl: text,
            properties: BodyProperties {
                options: &options,
                parameters: &properties.parameters,
            },
        };
        Ok(Self {
            kind,
            client_request_id,
            headers,
            body: body.to_json()?,
            text: text.to_owned(),
            time_limit,
            overall_limit,
        })
    }

    /// What kind of request it is.
    #[must_use]
    pub fn kind(&self) -> RequestKind {
        self.kind
    }

    /// The path below the endpoint's address.
    #[must_use]
    pub fn path(&self) -> &'static str {
        self.kind.path()
    }

    /// Its headers, without those of the sign-in.
    #[must_use]
    pub fn headers(&self) -> &[Header] {
        &self.headers
    }

    /// Its body, which may hold secrets.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }

    /// Its name in the service's logs.
    #[must_use]
    pub fn client_request_id(&self) -> &str {
        &self.client_request_id
    }

    /// How long the client waits for the answer to begin, and then for more of it: longer than the service may work.
    #[must_use]
    pub fn time_limit(&self) -> Duration {
        self.time_limit
    }

    /// How long the client waits for the end of the answer. For a query that is an hour more, unless the properties
    /// limit the client: its rows can take longer to arrive than they took to find.
    #[must_use]
    pub fn overall_limit(&self) -> Duration {
        self.overall_limit
    }

    /// Whether it is idempotent: queries are, and so are commands that show or get something.
    #[must_use]
    pub fn idempotency(&self) -> Idempotency {
        let shows = || [".show ", ".get "].iter().any(|verb| self.text.starts_with(verb));
        match self.kind {
            RequestKind::Management if !shows() => Idempotency::NonIdempotent,
            RequestKind::Management | RequestKind::Query | RequestKind::QueryV1 => Idempotency::Idempotent,
        }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

/// The options that are sent, and how long the service may work.
fn options(kind: RequestKind, properties: &RequestProperties) -> (Map<String, Value>, Duration) {
    let mut options = properties.options.clone();
    if options.get(NO_TIMEOUT) == Some(&Value::Bool(true)) {
        options.remove(SERVER_TIMEOUT);
        return (options, LONGEST);
    }
    let as_option = || written_limit(options.get(SERVER_TIMEOUT)?.as_str()?);
    let asked = properties.server_timeout.or_else(as_option);
    let timeout = asked
        .unwrap_or(kind.default_server_timeout())
        .clamp(SHORTEST, LONGEST);
    let written = Timespan::saturating_from(timeout).to_string();
    options.insert(SERVER_TIMEOUT.to_owned(), written.into());
    (options, timeout)
}

/// A time limit as the option writes it, `[d.]hh:mm:ss[.fffffff]`; other spellings, and negative ones, are none.
fn written_limit(text: &str) -> Option<Duration> {
    let text = text.trim();
    let is_clock = text.split(':').count() == 3 && !text.starts_with('-');
    Timespan::parse(text).filter(|_| is_clock)?.to_duration()
}

impl fmt::Debug for EndpointRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndpointRequest")
            .field("kind", &self.kind)
            .field("client_request_id", &self.client_request_id)
            .field("time_limit", &self.time_limit)
            .finish_non_exhaustive()
    }
}

/// The body of a request as it is sent. It may hold secrets, so there is no `Debug`.
#[derive(Serialize)]
struct RequestBody<'a> {
    db: &'a str,
    csl: &'a str,
    #[serde(skip_serializing_if = "BodyProperties::is_empty")]
    properties: BodyProperties<'a>,
}

/// What the body of a request says beside the text.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct BodyProperties<'a> {
    #[serde(skip_serializing_if = "Map::is_empty")]
    options: &'a Map<String, Value>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    parameters: &'a Map<String, Value>,
}

impl BodyProperties<'_> {
    fn is_empty(&self) -> bool {
        self.options.is_empty() && self.parameters.is_empty()
    }
}

impl RequestBody<'_> {
    fn to_json(&self) -> Result<String> {
        serde_json::to_string(self)
            .map_err(|_| Error::new(ErrorKind::InvalidInput, "write the request").because("it is not JSON"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_read_as_the_service_writes_it() {
        assert_eq!(written_limit(" 00:00:01.5 "), Some(Duration::from_millis(1_500)));
        assert_eq!(written_limit("1.00:00:05"), Some(Duration::from_secs(86_405)));
        for text in [
            "",
            "10",
            "10m",
            "00:10",
            "-00:00:01",
            "-00:00:00",
            "00:60:00",
            "a:b:c",
            "00:00:00.12345678",
            "1:2:3:4",
        ] {
            assert_eq!(written_limit(text), None, "{text}");
        }
    }
}
