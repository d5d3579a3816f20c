//! Sign-in over real sockets: an https authority with a certificate of the test's own, and the tools of a machine.

mod authority;
mod certificate;
pub(crate) mod child;
mod device_code;
mod logs;
mod managed_identity;
mod network;
mod secret;
mod untrusted;
mod workload_identity;

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use kusto_auth::{KustoCredential, SignIn};
use kusto_connection::ConnectionString;
use kusto_ingest_core::{Clock, Error, ManualClock, Timestamp};
use url::Url;

use self::authority::Authority;

/// A secret that must not be seen anywhere.
const CANARY: &str = "CANARY-71b9e";

/// 2023-11-14T22:13:20Z. The clock stands still unless a test moves it; the transport keeps its own limits.
fn clock() -> ManualClock {
    ManualClock::new(Timestamp::UNIX_EPOCH + Duration::from_secs(1_700_000_000))
}

/// Longer than any wait between two questions, and shorter than any limit of a call.
const WAIT_TIMEOUT: Duration = Duration::from_secs(9);

/// A clock on which a short wait is over at once, and a limit is never reached.
#[derive(Clone, Debug)]
struct Hasty(ManualClock);

#[async_trait]
impl Clock for Hasty {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn monotonic(&self) -> Duration {
        self.0.monotonic()
    }

    async fn sleep(&self, duration: Duration) {
        if duration > WAIT_TIMEOUT {
            pending::<()>().await;
        }
        self.0.advance(duration);
    }
}

/// The cluster that the authority plays, since it answers for metadata as well.
fn cluster(authority: &Authority) -> ConnectionString {
    ConnectionString::for_cluster(authority.url()).expect("a cluster")
}

/// A sign-in to the cluster at the authority, by the authority.
fn sign_in(connection: &ConnectionString, authority: &Authority, clock: Arc<dyn Clock>) -> SignIn {
    SignIn::new(connection, authority.transport(), clock)
        .expect("a sign-in")
        .with_variables(|_| None)
        .with_authority_host(authority.url())
        .expect("a login endpoint")
}

pub(crate) fn credential(sign_in: SignIn, connection: &ConnectionString) -> Arc<KustoCredential> {
    let credentials = sign_in.finish().expect("credentials");
    let endpoint = connection.engine_endpoint().expect("an endpoint");
    let credential = credentials.for_endpoint(endpoint.url());
    credential.expect("a trusted host").expect("a sign-in by token")
}

fn url(text: &str) -> Url {
    text.parse().expect("a URL")
}

/// The chain and the `Debug` of an error; what it must not contain is looked for in both.
fn all_of(error: &Error) -> String {
    format!("{} {error:?} {error:#?}", error.chain())
}
