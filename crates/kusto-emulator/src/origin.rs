//! Access control: programs of this machine may send requests, web pages of another origin may not.
//!
//! The emulator has no authentication, so that a web page must not reach it: neither by its address nor by a host name
//! that resolves to this machine.

use kusto_ingest_core::{Error, Result};

use crate::answer::refusal;
use crate::host::{is_known, without_port};
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

fn refused(code: &'static str, why: &'static str) -> Error {
    refusal(403, code, why)
}
