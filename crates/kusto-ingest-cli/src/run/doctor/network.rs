//! The proxy, and TLS: what stands between this machine and an endpoint before a word of HTTP is said.

use std::io;
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use kusto_ingest::connection::ConnectionString;
use kusto_ingest::external::url::Url;
use tokio::task::spawn_blocking;

use super::{Doctor, names};
use crate::args::{NetworkArgs, Variables};
use crate::report::{Check, Exit};
use crate::sign_in::knock;

/// How long a proxy may take to accept a connection.
const LIMIT: Duration = Duration::from_secs(5);

/// The address of the proxy that is named; none where none is.
pub(super) fn proxy(args: &NetworkArgs, variables: Variables<'_>) -> Option<String> {
    let named = || names::PROXIES.iter().find_map(|name| variables(name));
    args.proxy.clone().or_else(named).filter(|proxy| proxy != "none")
}

/// Whether the proxy takes connections.
pub(super) async fn look_at_proxy(proxy: Option<&str>) -> Check {
    let hop = "proxy";
    let Some(proxy) = proxy else {
        return Check::ok(hop, "none is named: this machine connects by itself");
    };
    let address = match proxy.contains("://") {
        true => Url::parse(proxy),
        false => Url::parse(&format!("http://{proxy}")),
    };
    let place = address.ok().and_then(|url| {
        let host = url.host_str()?.trim_matches(['[', ']']).to_owned();
        Some((host, url.port_or_known_default()?))
    });
    // The rest may hold a password.
    let remedy =
        "look at --proxy, or at HTTPS_PROXY and its like: http://HOST:PORT; --proxy none goes without";
    let Some((host, port)) = place else {
        return Check::failed(hop, Exit::Unavailable, "what is named is no address", remedy);
    };
    let shown = format!("{host}:{port}");
    let connected = spawn_blocking(move || connect(&host, port)).await;
    match connected.unwrap_or_else(|error| Err(io::Error::other(error))) {
        Ok(()) => Check::ok(hop, format!("{shown} takes connections")),
        Err(error) => Check::failed(hop, Exit::Unavailable, format!("{shown}: {error}"), remedy),
    }
}

fn connect(host: &str, port: u16) -> io::Result<()> {
    let mut failed = io::Error::from(io::ErrorKind::NotFound);
    for address in (host, port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, LIMIT) {
            Ok(_) => return Ok(()),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

impl Doctor<'_> {
    /// Whether both endpoints show a certificate that this machine believes.
    pub(super) async fn tls(&self, connection: &ConnectionString, args: &NetworkArgs) -> Vec<Check> {
        let mut checks = Vec::new();
        for url in names::endpoints(connection) {
            let hop = format!("TLS to {}", url.host_str().unwrap_or_default());
            if url.scheme() != "https" {
                checks.push(Check::skipped(hop, "it is reached over plain http"));
                continue;
            }
            checks.push(match self.ask("open a connection", knock(args, &url)).await {
                Ok(()) => Check::ok(hop, "its certificate is trusted"),
                Err(error) => self.failed(hop, &error),
            });
        }
        checks
    }
}
