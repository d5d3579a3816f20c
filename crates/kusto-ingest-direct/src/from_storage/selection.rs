//! What of a container is ingested, as `.list blobs` has it.

use std::fmt;

use kusto_ingest_core::{Error, ErrorKind, Result, redact_address};

use crate::quote;
use crate::redactor::Redactor;

/// What of a container is ingested. Its address may hold secrets, which are not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct BlobSelection {
    address: String,
    suffix: Option<String>,
    max_files: Option<u64>,
}

impl BlobSelection {
    /// All blobs in a container, or below a folder of it, by the address with whatever opens it for the service: a SAS, or a
    /// managed identity (`;managed_identity=system`).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for `;impersonate`, which the service cannot do when it works by itself.
    pub fn new(address: impl Into<String>) -> Result<Self> {
        let address = address.into();
        if address.ends_with(";impersonate") {
            return Err(Error::new(ErrorKind::InvalidInput, "name the container")
                .because("the service works by itself later, and cannot impersonate: give a SAS, or ;managed_identity=system"));
        }
        Ok(Self {
            address,
            suffix: None,
            max_files: None,
        })
    }

    /// Only blobs whose names end so, such as `.csv.gz`.
    #[must_use]
    pub fn with_suffix(self, suffix: impl Into<String>) -> Self {
        Self {
            suffix: Some(suffix.into()),
            ..self
        }
    }

    /// No more blobs than these.
    #[must_use]
    pub fn with_max_files(self, files: u64) -> Self {
        Self {
            max_files: Some(files),
            ..self
        }
    }

    /// `.list blobs (…)`, secrets included.
    pub(super) fn command(&self) -> Result<String> {
        let mut command = format!(".list blobs ({})", quote::secret(&self.address)?);
        if let Some(suffix) = &self.suffix {
            command.push_str(&format!(" Suffix={}", quote::text(suffix)));
        }
        if let Some(files) = self.max_files {
            command.push_str(&format!(" MaxFiles={files}"));
        }
        Ok(command)
    }

    pub(super) fn redactor(&self) -> Redactor {
        Redactor::of([self.address.as_str()])
    }
}

impl fmt::Debug for BlobSelection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlobSelection")
            .field("address", &redact_address(&self.address))
            .field("suffix", &self.suffix)
            .field("max_files", &self.max_files)
            .finish()
    }
}
