//! The token by which the service knows who queued a message.

use std::fmt;
use std::sync::Arc;

use kusto_ingest_core::{Error, ErrorKind, Result};

/// The token by which the service knows who queued a message: it answers `.get kusto identity token` with it and
/// wants it back, verbatim, in every message.
///
/// It is a secret: `Debug` and `Display` do not show it, [`expose`](Self::expose) does.
#[doc(alias = "AuthorizationContext")]
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct IdentityToken(Arc<str>);

impl IdentityToken {
    /// Takes a token as the service gave it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when it is blank: the service refuses a message with such a token.
    pub fn parse(text: impl Into<String>) -> Result<Self> {
        let text = text.into();
        if text.trim().is_empty() {
            return Err(Error::new(ErrorKind::InvalidInput, "read the identity token").because("it is blank"));
        }
        Ok(Self(text.into()))
    }

    /// The token itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for IdentityToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdentityToken(***)")
    }
}

impl fmt::Display for IdentityToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s02_c78_a_blank_token_is_none() {
        for blank in ["", " ", "\r\n"] {
            assert_eq!(
                IdentityToken::parse(blank).unwrap_err().kind(),
                ErrorKind::InvalidInput
            );
        }
    }

    #[test]
    fn a_token_is_kept_letter_by_letter_and_shown_nowhere() {
        let token = IdentityToken::parse(" SECRET== ").unwrap();
        assert_eq!(token.expose(), " SECRET== ");
        assert!(!format!("{token} {token:?}").contains("SECRET"));
    }
}
