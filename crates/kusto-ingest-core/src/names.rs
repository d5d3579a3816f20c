//! Names of databases and tables: never empty, sent to Kusto exactly as given.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use crate::{Error, ErrorKind, Result, redact};

macro_rules! entity_name {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// Reads a name, refusing a blank one.
            ///
            /// # Errors
            /// [`ErrorKind::InvalidInput`] when the name is empty, only blanks, or holds a control character, and when
            /// [`redact`] would hide something of it: names are printed, logged and sent.
            pub fn parse(text: impl Into<String>) -> Result<Self> {
                let text = text.into();
                if text.trim().is_empty() {
                    return Err(Error::new(ErrorKind::InvalidInput, concat!("read the ", $what, " name"))
                        .because(concat!("a ", $what, " name must not be blank")));
                }
                if text.chars().any(char::is_control) {
                    return Err(Error::new(ErrorKind::InvalidInput, concat!("read the ", $what, " name"))
                        .because(concat!("a ", $what, " name must not hold control characters")));
                }
                if redact(&text) != text {
                    return Err(Error::new(ErrorKind::InvalidInput, concat!("read the ", $what, " name"))
                        .because(concat!("what is given as a ", $what, " name looks like a secret in the wrong place")));
                }
                Ok(Self(text))
            }

            /// The name as it is sent, neither quoted nor escaped.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = Error;
            fn try_from(text: String) -> Result<Self> {
                Self::parse(text)
            }
        }

        impl TryFrom<&str> for $name {
            type Error = Error;
            fn try_from(text: &str) -> Result<Self> {
                Self::parse(text)
            }
        }

        impl TryFrom<&Self> for $name {
            type Error = Error;
            fn try_from(name: &Self) -> Result<Self> {
                Ok(name.clone())
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    };
}

entity_name!(
    /// The name of a database.
    ///
    /// Kusto's ingestion messages carry it raw; whoever writes a command or a URL quotes it there.
    DatabaseName,
    "database"
);

entity_name!(
    /// The name of a table.
    TableName,
    "table"
);

impl DatabaseName {
    /// `NetDefaultDB`, the database that commands to a whole cluster name.
    #[must_use]
    pub fn net_default() -> Self {
        Self("NetDefaultDB".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_names_are_refused_and_others_kept_as_they_are() {
        for blank in ["", " ", "\t", "a\0b"] {
            assert_eq!(
                DatabaseName::parse(blank).unwrap_err().kind(),
                ErrorKind::InvalidInput,
                "{blank:?}"
            );
        }
        for odd in [
            "T able's",
            "a.b/c-d%20[e] 'f' \"g\"",
            "where",
            "a;b",
            "t=1",
            "数据",
        ] {
            assert_eq!(TableName::parse(odd).unwrap().as_str(), odd);
        }
    }

    #[test]
    fn a_secret_in_the_wrong_place_is_no_name() {
        for secret in ["AppKey=SECRET", "https://a/c/b?sig=SECRET", "me:SECRET@h"] {
            let error = TableName::parse(secret).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(!format!("{error} {error:?}").contains("SECRET"), "{error}");
        }
    }
}
