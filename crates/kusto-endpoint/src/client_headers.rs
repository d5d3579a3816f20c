//! The client details, as headers.

use std::borrow::Cow;

use kusto_ingest_core::ClientDetails;

use crate::header::{self, Header};

/// What stands for a detail that is not known.
const UNKNOWN: &str = "[none]";

/// The client details, as headers that are written once for all requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientHeaders {
    application: Cow<'static, str>,
    user: Cow<'static, str>,
    version: Cow<'static, str>,
}

impl Default for ClientHeaders {
    fn default() -> Self {
        Self::from(&ClientDetails::default())
    }
}

impl From<&ClientDetails> for ClientHeaders {
    fn from(details: &ClientDetails) -> Self {
        Self {
            application: known(details.application()),
            user: known(details.user()),
            version: known(Some(details.version())),
        }
    }
}

impl From<ClientDetails> for ClientHeaders {
    fn from(details: ClientDetails) -> Self {
        Self::from(&details)
    }
}

impl ClientHeaders {
    /// The headers; what is said about the one request wins.
    pub(crate) fn headers(&self, application: Option<&str>, user: Option<&str>) -> [Header; 3] {
        let told = |said: Option<&str>, known: &Cow<'static, str>| {
            let said = said.and_then(header::value).map(Cow::Owned);
            said.unwrap_or_else(|| known.clone())
        };
        [
            (header::APPLICATION, told(application, &self.application)),
            (header::USER, told(user, &self.user)),
            (header::CLIENT_VERSION, self.version.clone()),
        ]
    }
}

/// A detail as a header carries it, or the word for none.
fn known(text: Option<&str>) -> Cow<'static, str> {
    let value = text.and_then(header::value);
    value.map_or(Cow::Borrowed(UNKNOWN), Cow::Owned)
}
