//! Who asks: what the service's logs say about the program behind a request.

use std::fmt::Write as _;

use crate::header;

/// What stands for a detail that is not known.
const UNKNOWN: &str = "[none]";

/// Who asks, for the service's logs: the program, its user and the version of this library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientDetails {
    application: Option<String>,
    user: Option<String>,
    version: String,
}

impl Default for ClientDetails {
    fn default() -> Self {
        Self::new(concat!(
            "Kusto.Rust.Ingest:",
            env!("CARGO_PKG_VERSION"),
            "|Runtime.Rust:",
            env!("CARGO_PKG_RUST_VERSION")
        ))
    }
}

impl ClientDetails {
    /// Details of a library's version, `Name:{version}|…`, without application and user.
    pub fn new(version: impl Into<String>) -> Self {
        Self {
            application: None,
            user: None,
            version: version.into(),
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
            application: Some(name.into()),
            ..self
        }
    }

    /// Names the user. It is logged by the service.
    #[must_use]
    pub fn with_user(self, name: impl Into<String>) -> Self {
        Self {
            user: Some(name.into()),
            ..self
        }
    }

    /// The headers that carry the details; what is said about the one request wins.
    pub(crate) fn headers(
        &self,
        application: Option<&str>,
        user: Option<&str>,
    ) -> [(&'static str, String); 3] {
        let text = |said: Option<&str>, else_said: Option<&str>| {
            let known = said
                .and_then(header::value)
                .or_else(|| else_said.and_then(header::value));
            known.unwrap_or_else(|| UNKNOWN.to_owned())
        };
        [
            (
                header::APPLICATION,
                text(application, self.application.as_deref()),
            ),
            (header::USER, text(user, self.user.as_deref())),
            (header::CLIENT_VERSION, text(None, Some(&self.version))),
        ]
    }
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
