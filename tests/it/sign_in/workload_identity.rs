//! A workload identity: Kubernetes replaces the file, and the next token is asked for with the new one.

use std::sync::Arc;
use std::time::Duration;

use kusto_connection::AuthMethod;

use super::authority::{Authority, token};
use super::{clock, cluster, credential, sign_in};

#[tokio::test]
async fn a_token_file_that_was_replaced_is_seen_with_the_next_token() {
    let folder = std::env::temp_dir().join(format!("kusto-sign-in-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("service-account");
    std::fs::write(&file, "first\n").expect("a file");

    let authority = Authority::start(|_| token("token"));
    let connection = cluster(&authority).with_auth(AuthMethod::WorkloadIdentity {
        tenant: Some("contoso.com".to_owned()),
        client_id: Some("app".to_owned()),
        token_file: Some(file.clone()),
    });
    let clock = clock();
    let sign_in = sign_in(&connection, &authority, Arc::new(clock.clone()));
    let credential = credential(sign_in, &connection);
    credential.token().await.expect("a token");
    std::fs::write(&file, "second").expect("a file");
    credential.token().await.expect("the same token");
    clock.advance(Duration::from_secs(3600));
    credential.token().await.expect("another token");
    std::fs::remove_dir_all(&folder).expect("the folder");

    let asked = authority.asked();
    let assertions: Vec<_> = asked
        .iter()
        .map(|asked| asked.form["client_assertion"].as_str())
        .collect();
    assert_eq!(assertions, ["first", "second"]);
}
