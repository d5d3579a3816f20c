//! `--storage-auth`: containers that are listed in somebody's name.

use serde_json::{Value, json};

use crate::setup::authority::Authority;
use crate::setup::command::{CommandOutput, end, kusto_ingest, start};
use crate::setup::folder::Folder;
use crate::setup::kusto::Kusto;
use crate::setup::many_blobs::ManyBlobs;

const SECRET: &str = "CANARY-51e2";
const TOKEN: &str = "CANARY-token";

/// Arguments that sign in at an authority.
fn signing_in(authority: &Authority, folder: &Folder) -> Vec<String> {
    let root = folder.write("root.pem", &authority.root);
    let words = [
        "--storage-auth",
        "client-secret",
        "--storage-client-id",
        "app",
        "--storage-tenant-id",
        "contoso.com",
        "--storage-authority",
        &authority.url,
        "--ca-file",
        &root,
        "--proxy",
        "none",
    ];
    words.map(str::to_owned).to_vec()
}

fn run(arguments: &[&str], more: &[String], secret: &str) -> CommandOutput {
    let more = more.iter().map(String::as_str);
    let all: Vec<&str> = arguments.iter().copied().chain(more).collect();
    let ran = end(start(kusto_ingest(&all).env("AZURE_CLIENT_SECRET", secret)));
    assert!(!format!("{ran:?}").contains("CANARY"), "{ran:?}");
    ran
}

#[test]
fn a_container_is_listed_by_a_token_of_the_authority_and_its_blobs_are_queued_without_it() {
    let folder = Folder::new("storage_auth");
    let (authority, storage) = (Authority::open(SECRET, TOKEN), ManyBlobs::guarded(3, TOKEN));
    let sign_in = signing_in(&authority, &folder);
    let listed = run(
        &["list", &storage.container, "--output", "json"],
        &sign_in,
        SECRET,
    );
    assert_eq!(
        (listed.code, &listed.json()["summary"]["sources"]),
        (0, &json!(3)),
        "{listed:?}"
    );
    let asked = (
        "/contoso.com/oauth2/v2.0/token".to_owned(),
        "https://storage.azure.com/.default".to_owned(),
    );
    assert_eq!(authority.asked(), [asked]);

    let kusto = Kusto::held();
    let into = [
        "ingest",
        &storage.container,
        "--limit",
        "1",
        "--no-preflight",
        "-d",
        "D",
        "-t",
        "T",
        "--output",
        "json",
        "--cluster",
        &kusto.cluster,
    ];
    let queued = run(&into, &sign_in, SECRET);
    assert_eq!(
        (queued.code, &queued.json()["summary"]["queued"]),
        (0, &json!(1)),
        "{queued:?}"
    );
    assert!(
        queued
            .err
            .contains("--storage-auth lists the container for this command alone"),
        "{queued:?}"
    );
    let blob = kusto.message()["BlobPath"].clone();
    assert_eq!(blob, Value::from(format!("{}/000000000.csv", storage.container)));
    // The blob is read by the cluster's own identity.
    let kusto = Kusto::held();
    let mut into = into;
    into[12] = &kusto.cluster;
    let queued = run(
        &[&into[..], &["--service-identity", "system"]].concat(),
        &sign_in,
        SECRET,
    );
    assert_eq!(queued.code, 0, "{queued:?}");
    let blob = kusto.message()["BlobPath"]
        .as_str()
        .expect("it is text")
        .to_owned();
    assert!(blob.ends_with(".csv;managed_identity=system"), "{blob}");
}

#[test]
fn who_is_not_let_in_ends_with_3() {
    let folder = Folder::new("storage_auth_refused");
    let (authority, storage) = (Authority::open(SECRET, TOKEN), ManyBlobs::guarded(3, "another"));
    let sign_in = signing_in(&authority, &folder);
    let list = ["list", &*storage.container];
    // The authority knows no such secret; the storage does not take the token; nobody signs in.
    run(&list, &sign_in, "wrong").refused(3, "list the blobs");
    run(&list, &sign_in, SECRET).refused(3, "list the blobs");
    run(&list, &["--proxy".to_owned(), "none".to_owned()], SECRET).refused(3, "list the blobs");
}
