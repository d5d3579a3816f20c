//! A page of a listing, as the service writes it.

use std::collections::HashMap;

use azure_core::time::parse_rfc7231;
use azure_core::xml::from_xml;
use kusto_ingest_core::{ErrorKind, Result, Timestamp};
use kusto_storage::{ListPage, ListedBlob};
use percent_encoding::percent_decode_str;
use serde::Deserialize;

use crate::call::Call;

/// Reads a page.
///
/// # Errors
/// [`ErrorKind::Protocol`] for what is none.
pub(super) fn read(call: Call<'_>, body: &[u8]) -> Result<ListPage> {
    let unreadable = || {
        call.error(ErrorKind::Protocol)
            .because("the answer is no list of blobs")
    };
    let text = std::str::from_utf8(body).map_err(|_| unreadable())?;
    // Without it, any XML would be an empty list.
    if !text.contains("<EnumerationResults") {
        return Err(unreadable());
    }
    let results: Results = from_xml(text.trim_start_matches('\u{FEFF}')).map_err(|_| unreadable())?;
    let blobs = results.blobs.list.into_iter().filter(|blob| !blob.is_folder());
    let next = results.next.filter(|marker| !marker.is_empty());
    Ok(ListPage::new(blobs.map(Blob::listed).collect(), next))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Results {
    #[serde(default)]
    blobs: Blobs,
    #[serde(rename = "NextMarker")]
    next: Option<String>,
}

#[derive(Default, Deserialize)]
struct Blobs {
    #[serde(rename = "Blob", default)]
    list: Vec<Blob>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Blob {
    name: Name,
    #[serde(default)]
    properties: Properties,
    #[serde(default)]
    metadata: Option<HashMap<String, String>>,
}

/// A name that XML cannot have is percent-encoded, and says so.
#[derive(Deserialize)]
struct Name {
    #[serde(rename = "@Encoded")]
    encoded: Option<String>,
    #[serde(rename = "$text", default)]
    text: String,
}

#[derive(Default, Deserialize)]
struct Properties {
    #[serde(rename = "Content-Length")]
    length: Option<u64>,
    #[serde(rename = "Last-Modified")]
    modified: Option<String>,
    #[serde(rename = "ResourceType")]
    resource_type: Option<String>,
}

impl Blob {
    /// The folders of hierarchical accounts are listed as blobs without data.
    fn is_folder(&self) -> bool {
        let is_marked = |pair: (&String, &String)| {
            pair.0.eq_ignore_ascii_case("hdi_isfolder") && pair.1.eq_ignore_ascii_case("true")
        };
        self.properties.resource_type.as_deref() == Some("directory")
            || self.metadata.iter().flatten().any(is_marked)
    }

    fn listed(self) -> ListedBlob {
        let modified = self.properties.modified.as_deref();
        let modified = modified.and_then(|text| parse_rfc7231(text).ok());
        let metadata = self.metadata.unwrap_or_default();
        let value = |wanted: &str| {
            let mut found = metadata.iter().filter(|pair| pair.0.eq_ignore_ascii_case(wanted));
            found.next().map(|pair| pair.1.as_str())
        };
        ListedBlob::new(self.name.read(), self.properties.length.unwrap_or_default())
            .with_last_modified(modified.map(Timestamp::from_datetime))
            .with_metadata(value)
    }
}

impl Name {
    fn read(self) -> String {
        match self.encoded.as_deref() {
            Some("true") => percent_decode_str(&self.text).decode_utf8_lossy().into_owned(),
            _ => self.text,
        }
    }
}
