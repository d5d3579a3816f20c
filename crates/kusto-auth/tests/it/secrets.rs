//! Nothing here shows what it holds.

use std::sync::Arc;

use futures::executor::block_on;
use kusto_auth::{BearerToken, MockCloudSource};
use kusto_connection::{AuthMethod, Certificate, ConnectionString};
use kusto_ingest_core::{Error, ErrorKind, ManualClock};

use crate::script::{CANARY, HELP, Reply, Script, credential, sign_in, sign_in_at, start};

#[test]
fn no_debug_shows_a_secret() {
    let cluster = || ConnectionString::for_cluster(HELP).expect("a cluster");
    let (tenant, client_id) = ("contoso.com".to_owned(), "app".to_owned());
    let certificate = Certificate::from_blob(CANARY).with_password(CANARY);
    for connection in [
        cluster().with_client_secret("contoso.com", "app", CANARY),
        cluster().with_client_certificate("contoso.com", "app", certificate),
        cluster().with_user_token(CANARY),
        cluster().with_application_token(CANARY),
        cluster().with_auth(AuthMethod::AzurePipelines {
            tenant,
            client_id,
            service_connection_id: "connection".to_owned(),
            access_token: CANARY.into(),
        }),
    ] {
        let script = Script::new(|_, _| Reply::token(CANARY));
        let sign_in = sign_in_at(&connection, &script, &ManualClock::new(start()));
        let mut shown = format!("{sign_in:?} {sign_in:#?}");
        let credentials = sign_in.finish().expect("credentials");
        let credential = credential(&credentials, HELP);
        // A certificate that is none gives an error, which is looked at as well.
        let token = block_on(credential.token());
        shown +=
            &format!("{credentials:?} {credentials:#?} {credential:?} {credential:#?} {token:?} {token:#?}");
        assert!(!shown.contains(CANARY), "{shown}");
        assert!(shown.contains("help.kusto.windows.net"), "{shown}");
    }
    let token = BearerToken::new(CANARY);
    assert!(!format!("{token:?} {token:#?}").contains(CANARY));
}

#[test]
fn a_cloud_of_the_users_is_asked_and_its_failure_is_told() {
    let mut cloud = MockCloudSource::new();
    cloud
        .expect_settings()
        .withf(|endpoint| endpoint.host_str() == Some("help.kusto.windows.net"))
        .once()
        .returning(|_| {
            Err(Error::new(
                ErrorKind::Unavailable,
                "ask the cluster how to sign in",
            ))
        });
    let connection = ConnectionString::for_cluster(HELP)
        .expect("a cluster")
        .with_user_token(CANARY);
    let sign_in = sign_in(&connection, &Script::nobody()).with_cloud(Arc::new(cloud));
    let credentials = sign_in.finish().expect("credentials");
    let error = block_on(credential(&credentials, HELP).token()).expect_err("the cloud is unknown");
    assert_eq!(error.kind(), ErrorKind::Unavailable);
}
