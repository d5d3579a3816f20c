//! The address of a bucket that is not Azure's, or of a folder in it.

use std::fmt;

use kusto_ingest::storage::ContainerAddress;

use crate::report::CommandError;

/// Whether a text names a container, bucket or folder, of which many sources come.
pub(crate) fn names_many(text: &str) -> bool {
    ContainerAddress::matches(text) || BucketAddress::matches(text)
}

/// The stores whose buckets are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BucketStore {
    /// Amazon S3, and what speaks its protocol.
    S3,
    /// Google Cloud Storage.
    Google,
}

/// The address of a bucket, or of a folder in it: `s3://BUCKET/FOLDER/`, `https://BUCKET.s3.REGION.amazonaws.com/FOLDER/`
/// or `gs://BUCKET/FOLDER/`. A key of S3 may follow it, as Kusto has it: `;AwsCredentials=ID,SECRET`.
///
/// `Debug` and `Display` end before the key.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct BucketAddress {
    pub(crate) store: BucketStore,
    pub(crate) bucket: String,
    /// The region, where the address tells it.
    pub(crate) region: Option<String>,
    /// What the keys of its objects begin with; empty for the whole bucket, else with a slash in the end.
    pub(crate) prefix: String,
    /// The id and the secret of a key.
    pub(crate) key: Option<(String, String)>,
}

impl BucketAddress {
    /// Whether a text looks like the address of a bucket or folder, and not of an object.
    pub(crate) fn matches(text: &str) -> bool {
        let base = text.split(['?', ';']).next().unwrap_or_default();
        Parts::of(base).is_some_and(|parts| parts.path.is_empty() || parts.path.ends_with('/'))
    }

    /// Reads an address.
    ///
    /// # Errors
    /// What is wrong with it, without its key.
    pub(crate) fn parse(text: &str) -> Result<Self, CommandError> {
        let base = text.split(['?', ';']).next().unwrap_or_default();
        let refused = |why: &str| CommandError::usage(format!("{base} cannot be listed: {why}"));
        let parts = Parts::of(base)
            .filter(|parts| !parts.bucket.is_empty())
            .ok_or_else(|| refused("it names no bucket, such as s3://BUCKET/FOLDER/"))?;
        let ending = &text[base.len()..];
        if ending.starts_with('?') {
            return Err(refused(
                "a signature opens one object and no bucket; give the key after ;AwsCredentials=, or by AWS_ACCESS_KEY_ID",
            ));
        }
        let key = match ending.strip_prefix(';') {
            None => None,
            Some(suffix) => Some(
                suffix
                    .split_once('=')
                    .filter(|(name, _)| {
                        parts.store == BucketStore::S3 && name.eq_ignore_ascii_case("AwsCredentials")
                    })
                    .and_then(|(_, key)| key.split_once(','))
                    .ok_or_else(|| refused("what follows it is not ;AwsCredentials=ID,SECRET"))?,
            ),
        };
        Ok(Self {
            store: parts.store,
            bucket: parts.bucket.to_owned(),
            region: parts.region.map(str::to_owned),
            prefix: parts.path.to_owned(),
            key: key.map(|(id, secret)| (id.to_owned(), secret.to_owned())),
        })
    }
}

/// What an address is made of, before its secrets.
struct Parts<'a> {
    store: BucketStore,
    bucket: &'a str,
    region: Option<&'a str>,
    path: &'a str,
}

impl<'a> Parts<'a> {
    fn of(base: &'a str) -> Option<Self> {
        let (scheme, rest) = base.split_once("://")?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (store, bucket, region, path) = match scheme {
            "s3" => (BucketStore::S3, host, None, path),
            "gs" => (BucketStore::Google, host, None, path),
            "https" => {
                let host = host.strip_suffix(".amazonaws.com")?;
                match host.strip_prefix("s3.") {
                    // The bucket is the first part of the path.
                    Some(region) => {
                        let (bucket, path) = path.split_once('/').unwrap_or((path, ""));
                        (BucketStore::S3, bucket, Some(region), path)
                    }
                    None => {
                        let (bucket, region) = host.rsplit_once(".s3.")?;
                        (BucketStore::S3, bucket, Some(region), path)
                    }
                }
            }
            _ => return None,
        };
        Some(Self {
            store,
            bucket,
            region,
            path,
        })
    }
}

impl fmt::Display for BucketAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.store {
            BucketStore::S3 => "s3",
            BucketStore::Google => "gs",
        };
        write!(f, "{scheme}://{}/{}", self.bucket, self.prefix)
    }
}

impl fmt::Debug for BucketAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BucketAddress").field(&self.to_string()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_and_folders_are_told_from_objects() {
        for (text, is_one) in [
            ("s3://bucket", true),
            ("s3://bucket/", true),
            ("s3://bucket/2026/", true),
            ("gs://bucket/2026/", true),
            ("https://bucket.s3.eu-west-1.amazonaws.com/2026/", true),
            (
                "https://bucket.s3.eu-west-1.amazonaws.com;AwsCredentials=I,S",
                true,
            ),
            ("https://s3.eu-west-1.amazonaws.com/bucket", true),
            ("https://s3.eu-west-1.amazonaws.com/bucket/", true),
            ("s3://bucket/a.csv", false),
            (
                "https://bucket.s3.eu-west-1.amazonaws.com/a.csv?X-Amz-Signature=S",
                false,
            ),
            (
                "https://bucket.s3.eu-west-1.amazonaws.com/a.csv;AwsCredentials=I,S",
                false,
            ),
            ("https://acct.blob.core.windows.net/c/", false),
            ("folder/", false),
        ] {
            assert_eq!(BucketAddress::matches(text), is_one, "{text}");
            let is_azures = text.contains(".blob.core.windows.net");
            assert_eq!(names_many(text), is_one || is_azures, "{text}");
        }
    }

    #[test]
    fn an_address_is_read_and_its_key_is_not_shown() {
        let address = "https://b.s3.eu-west-1.amazonaws.com/2026/01/;AwsCredentials=ID,SEC/RET=";
        let read = BucketAddress::parse(address).unwrap();
        assert_eq!((&*read.bucket, read.region.as_deref()), ("b", Some("eu-west-1")));
        assert_eq!(
            (&*read.prefix, read.to_string()),
            ("2026/01/", "s3://b/2026/01/".to_owned())
        );
        assert_eq!(read.key, Some(("ID".to_owned(), "SEC/RET=".to_owned())));
        assert!(!format!("{read:?}").contains("SEC"));
        for (refused, why) in [
            ("s3:///2026/", "no bucket"),
            ("s3://b/?X-Amz-Signature=CANARY", "opens one object"),
            ("gs://b/;AwsCredentials=I,CANARY", "what follows it"),
            ("s3://b/;CANARY", "what follows it"),
        ] {
            let error = BucketAddress::parse(refused).unwrap_err().message;
            assert!(error.contains(why) && !error.contains("CANARY"), "{error}");
        }
    }
}
