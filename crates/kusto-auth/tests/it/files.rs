//! Files that take long to be read do not hold up the thread on which the futures run.

use std::path::{Path, PathBuf};
use std::process::Command;

use futures::executor::block_on;
use kusto_connection::{Certificate, ConnectionString};
use kusto_ingest_core::ManualClock;

use crate::script::{HELP, Reply, Script, credential, sign_in_at, start};

/// A pipe with a name: whoever reads it waits until somebody writes to it.
fn pipe(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("kusto-auth-pipe-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("pipe");
    let made = Command::new("mkfifo").arg(&path).status().expect("mkfifo");
    assert!(made.success());
    path
}

fn is_read_beside(connection: &ConnectionString, pipe: &Path, text: &str) {
    let script = Script::new(|_, _| Reply::token("token"));
    let credentials = sign_in_at(connection, &script, &ManualClock::new(start()))
        .finish()
        .expect("credentials");
    let credential = credential(&credentials, HELP);
    block_on(async {
        let mut asking = Box::pin(credential.token());
        assert!(
            futures::poll!(&mut asking).is_pending(),
            "it waits, and blocks nobody"
        );
        std::fs::write(pipe, text).expect("somebody reads");
        assert_eq!(asking.await.expect("a token").expose(), "token");
    });
    std::fs::remove_dir_all(pipe.parent().expect("a folder")).expect("the folder");
}

#[test]
fn a_certificate_is_read_on_another_thread() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/issuer-first.pem");
    let text = std::fs::read_to_string(data).expect("test data");
    let pipe = pipe("certificate");
    let connection = ConnectionString::for_cluster(HELP)
        .expect("a cluster")
        .with_client_certificate("contoso.com", "app", Certificate::from_file(&pipe));
    is_read_beside(&connection, &pipe, &text);
}

#[test]
fn the_token_of_a_service_account_is_read_on_another_thread() {
    let pipe = pipe("account");
    let connection = ConnectionString::for_cluster(HELP).expect("a cluster").with_auth(
        kusto_connection::AuthMethod::WorkloadIdentity {
            tenant: Some("contoso.com".to_owned()),
            client_id: Some("app".to_owned()),
            token_file: Some(pipe.clone()),
        },
    );
    is_read_beside(&connection, &pipe, "assertion");
}
