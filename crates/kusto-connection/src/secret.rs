//! A text that must not be seen: a key, a password, a token.

use std::fmt;

use zeroize::Zeroizing;

/// What stands in the place of a secret wherever something is shown.
pub(crate) const MASK: &str = "****";

/// A text that must not be seen: a key, a password, a token.
///
/// It is shown as `****`, read through [`expose`](Self::expose) only, and overwritten in memory when it is dropped.
///
/// ```
/// let secret = kusto_connection::Secret::from("swordfish");
/// assert_eq!(format!("{secret:?}"), "****");
/// assert_eq!(secret.expose(), "swordfish");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Keeps `text` from being seen.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The secret itself. Every place that reads one can be found by this name.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}
