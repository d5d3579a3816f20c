//! Which addresses are containers', and what the addresses of their blobs are.

use kusto_ingest_core::ErrorKind;

use super::{ContainerAccess, ContainerAddress};

const ACCOUNT: &str = "https://a.blob.core.windows.net";

#[test]
fn a_container_and_a_folder_are_told_from_a_blob() {
    for (text, is_one) in [
        (&*format!("{ACCOUNT}/c"), true),
        (&*format!("{ACCOUNT}/c?sv=1&sig=S%3D"), true),
        (&*format!("{ACCOUNT}/c/"), true),
        (&*format!("{ACCOUNT}/c/dir/;KEY=="), true),
        ("https://a.dfs.core.windows.net/fs/dir/", true),
        ("abfss://fs@a.dfs.core.windows.net", true),
        ("abfss://fs@a.dfs.core.windows.net/dir/", true),
        ("http://127.0.0.1:10000/devstoreaccount1/c", true),
        ("http://localhost:10000/devstoreaccount1/c/dir/?sig=S", true),
        ("http://[::1]:10000/devstoreaccount1/c", true),
        (&*format!("{ACCOUNT}/c/a.csv"), false),
        ("s3://bucket/dir/", true),
        ("https://bucket.s3.eu-west-1.amazonaws.com/dir/", true),
        (
            "https://bucket.s3.eu-west-1.amazonaws.com/a.csv;AwsCredentials=I,S",
            false,
        ),
        ("https://bucket.s3.amazonaws.com/a.csv?X-Amz-Signature=S", false),
        ("https://bucket.s3.cn-north-1.amazonaws.com.cn/a.csv", false),
        (ACCOUNT, false),
        ("http://127.0.0.1:10000/devstoreaccount1", false),
        ("http://127.0.0.1:10000/devstoreaccount1/c/a.csv", false),
        ("abfss://fs@a.dfs.core.windows.net/a.csv", false),
        ("data/day.csv", false),
        ("file:///data/", false),
    ] {
        assert_eq!(ContainerAddress::matches(text), is_one, "{text}");
    }
}

#[test]
fn blobs_have_the_form_of_the_address_that_was_given_and_what_opens_it() {
    for (text, listed_at, prefix, blob) in [
        (
            "https://a.blob.core.windows.net/c?sv=1&sig=a%2Bb",
            "https://a.blob.core.windows.net/c?sv=1&sig=a%2Bb",
            "",
            "https://a.blob.core.windows.net/c/x%20y/1%252.csv?sv=1&sig=a%2Bb",
        ),
        (
            "https://a.blob.core.windows.net/c/my%20dir;QUJD==",
            "https://a.blob.core.windows.net/c",
            "my dir/",
            "https://a.blob.core.windows.net/c/x%20y/1%252.csv;QUJD==",
        ),
        (
            "abfss://fs@a.dfs.core.windows.net/dir/;sharedkey=QUJD==",
            "https://a.blob.core.windows.net/fs",
            "dir/",
            "abfss://fs@a.dfs.core.windows.net/x%20y/1%252.csv;sharedkey=QUJD==",
        ),
        (
            "https://a.dfs.core.windows.net/fs/?sig=S",
            "https://a.blob.core.windows.net/fs?sig=S",
            "",
            "https://a.dfs.core.windows.net/fs/x%20y/1%252.csv?sig=S",
        ),
        (
            "http://127.0.0.1:10000/devstoreaccount1/c/dir/;impersonate",
            "http://127.0.0.1:10000/devstoreaccount1/c",
            "dir/",
            "http://127.0.0.1:10000/devstoreaccount1/c/x%20y/1%252.csv;impersonate",
        ),
    ] {
        let address = ContainerAddress::parse(text).unwrap();
        assert_eq!(address.container().expose().as_str(), listed_at, "{text}");
        assert_eq!(address.prefix(), prefix, "{text}");
        assert_eq!(address.blob("x y/1%2.csv").unwrap().expose(), blob, "{text}");
    }
}

#[test]
fn who_can_open_it_is_read_from_its_end() {
    for (ending, access) in [
        ("", ContainerAccess::Unstated),
        ("?sv=1&sig=S", ContainerAccess::Sas),
        (";QUJD==", ContainerAccess::AccountKey("QUJD==")),
        (";SharedKey=QUJD==", ContainerAccess::AccountKey("QUJD==")),
        (";impersonate", ContainerAccess::ServiceOnly),
        (";managed_identity=system", ContainerAccess::ServiceOnly),
        (";token=eyJ0", ContainerAccess::ServiceOnly),
    ] {
        let address = ContainerAddress::parse(&format!("{ACCOUNT}/c{ending}")).unwrap();
        assert!(address.access() == access, "{ending}: {:?}", address.access());
    }
    let signed = ContainerAddress::parse(&format!("{ACCOUNT}/c?sig=SECRET")).unwrap();
    let of_kusto = signed.clone().with_service_access("impersonate");
    assert!(
        of_kusto.access() == ContainerAccess::Sas,
        "it is listed as before"
    );
    let blob = signed
        .with_service_access("managed_identity=system")
        .blob("a.csv")
        .unwrap();
    assert_eq!(
        blob.expose(),
        format!("{ACCOUNT}/c/a.csv;managed_identity=system")
    );
}

#[test]
fn odd_names_are_written_so_that_they_can_be_read_or_are_refused() {
    let address = ContainerAddress::parse(&format!("{ACCOUNT}/c?sig=SECRET")).unwrap();
    let blob = |name: &str| address.blob(name).map(|blob| blob.redacted().to_owned());
    for (name, path) in [
        ("a*b.csv", "a%2Ab.csv"),
        ("a//b.csv", "a//b.csv"),
        ("ä?#.csv", "%C3%A4%3F%23.csv"),
        ("a;b.csv", "a%3Bb.csv"),
    ] {
        assert_eq!(blob(name).ok(), Some(format!("{ACCOUNT}/c/{path}")), "{name}");
    }
    for name in ["a/../b.csv", "./b.csv", "a\nb.csv", "", "dir/"] {
        let error = blob(name).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{name:?}");
        assert!(!format!("{error:?}").contains("SECRET"), "{error:?}");
    }
}

#[test]
fn other_stores_are_refused_without_their_secrets() {
    for (text, kind) in [
        ("s3://bucket/dir/;AwsCredentials=I,SECRET", ErrorKind::Unsupported),
        (
            "https://b.s3.eu-west-1.amazonaws.com/dir/?X-Amz-Signature=SECRET",
            ErrorKind::Unsupported,
        ),
        (
            "adl://a.azuredatalakestore.net/dir/;token=SECRET",
            ErrorKind::Unsupported,
        ),
        ("ftp://h/c?SECRET", ErrorKind::InvalidInput),
        (
            "http://a.blob.core.windows.net/c?sig=SECRET",
            ErrorKind::InvalidInput,
        ),
        (
            "https://a.blob.core.windows.net?sig=SECRET",
            ErrorKind::InvalidInput,
        ),
    ] {
        let error = ContainerAddress::parse(text).unwrap_err();
        assert_eq!(error.kind(), kind, "{text}");
        assert!(!format!("{error} {error:?}").contains("SECRET"), "{error:?}");
    }
}
