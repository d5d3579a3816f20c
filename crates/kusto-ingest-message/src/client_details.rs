//! Which program sends, for the service's own tracing.

/// Which program sends, for the service's own tracing. It identifies nobody and is checked by nobody.
///
/// ```
/// use kusto_ingest_message::ClientDetails;
///
/// let details = ClientDetails::new("Kusto.Rust.Ingest", "0.1.0").with_application("my app").with_part("Runtime", "a|b");
/// assert_eq!(details.version(), "Kusto.Rust.Ingest:{0.1.0}|Runtime:{a_b}");
/// assert_eq!(details.application(), Some("my app"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientDetails {
    application: Option<String>,
    version: String,
}

impl ClientDetails {
    /// A client library by name and version.
    #[must_use]
    pub fn new(library: &str, version: &str) -> Self {
        Self {
            application: None,
            version: part(library, version),
        }
    }

    /// This library, in this version.
    #[must_use]
    pub fn this_library() -> Self {
        Self::new("Kusto.Rust.Ingest", env!("CARGO_PKG_VERSION"))
    }

    /// Names the application that uses the library.
    #[must_use]
    pub fn with_application(self, name: impl Into<String>) -> Self {
        Self {
            application: Some(name.into()).filter(|name| !name.trim().is_empty()),
            ..self
        }
    }

    /// Adds another part, such as the runtime and its version.
    #[must_use]
    pub fn with_part(mut self, name: &str, value: &str) -> Self {
        self.version.push('|');
        self.version.push_str(&part(name, value));
        self
    }

    /// The application, as it goes into the message.
    #[must_use]
    #[doc(alias = "ApplicationForTracing")]
    pub fn application(&self) -> Option<&str> {
        self.application.as_deref()
    }

    /// The library and the other parts, as they go into the message.
    #[must_use]
    #[doc(alias = "ClientVersionForTracing")]
    pub fn version(&self) -> &str {
        &self.version
    }
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
    fn this_library_names_itself_and_a_blank_application_is_none() {
        let details = ClientDetails::this_library().with_application(" ");
        assert!(
            details.version().starts_with("Kusto.Rust.Ingest:{"),
            "{details:?}"
        );
        assert_eq!(details.application(), None);
    }
}
