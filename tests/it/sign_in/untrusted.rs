//! Whoever is not trusted receives no byte, in any mode: a socket listens where every byte would have to pass.

use std::io::ErrorKind as IoKind;
use std::net::TcpListener;
use std::sync::Arc;

use kusto_auth::{BearerToken, SignIn};
use kusto_connection::{AuthMethod, Certificate, ConnectionString, ManagedIdentity};
use kusto_ingest_core::Error;
use kusto_transport_hyper::{HyperTransport, Proxy, ProxyUrl, TransportOptions};

use super::{CANARY, all_of, clock, url};

/// A proxy that every connection would have to go through. It only counts.
struct Gate(TcpListener);

impl Gate {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener
            .set_nonblocking(true)
            .expect("a socket that does not wait");
        Self(listener)
    }

    fn options(&self) -> TransportOptions {
        let address = format!("http://{}", self.0.local_addr().expect("an address"));
        let proxy = ProxyUrl::parse(&address).expect("a proxy");
        TransportOptions::new().with_proxy(Proxy::Url(proxy))
    }

    /// How many came so far.
    fn came(&self) -> usize {
        let mut came = 0;
        loop {
            match self.0.accept() {
                Ok(_) => came += 1,
                Err(error) if error.kind() == IoKind::WouldBlock => return came,
                Err(error) => panic!("{error}"),
            }
        }
    }
}

/// Every way to sign in that sends a token and can be said in a connection string, and one in code.
fn methods() -> Vec<AuthMethod> {
    let (tenant, client_id) = (|| "contoso.com".to_owned(), || "app".to_owned());
    vec![
        AuthMethod::Unspecified,
        AuthMethod::ClientSecret {
            tenant: tenant(),
            client_id: client_id(),
            secret: CANARY.into(),
        },
        AuthMethod::ClientCertificate {
            tenant: tenant(),
            client_id: client_id(),
            certificate: Certificate::from_blob(CANARY),
        },
        AuthMethod::UserToken(CANARY.into()),
        AuthMethod::ApplicationToken(CANARY.into()),
        AuthMethod::DeviceCode { tenant: None },
        AuthMethod::ManagedIdentity(ManagedIdentity::System),
        AuthMethod::WorkloadIdentity {
            tenant: None,
            client_id: None,
            token_file: None,
        },
        AuthMethod::AzurePipelines {
            tenant: tenant(),
            client_id: client_id(),
            service_connection_id: "connection".to_owned(),
            access_token: CANARY.into(),
        },
        AuthMethod::AzureCli,
        AuthMethod::DeveloperTools,
        AuthMethod::Environment,
    ]
}

/// Tries to get a token for the endpoint, with all that may be sent for it.
async fn tries(method: AuthMethod, endpoint: &str, gate: &Gate) -> Result<BearerToken, Error> {
    let is_open = method == AuthMethod::Unspecified;
    let connection = ConnectionString::for_cluster("https://help.kusto.windows.net").expect("a cluster");
    let transport = HyperTransport::new(gate.options())
        .expect("a transport")
        .as_transport();
    let sign_in = SignIn::new(&connection.with_auth(method), transport, Arc::new(clock()))?
        .with_variables(|_| None)
        .with_device_code(|_| {});
    let sign_in = if is_open {
        sign_in.with_token_callback(|_| async { Ok(BearerToken::new(CANARY)) })
    } else {
        sign_in
    };
    let credential = sign_in.finish()?.for_endpoint(&url(endpoint))?;
    credential.expect("a sign-in by token").token().await
}

#[tokio::test]
async fn s01_t19_an_untrusted_host_receives_no_byte_in_any_mode() {
    let gate = Gate::new();
    for endpoint in [
        "https://kusto.attacker.example.com",
        "https://help.kusto.windows.net.attacker.example",
        "https://attacker.example\\.kusto.windows.net",
        "https://help.kusto.windows.net@attacker.example",
        "https://user:password@help.kusto.windows.net",
        "https://help.kusto.windows.net.",
        "https://HELP.KUSTO.WINDOWS.NET.Attacker.Example",
        "https://help\u{3002}kusto\u{3002}windows\u{3002}net\u{3002}attacker\u{3002}example",
        "https://help.kusto.windows.n\u{435}t",
        "https://[::ffff:127.0.0.1]",
        "https://10.0.0.1",
    ] {
        for method in methods() {
            let name = method.name();
            let error = tries(method, endpoint, &gate)
                .await
                .expect_err("nobody trusts it");
            assert!(error.is_permanent(), "{name} {endpoint}");
            assert!(!all_of(&error).contains(CANARY), "{name} {endpoint}");
        }
    }
    assert_eq!(gate.came(), 0);

    // The gate is where everything would have come through.
    let token = tries(AuthMethod::Unspecified, "https://help.kusto.windows.net", &gate);
    tokio::select! {
        token = token => panic!("it went around the gate: {token:?}"),
        () = until_somebody_comes(&gate) => {}
    }
}

async fn until_somebody_comes(gate: &Gate) {
    while gate.came() == 0 {
        tokio::task::yield_now().await;
    }
}
