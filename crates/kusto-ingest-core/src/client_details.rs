//! The client: the program, its user and the versions, as requests and messages tell them to the service's logs.

use std::fmt::Write as _;

/// What stands for a detail that is not known.
const UNKNOWN: &str = "[none]";

/// The client, for the service's own logs: one value, from which the headers of requests and the fields of messages are
/// both written. The service does not check it.
///
/// ```
/// use kusto_ingest_core::ClientDetails;
///
/// let details = ClientDetails::this_library().with_part("Runtime.Rust", "1.95.0").with_application("loader");
/// assert!(details.version().starts_with("Kusto.Rust.Ingest:{"));
/// assert!(details.version().ends_with("|Runtime.Rust:{1.95.0}"));
/// assert_eq!(details.application(), Some("loader"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientDetails {
    application: Option<String>,
    user: Option<String>,
    version: String,
}

impl Default for ClientDetails {
    fn default() -> Self {
        Self::this_library()
    }
}

impl ClientDetails {
    /// A client library by name and version, without application and user.
    #[must_use]
    pub fn new(library: &str, version: &str) -> Self {
        Self {
            application: None,
            user: None,
            version: part(library, version),
        }
    }

    /// This library, in this version.
    #[must_use]
    pub fn this_library() -> Self {
        Self::new("Kusto.Rust.Ingest", env!("CARGO_PKG_VERSION"))
    }

    /// A connector: a product between the user's application and this library. Further fields with an empty name or value
    /// are left out; without an application's version it says so.
    #[must_use]
    pub fn of_connector(
        (name, version): (&str, &str),
        (application, application_version): (&str, Option<&str>),
        fields: &[(&str, &str)],
    ) -> Self {
        let application_version = application_version.filter(|text| !text.is_empty());
        let mut details = Self::new(&format!("Kusto.{name}"), version);
        // Writing into a string cannot fail.
        let _ok = write!(
            details.version,
            "|App.{{{}}}:{{{}}}",
            plain(application),
            plain(application_version.unwrap_or(UNKNOWN))
        );
        let said = fields
            .iter()
            .filter(|(key, value)| !key.is_empty() && !value.is_empty());
        said.fold(details, |details, (key, value)| details.with_part(key, value))
    }

    /// Names the application that uses the library. A blank name is none.
    #[must_use]
    pub fn with_application(self, name: impl Into<String>) -> Self {
        Self {
            application: some(name.into()),
            ..self
        }
    }

    /// Names the user. The service logs it. A blank name is none.
    #[must_use]
    pub fn with_user(self, name: impl Into<String>) -> Self {
        Self {
            user: some(name.into()),
            ..self
        }
    }

    /// Adds another part to the version, such as the runtime and its version.
    #[must_use]
    pub fn with_part(mut self, name: &str, value: &str) -> Self {
        self.version.push('|');
        self.version.push_str(&part(name, value));
        self
    }

    /// Adds to the version as it is: what a program says in the service's own spelling.
    #[must_use]
    pub fn with_version_suffix(mut self, text: &str) -> Self {
        if !text.trim().is_empty() {
            self.version.push('|');
            self.version.push_str(text.trim());
        }
        self
    }

    /// The application.
    #[must_use]
    #[doc(alias = "ApplicationForTracing")]
    pub fn application(&self) -> Option<&str> {
        self.application.as_deref()
    }

    /// The user.
    #[must_use]
    #[doc(alias = "UserNameForTracing")]
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// The library and the other parts: `Name:{value}|…`.
    #[must_use]
    #[doc(alias = "ClientVersionForTracing")]
    pub fn version(&self) -> &str {
        &self.version
    }
}

fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.trim().is_empty())
}

fn part(name: &str, value: &str) -> String {
    format!("{}:{{{}}}", plain(name), plain(value))
}

/// Every run of characters that have a meaning between parts becomes one `_`.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_run = false;
    for letter in text.chars() {
        let special = letter.is_whitespace() || matches!(letter, '{' | '}' | '|');
        match (special, in_run) {
            (false, _) => out.push(letter),
            (true, false) => out.push('_'),
            (true, true) => {}
        }
        in_run = special;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_with_a_meaning_between_parts_become_one_underscore_a_run() {
        for (value, expect) in [("1.0", "K:{1.0}"), ("a \r\n{b}|c", "K:{a_b_c}"), ("", "K:{}")] {
            assert_eq!(ClientDetails::new("K", value).version(), expect, "{value:?}");
        }
    }

    #[test]
    fn a_connector_names_itself_its_application_and_more() {
        let fields = [("myField", "myValue"), ("empty", ""), ("", "nameless")];
        let details = ClientDetails::of_connector(("myConnector", "1"), ("myApp", None), &fields);
        assert_eq!(
            details.version(),
            "Kusto.myConnector:{1}|App.{myApp}:{[none]}|myField:{myValue}"
        );
    }

    #[test]
    fn this_library_names_itself_and_a_blank_name_is_none() {
        let details = ClientDetails::this_library().with_application(" ").with_user("");
        assert!(
            details.version().starts_with("Kusto.Rust.Ingest:{"),
            "{details:?}"
        );
        assert_eq!((details.application(), details.user()), (None, None));
        let more = details.with_version_suffix(" ").with_version_suffix("Mine:{1}");
        assert!(more.version().ends_with("}|Mine:{1}"), "{more:?}");
    }
}
