//! Whether the names of a cluster's endpoints resolve.

use std::net::ToSocketAddrs as _;

use kusto_ingest::connection::ConnectionString;
use tokio::task::spawn_blocking;

use crate::args::Variables;
use crate::report::{Check, Exit};

/// The variables that name a proxy, which resolves names in the place of this machine.
const PROXIES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// Looks up the hosts of both endpoints.
pub(super) async fn look(
    connection: &ConnectionString,
    has_proxy: bool,
    variables: Variables<'_>,
) -> Vec<Check> {
    let engine = connection
        .engine_endpoint()
        .map(|endpoint| endpoint.url().clone());
    let ingestion = connection
        .ingestion_endpoint()
        .map(|endpoint| endpoint.url().clone());
    let mut hosts: Vec<(String, u16)> = Vec::new();
    for url in [engine, ingestion].into_iter().flatten() {
        let host = url.host_str().unwrap_or_default().to_owned();
        let host = (host, url.port_or_known_default().unwrap_or(443));
        if !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    let is_proxied = has_proxy || PROXIES.iter().any(|name| variables(name).is_some());
    let mut checks = Vec::new();
    for (host, port) in hosts {
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
