//! Names of hosts: which are this machine's.

use std::net::IpAddr;

/// Whether a host is this machine: by a name of its own, one below it, or one that it was told of.
pub(crate) fn is_known(host: &str, names: &[String]) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let address = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<IpAddr>();
    let is_local = matches!(host.as_str(), "localhost" | "ingest-localhost") || host.ends_with(".localhost");
    is_local
        || address.is_ok_and(|address| address.is_loopback())
        || names
            .iter()
            .any(|name| is_below(&host, &name.to_ascii_lowercase()))
}

/// A name, that of its Data Management, or one below it.
fn is_below(host: &str, name: &str) -> bool {
    let rest = host.strip_suffix(name);
    rest.is_some_and(|rest| rest.is_empty() || rest == "ingest-" || rest.ends_with('.'))
}

/// A host without the port behind it.
pub(crate) fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) && !name.ends_with(':') => {
            name
        }
        _ => host,
    }
}
