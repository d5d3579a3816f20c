//! Whether the names of a cluster's endpoints resolve.

use std::net::ToSocketAddrs as _;

use kusto_ingest::connection::ConnectionString;
use kusto_ingest::external::url::Url;
use tokio::task::spawn_blocking;

use crate::report::{Check, Exit};

/// The variables that name a proxy, which resolves names in the place of this machine.
pub(super) const PROXIES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// Both endpoints; one where they are at one host.
pub(super) fn endpoints(connection: &ConnectionString) -> Vec<Url> {
    let engine = connection
        .engine_endpoint()
        .map(|endpoint| endpoint.url().clone());
    let ingestion = connection
        .ingestion_endpoint()
        .map(|endpoint| endpoint.url().clone());
    let mut known: Vec<Url> = Vec::new();
    for url in [engine, ingestion].into_iter().flatten() {
        let is_known = |other: &Url| other.host() == url.host() && other.port() == url.port();
        if !known.iter().any(is_known) {
            known.push(url);
        }
    }
    known
}

/// Looks up the hosts of both endpoints.
pub(super) async fn look(connection: &ConnectionString, is_proxied: bool) -> Vec<Check> {
    let mut checks = Vec::new();
    for url in endpoints(connection) {
        let host = url.host_str().unwrap_or_default().to_owned();
        let port = url.port_or_known_default().unwrap_or(443);
        let hop = format!("name {host}");
        checks.push(match is_proxied {
            true => Check::skipped(hop, "a proxy is named, and resolves it"),
            false => found(hop, host, port).await,
        });
    }
    checks
}

async fn found(hop: String, host: String, port: u16) -> Check {
    // The brackets are those of an address in a URL.
    let plain = host.trim_matches(['[', ']']).to_owned();
    let looked = spawn_blocking(move || {
        let addresses = (plain.as_str(), port).to_socket_addrs()?;
        Ok::<_, std::io::Error>(
            addresses
                .map(|address| address.ip().to_string())
                .collect::<Vec<_>>(),
        )
    });
    let why = match looked.await {
        Ok(Ok(addresses)) if !addresses.is_empty() => return Check::ok(hop, addresses.join(", ")),
        Ok(Ok(_)) => "it has no address".to_owned(),
        Ok(Err(error)) => error.to_string(),
        Err(error) => error.to_string(),
    };
    Check::failed(
        hop,
        Exit::Unavailable,
        why,
        "look at the cluster's name; behind a private endpoint, its names must resolve in your network",
    )
}
