//! The identity of one source, the same in the message, the blob's name, the status row and every report.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Error, ErrorKind, Result};

/// The identity of one source.
///
/// Any GUID but the nil one serves; [`SourceId::random`] makes a version 4 GUID. Kusto reports it as
/// `IngestionSourceId`.
#[doc(alias = "sourceId")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Uuid", into = "Uuid")]
pub struct SourceId(Uuid);

impl SourceId {
    /// A new random identity.
    #[must_use]
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }

    /// Takes a GUID as identity.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for the nil GUID, which Kusto reads as "no source".
    pub fn from_uuid(id: Uuid) -> Result<Self> {
        if id.is_nil() {
            return Err(Error::new(ErrorKind::InvalidInput, "read the source id")
                .because("the nil GUID names no source"));
        }
        Ok(Self(id))
    }

    /// The GUID itself.
    #[must_use]
    pub fn as_uuid(self) -> Uuid {
        self.0
    }
}

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

impl FromStr for SourceId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let id = Uuid::parse_str(text).map_err(|_| {
            Error::new(ErrorKind::InvalidInput, "read the source id").because("it is not a GUID")
        })?;
        Self::from_uuid(id)
    }
}

impl TryFrom<Uuid> for SourceId {
    type Error = Error;

    fn try_from(id: Uuid) -> Result<Self> {
        Self::from_uuid(id)
    }
}

impl From<SourceId> for Uuid {
    fn from(id: SourceId) -> Self {
        id.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nil_guid_is_no_identity() {
        assert!(SourceId::from_uuid(Uuid::nil()).is_err());
        assert!(SourceId::from_str("not a guid").is_err());
        let id = SourceId::random();
        assert_eq!(id.to_string().parse::<SourceId>().unwrap(), id);
    }
}
