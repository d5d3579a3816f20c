//! The identity of a virtual machine, whose service has one address everywhere.

use std::sync::Arc;

use async_trait::async_trait;
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{Context, Request, Transport};
use kusto_auth::{CloudSettings, FixedCloud, SignIn};
use kusto_connection::{ConnectionString, ManagedIdentity};
use kusto_transport_hyper::HyperTransport;
use url::Url;

use super::authority::Authority;
use super::{clock, credential, url};

/// Leads what is meant for the identity service to the authority of the test.
#[derive(Debug)]
struct Detour {
    transport: HyperTransport,
    to: Url,
}

#[async_trait]
#[expect(
    elided_lifetimes_in_paths,
    reason = "with the lifetime written out, async_trait no longer matches the trait"
)]
impl Policy for Detour {
    async fn send(&self, ctx: &Context, request: &mut Request, next: &[Arc<dyn Policy>]) -> PolicyResult {
        let asked = request.url_mut();
        assert_eq!(asked.host_str(), Some("169.254.169.254"), "nobody else is asked");
        asked.set_host(self.to.host_str()).expect("a host");
        asked.set_port(self.to.port()).expect("a port");
        self.transport.send(ctx, request, next).await
    }
}

#[tokio::test]
async fn the_identity_of_a_machine_is_asked_for_at_the_one_address_and_in_the_right_words() {
    let authority = Authority::start_plain(|_| {
        let answer =
            r#"{"access_token":"token","expires_on":"4102444800","token_type":"Bearer","resource":"r"}"#;
        (200, answer.to_owned())
    });
    let transport = Transport::with_policy(Arc::new(Detour {
        transport: authority.hyper(),
        to: url(authority.url()),
    }));
    let connection = ConnectionString::for_cluster("https://help.kusto.windows.net")
        .expect("a cluster")
        .with_managed_identity(ManagedIdentity::ClientId("app".to_owned()));
    let sign_in = SignIn::new(&connection, transport, Arc::new(clock()))
        .expect("a sign-in")
        .with_cloud(Arc::new(FixedCloud::new(CloudSettings::public())))
        // Where these tests run there may be another service, which variables name.
        .with_variables(|_| None);
    let token = credential(sign_in, &connection).token().await.expect("a token");
    assert_eq!(token.expose(), "token");
    let [asked] = &authority.asked()[..] else {
        panic!("more than one request");
    };
    assert_eq!(
        asked.line,
        "GET /metadata/identity/oauth2/token?api-version=2019-08-01\
         &resource=https%3A%2F%2Fkusto.kusto.windows.net&client_id=app"
    );
    assert_eq!(asked.headers["metadata"], "true");
}
