//! Texts of the service without the secrets of addresses: a service repeats commands, and the addresses in them.

use kusto_endpoint::ServiceError;
use kusto_ingest_core::{Error, KnownSecrets};

use crate::locator::Locator;

/// The secrets of some addresses, to be taken out of texts and errors.
#[derive(Default)]
pub(crate) struct Redactor(KnownSecrets);

impl Redactor {
    /// Knows the secrets of these addresses.
    pub(crate) fn of<'a>(addresses: impl IntoIterator<Item = &'a str>) -> Self {
        let secrets = addresses
            .into_iter()
            .flat_map(|address| Locator::of(address).secrets());
        Self(KnownSecrets::of(secrets))
    }

    /// A text of the service's, in one line and without secrets: these, and whatever looks like one.
    pub(crate) fn text(&self, text: &str) -> String {
        ServiceError::from_text(&self.0.redact(text))
            .message
            .unwrap_or_default()
    }

    /// An error without these secrets; as it is when it holds none.
    pub(crate) fn error(&self, error: Error) -> Error {
        self.0.redact_error(error)
    }
}
