//! Access control: programs of this machine may send requests, web pages of another origin may not.
//!
//! The emulator has no authentication, so that a web page must not reach it: neither by its address nor by a host name
//! that resolves to this machine.

use std::net::IpAddr;

use kusto_ingest_core::{Error, Result};

use crate::answer::refusal;
use crate::request_head::RequestHead;

/// What a browser says of a request that the page itself caused, or the person in front of it.
const HARMLESS: [&str; 2] = ["same-origin", "none"];

/// # Errors
/// `HostNotAllowed`, `OriginNotAllowed`, both with the status 403.
pub(crate) fn check(asked: &RequestHead, names: &[String]) -> Result<()> {
    let host = asked.header("host").unwrap_or_default();
    if !host.is_empty() && !is_known(without_port(host), names) {
        let why = "the host name is not one of this machine; EmulatorBuilder::with_host_name accepts it";
        return Err(refused("HostNotAllowed", why));
    }
    let is_foreign = |site: &str| !HARMLESS.contains(&site);
    let is_other = |origin: &str| {
        let address = origin.split_once("://").map(|(_, address)| address);
        !address.is_some_and(|address| address.eq_ignore_ascii_case(host))
    };
    if asked.header("origin").is_some_and(is_other) || asked.header("sec-fetch-site").is_some_and(is_foreign)
    {
        let why = "the request comes from a web page of another origin";
        return Err(refused("OriginNotAllowed", why));
    }
    Ok(())
}

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

fn refused(code: &'static str, why: &'static str) -> Error {
    refusal(403, code, why)
}
