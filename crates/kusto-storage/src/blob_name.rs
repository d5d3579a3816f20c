//! The name of a blob within its container.

use std::fmt;

use kusto_ingest_core::{Error, ErrorKind, Result};

/// The name of a blob within its container: 1 to 1,024 characters, without control characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobName(String);

impl BlobName {
    /// The longest name that the service takes, in characters.
    pub const MAX_LENGTH: usize = 1_024;

    /// Reads a name.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when it is empty, too long, or holds a control character.
    pub fn parse(name: impl Into<String>) -> Result<Self> {
        let name = name.into();
        let refuse =
            |why: &'static str| Err(Error::new(ErrorKind::InvalidInput, "read the blob name").because(why));
        match name.chars().count() {
            0 => refuse("it is empty"),
            count if count > Self::MAX_LENGTH => refuse("it is longer than 1,024 characters"),
            _ if name.chars().any(char::is_control) => refuse("it holds a control character"),
            _ => Ok(Self(name)),
        }
    }

    /// The name, not percent-encoded.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BlobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_the_service_would_refuse_is_refused_here_and_the_error_says_why() {
        let long = "ä".repeat(BlobName::MAX_LENGTH);
        assert_eq!(BlobName::parse(&*long).unwrap().as_str(), long);
        for (name, why) in [
            ("", "empty"),
            (&*format!("{long}ä"), "longer than 1,024 characters"),
            ("a\nb", "control character"),
        ] {
            let error = BlobName::parse(name).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains(why), "{error}");
        }
    }
}
