//! The size of a blob that exists already.

use std::fmt::Debug;

use async_trait::async_trait;
use kusto_ingest_core::{BlobUri, Result};

use crate::container_address::is_account_key;

/// Asks how large a blob is that Kusto will read by itself, so that Kusto can plan its batches.
///
/// # Contract
/// - One request, no retry: the size helps the service, and is not worth a long wait.
/// - An address that this process cannot open with what is written in it is an error, and nothing is sent: see
///   [`is_probeable`].
/// - Implementations never put the address's secrets into errors or logs.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait BlobProbe: Debug + Send + Sync + 'static {
    /// The size of a blob.
    async fn size_of(&self, blob: &BlobUri) -> Result<BlobSize>;
}

/// How large a blob is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BlobSize {
    /// Its length in bytes.
    pub bytes: u64,
    /// The uncompressed size of its data in bytes, where its metadata says so.
    pub raw_bytes: Option<u64>,
}

impl BlobSize {
    /// The names, in lower case, under which metadata tells the uncompressed size; the first that is there counts.
    pub const METADATA: [&str; 2] = ["rawsizebytes", "kustouncompressedsizebytes"];

    /// A blob of a length.
    #[must_use]
    pub fn new(bytes: u64) -> Self {
        Self {
            bytes,
            raw_bytes: None,
        }
    }

    /// Takes the uncompressed size from a function that gives metadata by its name in lower case.
    #[must_use]
    pub fn with_metadata<'a>(self, value: impl Fn(&str) -> Option<&'a str>) -> Self {
        let raw_bytes = Self::METADATA
            .iter()
            .find_map(|name| value(name))
            .and_then(|text| text.trim().parse().ok());
        Self { raw_bytes, ..self }
    }
}

/// Whether this process can open a blob with what its address holds: a SAS, an account key, or nothing where the
/// blob is public.
///
/// It cannot where only Kusto can: by a managed identity, a token or the user's own rights. Addresses of other stores
/// (S3, OneLake, Data Lake Gen1) are not probed.
#[must_use]
pub fn is_probeable(blob: &BlobUri) -> bool {
    let address = blob.redacted();
    let Some((scheme, rest)) = address.split_once("://") else {
        return false;
    };
    let host = rest.split('/').next().unwrap_or_default().to_ascii_lowercase();
    let is_elsewhere = host.ends_with(".amazonaws.com") || host.starts_with("onelake.");
    matches!(scheme, "https" | "http") && !is_elsewhere && opens(&blob.expose()[address.len()..])
}

/// Whether what follows an address opens it for us: nothing, a SAS alone, or an account key.
fn opens(credential: &str) -> bool {
    match credential.split_once(';') {
        None => true,
        Some((before, suffix)) => before.is_empty() && is_account_key(suffix),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s02_d19_only_what_the_address_itself_opens_is_asked() {
        for (address, expect) in [
            ("https://a.blob.core.windows.net/c/b.csv", true),
            ("https://a.blob.core.windows.net/c/b.csv?sv=1&sig=S%3D", true),
            ("https://a.blob.core.windows.net/c/b.csv;QUJD==", true),
            ("http://127.0.0.1:10000/devstoreaccount1/c/b.csv;QUJD", true),
            ("https://a.dfs.core.windows.net/fs/b.csv?sig=S", true),
            (
                "https://a.blob.core.windows.net/c/b.csv;managed_identity=system",
                false,
            ),
            ("https://a.blob.core.windows.net/c/b.csv;token=eyJ0", false),
            ("https://a.blob.core.windows.net/c/b.csv;impersonate", false),
            ("https://a.dfs.core.windows.net/fs/b.csv;sharedkey=QUJD==", false),
            (
                "https://bucket.s3.eu-west-1.amazonaws.com/k?X-Amz-Signature=S",
                false,
            ),
            (
                "https://bucket.s3.eu-west-1.amazonaws.com/k;AwsCredentials=I,S",
                false,
            ),
            ("https://onelake.dfs.fabric.microsoft.com/ws/item/b.csv", false),
            ("abfss://fs@a.dfs.core.windows.net/b.csv", false),
            ("adl://a.azuredatalakestore.net/b.csv", false),
            ("file:///data/b.csv", false),
        ] {
            let blob = BlobUri::parse(address).unwrap();
            assert_eq!(is_probeable(&blob), expect, "{blob}");
        }
    }

    #[test]
    fn metadata_tells_the_uncompressed_size_in_either_word() {
        let of = |pairs: &'static [(&str, &str)]| {
            let value = |name: &str| pairs.iter().find(|pair| pair.0 == name).map(|pair| pair.1);
            BlobSize::new(10).with_metadata(value).raw_bytes
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[("kustouncompressedsizebytes", "70")]), Some(70));
        assert_eq!(
            of(&[("kustouncompressedsizebytes", "70"), ("rawsizebytes", "50")]),
            Some(50)
        );
        assert_eq!(of(&[("rawsizebytes", "many")]), None);
    }
}
