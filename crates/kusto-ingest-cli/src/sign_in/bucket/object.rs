//! An object of a bucket, as Kusto reads it, or this process does.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures::TryStreamExt as _;
use http::Method;
use kusto_ingest::external::url::Url;
use kusto_ingest::sources::{BlobUri, LocalSource, Payload, PayloadReader};
use kusto_ingest::{Error, ErrorKind, Result};
use object_store::aws::AmazonS3;
use object_store::path::Path;
use object_store::signer::Signer as _;
use object_store::{GetOptions, GetRange, ObjectMeta};

use super::super::listed::Listed;
use super::Bucket;
use super::failure::failed;
use crate::args::BucketAddress;

/// How long Kusto may take until it reads an object by its signed address.
const VALID: Duration = Duration::from_secs(24 * 60 * 60);

/// Who reads objects, and what opens them.
pub(super) enum Access {
    /// Kusto, in this region, by a key behind the address or by nothing.
    Key(String, String),
    /// Kusto, by an address that is signed for each object.
    Signed(Arc<AmazonS3>),
    /// This process: Kusto does not read this store.
    Here,
}

impl Access {
    /// What an object is for Kusto.
    pub(super) async fn listed(
        &self,
        store: &Arc<dyn Bucket>,
        address: &BucketAddress,
        object: &ObjectMeta,
    ) -> Listed {
        let key = object.location.as_ref();
        let shown = || {
            format!(
                "{}{}",
                BucketAddress {
                    prefix: String::new(),
                    ..address.clone()
                },
                key
            )
        };
        let uri = match self {
            Self::Here => return Listed::Here(source(store, object), shown()),
            Self::Key(region, ending) => match s3_object(&address.bucket, region, key) {
                Some(object) => BlobUri::parse(format!("{object}{ending}")),
                None => Err(Error::new(ErrorKind::InvalidInput, "make the object's address")),
            },
            Self::Signed(store) => signed(store, &object.location).await,
        };
        uri.map_or_else(|error| Listed::Odd(shown(), error), Listed::Blob)
    }
}

async fn signed(store: &AmazonS3, key: &Path) -> Result<BlobUri> {
    let signed = store.signed_url(Method::GET, key, VALID).await;
    BlobUri::from_url(signed.map_err(|error| failed("sign the object's address", &error))?)
}

/// The object, read from where an upload begins or begins again, as long as it is the one that was listed.
fn source(store: &Arc<dyn Bucket>, object: &ObjectMeta) -> LocalSource {
    let (store, key, e_tag) = (store.clone(), object.location.clone(), object.e_tag.clone());
    let payload = Payload::replayable(Some(object.size), move |offset| {
        let (store, key, e_tag) = (store.clone(), key.clone(), e_tag.clone());
        async move {
            let options = GetOptions {
                if_match: e_tag,
                range: (offset > 0).then_some(GetRange::Offset(offset)),
                ..GetOptions::default()
            };
            let unread = |error| failed("read the object", &error).with("object", &key);
            let got = store
                .get_opts(&key, options)
                .await
                .map_err(unread)
                .map_err(io::Error::other)?;
            let bytes = got
                .into_stream()
                .map_err(|error| io::Error::other(failed("read the object", &error)));
            Ok(Box::pin(bytes.into_async_read()) as PayloadReader)
        }
    });
    let source = LocalSource::new(payload);
    match object.location.filename() {
        Some(name) => source.with_name(name),
        None => source,
    }
}

/// The address at which S3 serves an object, without what opens it.
fn s3_object(bucket: &str, region: &str, key: &str) -> Option<String> {
    let mut url = Url::parse(&format!("https://{bucket}.s3.{region}.amazonaws.com")).ok()?;
    url.path_segments_mut().ok()?.clear().extend(key.split('/'));
    // Both end a name where Kusto reads an address, and stay as they are in a URL.
    let (host, path) = url.as_str().split_at(url.as_str().len() - url.path().len());
    Some(format!("{host}{}", path.replace('*', "%2A").replace(';', "%3B")))
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;
    use kusto_ingest::transport::{HyperTransport, TransportOptions};
    use object_store::aws::AmazonS3Builder;

    use super::super::http::Connector;
    use super::*;

    #[test]
    fn a_signed_address_opens_one_object_for_a_day_and_hides_its_signature() {
        let transport = HyperTransport::new(TransportOptions::new()).unwrap();
        let store = AmazonS3Builder::new()
            .with_bucket_name("b")
            .with_region("eu-west-1")
            .with_access_key_id("ID")
            .with_secret_access_key("S3CRET")
            .with_virtual_hosted_style_request(true)
            .with_http_connector(Connector::new(transport))
            .build()
            .unwrap();
        let uri = block_on(signed(&store, &Path::from("2026/a.csv"))).unwrap();
        assert_eq!(uri.redacted(), "https://b.s3.eu-west-1.amazonaws.com/2026/a.csv");
        let query = uri.expose().split_once('?').unwrap().1;
        assert!(
            query.contains("X-Amz-Expires=86400") && query.contains("X-Amz-Signature="),
            "{query}"
        );
        assert!(!uri.expose().contains("S3CRET"));
    }

    #[test]
    fn the_address_of_an_object_ends_where_its_name_does() {
        let object = s3_object("b", "eu-west-1", "2026/a b;c*#1.csv");
        let expect = "https://b.s3.eu-west-1.amazonaws.com/2026/a%20b%3Bc%2A%231.csv";
        assert_eq!(object.as_deref(), Some(expect));
    }
}
