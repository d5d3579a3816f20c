//! Who asks: what the service's logs say about the program behind a request.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::header::{self, Header};

/// What stands for a detail that is not known.
const UNKNOWN: &str = "[none]";

/// Who asks, for the service's logs: the program, its user and the version of this library.
///
/// They are kept as headers carry them, so that this is done once and not for every request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientDetails {
    application: Cow<'static, str>,
    user: Cow<'static, str>,
    version: Cow<'static, str>,
}

impl Default for ClientDetails {
    fn default() -> Self {
        Self::of_version(Cow::Borrowed(concat!(
            "Kusto.Rust.Ingest:",
            env!("CARGO_PKG_VERSION"),
            "|Runtime.Rust:",
            env!("CARGO_PKG_RUST_VERSION")
        )))
    }
}

impl ClientDetails {
    /// Details of a library's version, `Name:{version}|…`, without application and user.
    pub fn new(version: impl Into<String>) -> Self {
        Self::of_version(known(&version.into()))
    }

    const fn of_version(version: Cow<'static, str>) -> Self {
        Self {
            application: Cow::Borrowed(UNKNOWN),
            user: Cow::Borrowed(UNKNOWN),
            version,
        }
    }

    /// Details of a connector: a product between the user's application and this library. Further fields with
    /// an empty name or value are left out; without an application's version it says so.
    #[must_use]
    pub fn of_connector(
        (name, version): (&str, &str),
        (application, application_version): (&str, Option<&str>),
        fields: &[(&str, &str)],
    ) -> Self {
        let application_version = application_version
            .filter(|text| !text.is_empty())
            .unwrap_or(UNKNOWN);
        let mut text = format!(
            "Kusto.{name}:{}|App.{}:{}",
            escaped(version),
            escaped(application),
            escaped(application_version)
        );
        for (key, value) in fields
            .iter()
            .filter(|(key, value)| !key.is_empty() && !value.is_empty())
        {
            // Writing into a string cannot fail.
            let _ok = write!(text, "|{key}:{}", escaped(value));
        }
        Self::new(text)
    }

    /// Names the application.
    #[must_use]
    pub fn with_application(self, name: impl Into<String>) -> Self {
        Self {
            application: known(&name.into()),
            ..self
        }
    }

    /// Names the user. It is logged by the service.
    #[must_use]
    pub fn with_user(self, name: impl Into<String>) -> Self {
        Self {
            user: known(&name.into()),
            ..self
        }
    }

    /// The headers that carry the details; what is said about the one request wins.
    pub(crate) fn headers(&self, application: Option<&str>, user: Option<&str>) -> [Header; 3] {
        let told = |said: Option<&str>, known: &Cow<'static, str>| {
            let said = said.and_then(header::value).map(Cow::Owned);
            said.unwrap_or_else(|| known.clone())
        };
        [
            (header::APPLICATION, told(application, &self.application)),
            (header::USER, told(user, &self.user)),
            (header::CLIENT_VERSION, self.version.clone()),
        ]
    }
}

/// A detail as a header carries it, or the word for none.
fn known(text: &str) -> Cow<'static, str> {
    header::value(text).map_or(Cow::Borrowed(UNKNOWN), Cow::Owned)
}

/// A value between braces, in which every run of blanks, braces and bars is one `_`.
fn escaped(text: &str) -> String {
    let mut escaped = String::from("{");
    let mut in_run = false;
    for letter in text.chars() {
        let breaks = letter.is_whitespace() || "{}|".contains(letter);
        if !breaks {
            escaped.push(letter);
        } else if !in_run {
            escaped.push('_');
        }
        in_run = breaks;
    }
    escaped.push('}');
    escaped
}
