//! Requests about what is in a container.

use std::sync::Arc;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::time::OffsetDateTime;
use futures::executor::block_on;
use kusto_ingest_core::{ErrorKind, ManualClock, Result, Timestamp};
use kusto_storage::{BlobLister, ContainerAddress, ListPage, ListRequest};
use kusto_storage_azure::AzureBlobLister;

use crate::script::{Reply, SAS, SECRET, Script};

const PAGE: &str = "\u{FEFF}<?xml version=\"1.0\" encoding=\"utf-8\"?>\
    <EnumerationResults ServiceEndpoint=\"https://acct1.blob.core.windows.net/\" ContainerName=\"data\">\
    <Prefix>a b/</Prefix><MaxResults>5000</MaxResults><Blobs>\
    <Blob><Name>a b/1 &amp; 2.csv.gz</Name><Properties><Creation-Time>Thu, 01 Jan 2026 00:00:00 GMT</Creation-Time>\
    <Last-Modified>Fri, 02 Jan 2026 03:04:05 GMT</Last-Modified><Etag>0x8D</Etag><Content-Length>100</Content-Length>\
    <BlobType>BlockBlob</BlobType></Properties><Metadata><rawSizeBytes>700</rawSizeBytes>\
    <kustoCreationTime>2025-12-31T00:00:00Z</kustoCreationTime></Metadata><OrMetadata /></Blob>\
    <Blob><Name Encoded=\"true\">a b/odd%0Bname.csv</Name><Properties><Content-Length>1</Content-Length></Properties></Blob>\
    <Blob><Name>a b/folder</Name><Properties><ResourceType>directory</ResourceType><Content-Length>0</Content-Length>\
    </Properties></Blob>\
    <Blob><Name>a b/marked</Name><Properties><Content-Length>0</Content-Length></Properties>\
    <Metadata><hdi_isfolder>true</hdi_isfolder></Metadata></Blob>\
    </Blobs><NextMarker>2!next</NextMarker></EnumerationResults>";

fn list(
    lister: impl Fn(AzureBlobLister) -> AzureBlobLister,
    script: &Script,
    ending: &str,
) -> Result<ListPage> {
    let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
    let lister = lister(AzureBlobLister::new(script.storage(), Arc::new(clock)));
    let address = ContainerAddress::parse(&format!(
        "https://acct1.blob.core.windows.net/data/a%20b/{ending}"
    ))?;
    let request = ListRequest::new(address.prefix()).with_marker(Some("2!m".to_owned()));
    block_on(lister.list(&address, &request))
}

#[test]
fn a_page_is_one_request_with_its_sas_letter_by_letter_and_folders_are_left_out() {
    let script = Script::new([Reply::body(200, PAGE)]);
    let page = list(|lister| lister, &script, &format!("?{SAS}")).expect("listed");
    let asked = "comp=list&include=metadata&maxresults=5000&restype=container&prefix=a%20b%2F&marker=2%21m";
    assert_eq!(
        script.only().line,
        format!("GET acct1.blob.core.windows.net/data?{asked}&{SAS}")
    );
    assert_eq!(script.only().header("authorization"), None);
    let [first, odd] = page.blobs.try_into().expect("two blobs and two folders");
    assert_eq!((first.name.as_str(), first.size.bytes), ("a b/1 & 2.csv.gz", 100));
    assert_eq!(first.size.raw_bytes, Some(700));
    let time = |at: Option<Timestamp>| at.expect("it is told").to_string();
    assert_eq!(time(first.creation_time), "2025-12-31T00:00:00.0000000Z");
    assert_eq!(time(first.last_modified), "2026-01-02T03:04:05.0000000Z");
    assert_eq!(
        (odd.name.as_str(), odd.creation_time),
        ("a b/odd\u{b}name.csv", None)
    );
    assert_eq!(page.next.as_deref(), Some("2!next"));
}

#[test]
fn a_key_signs_and_is_not_sent() {
    let script = Script::new([Reply::body(200, PAGE)]);
    list(|lister| lister, &script, ";U0VDUkVU").expect("listed");
    let sent = script.only();
    let signed = sent.header("authorization").expect("it is signed");
    assert!(signed.starts_with("SharedKey acct1:"), "{signed}");
    assert_eq!(sent.header("x-ms-date"), Some("Thu, 01 Jan 1970 00:00:00 GMT"));
    assert!(!format!("{sent:?}").contains("U0VDUkVU"), "{sent:?}");
    let odd = list(|lister| lister, &Script::new([]), ";no base64, a SECRET").unwrap_err();
    assert_eq!(odd.kind(), ErrorKind::InvalidInput);
    assert!(!format!("{odd:?}").contains("SECRET"), "{odd:?}");
}

#[derive(Debug)]
pub(crate) struct Signed;

#[async_trait]
impl TokenCredential for Signed {
    async fn get_token(
        &self,
        scopes: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        assert_eq!(scopes, ["https://storage.azure.com/.default"]);
        Ok(AccessToken::new(SECRET, OffsetDateTime::UNIX_EPOCH))
    }
}

#[test]
fn a_token_is_sent_where_the_address_says_nothing_and_to_azure_alone() {
    let signed_in = |lister: AzureBlobLister| lister.with_credential(Arc::new(Signed));
    for (ending, sent) in [
        ("", Some("Bearer SECRET")),
        (";impersonate", Some("Bearer SECRET")),
        ("?sv=1&sig=S", None),
    ] {
        let script = Script::new([Reply::body(200, PAGE)]);
        list(signed_in, &script, ending).expect("listed");
        assert_eq!(script.only().header("authorization"), sent, "{ending}");
    }
    let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
    for host in [
        "storage.example",
        "blob.core.windows.net.example",
        "xblob.core.windows.net",
    ] {
        let script = Script::new([]);
        let lister = signed_in(AzureBlobLister::new(script.storage(), clock.clone()));
        let address = ContainerAddress::parse(&format!("https://{host}/data")).expect("an address");
        let error = block_on(lister.list(&address, &ListRequest::new(""))).unwrap_err();
        assert!(error.to_string().contains("gets no token"), "{error}");
        assert!(script.sent().is_empty(), "{host}");
    }
}

#[test]
fn what_only_kusto_can_open_is_not_asked_for() {
    let script = Script::new([]);
    let error = list(|lister| lister, &script, ";managed_identity=system").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    assert!(script.sent().is_empty());
}

#[test]
fn refusals_and_what_is_no_list_are_told_apart() {
    for (reply, kind) in [
        (Reply::code(404, "ContainerNotFound"), ErrorKind::NotFound),
        (Reply::code(403, "AuthorizationFailure"), ErrorKind::Forbidden),
        (Reply::code(503, "ServerBusy"), ErrorKind::Throttled),
        (Reply::body(200, "<html></html>"), ErrorKind::Protocol),
        (
            Reply::body(200, "<EnumerationResults><Blobs>"),
            ErrorKind::Protocol,
        ),
    ] {
        let error = list(|lister| lister, &Script::new([reply]), &format!("?{SAS}")).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(!format!("{error:?}").contains(SECRET), "{error:?}");
    }
    let last = "<EnumerationResults><Blobs /><NextMarker /></EnumerationResults>";
    let page = list(
        |lister| lister,
        &Script::new([Reply::body(200, last)]),
        &format!("?{SAS}"),
    )
    .expect("listed");
    assert_eq!(page, ListPage::default());
}
