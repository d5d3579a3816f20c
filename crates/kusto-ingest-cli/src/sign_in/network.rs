//! How the cluster is reached: proxy, certificates, trusted hosts.

use std::error::Error as StdError;
use std::net::IpAddr;
use std::path::Path;

use kusto_ingest::auth::{MatchRule, TrustedEndpoints};
use kusto_ingest::azure_core::http::{HttpClient as _, Method, Request, Url};
use kusto_ingest::transport::{HyperTransport, Proxy, ProxyUrl, TransportOptions};
use kusto_ingest::{Error, ErrorKind, KustoBuilder};

use crate::args::NetworkArgs;
use crate::report::{self, CommandError};

/// Where the guide explains it.
const PAGE: &str = "docs/guide/networks.md";

/// What a file of certificates has in it.
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----";

/// Sets what the arguments say. Nothing of what was typed is repeated: an address may hold a password.
///
/// # Errors
/// An argument that cannot be used, and why.
pub(super) fn set(args: &NetworkArgs, builder: KustoBuilder) -> Result<KustoBuilder, CommandError> {
    let builder = match options(args)? {
        None => builder,
        Some(options) => builder.with_transport(options),
    };
    Ok(match trusted(&args.trusted_hosts)? {
        Some(trusted) => builder.with_trusted_endpoints(trusted),
        None => builder,
    })
}

/// What the arguments say of the transport; none where they say nothing.
///
/// # Errors
/// As [`set`].
pub(super) fn options(args: &NetworkArgs) -> Result<Option<TransportOptions>, CommandError> {
    Ok(match (proxy(args)?, certificates(args.ca_file.as_deref())?) {
        (None, None) => None,
        (proxy, roots) => {
            let options = TransportOptions::new().with_proxy(proxy.unwrap_or_default());
            Some(match roots {
                Some(roots) => options.with_extra_roots(roots),
                None => options,
            })
        }
    })
}

/// Asks an endpoint for what it tells everybody, in nobody's name: whatever it answers, there was a connection, and over
/// `https` a certificate that is trusted.
///
/// # Errors
/// There was no answer.
pub(crate) async fn knock(args: &NetworkArgs, url: &Url) -> kusto_ingest::Result<()> {
    let failed = || Error::new(ErrorKind::Connection, "open a connection");
    let options = options(args).map_err(|error| failed().because(error.message))?;
    let transport = HyperTransport::new(options.unwrap_or_default())?;
    let mut url = url.clone();
    url.set_path("/v1/rest/auth/metadata");
    match transport.execute_request(&Request::new(url, Method::Get)).await {
        Ok(_) => Ok(()),
        Err(error) => Err(match find(&error) {
            Some(ours) => ours.clone(),
            None => failed().because("there is no answer"),
        }),
    }
}

/// Our own error below one of Azure's SDK.
pub(super) fn find<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(ours) = error.downcast_ref::<Error>() {
            return Some(ours);
        }
        next = error.source();
    }
    None
}

fn proxy(args: &NetworkArgs) -> Result<Option<Proxy>, CommandError> {
    let Some(text) = args.proxy.as_deref() else {
        return Ok(None);
    };
    if text == "none" {
        return match args.no_proxy {
            None => Ok(Some(Proxy::None)),
            Some(_) => Err(CommandError::usage("--no-proxy says nothing to --proxy none")),
        };
    }
    let refused = |error: Error| {
        let why = error.reason().unwrap_or("it is no address").to_owned();
        CommandError::usage(format!(
            "--proxy cannot be used: {why}; give http://HOST:PORT, or none"
        ))
        .with_page(PAGE)
    };
    let url = ProxyUrl::parse(text).map_err(refused)?;
    if text.contains('@') {
        report::warning(
            "whoever lists the processes of this machine can read the password in --proxy: set HTTPS_PROXY in its place",
        );
    }
    Ok(Some(Proxy::Url(match &args.no_proxy {
        Some(hosts) => url.with_no_proxy(hosts),
        None => url,
    })))
}

fn certificates(path: Option<&Path>) -> Result<Option<String>, CommandError> {
    let Some(path) = path else { return Ok(None) };
    let refused = |why: &str| CommandError::usage(format!("--ca-file cannot be used: {why}")).with_page(PAGE);
    let file = std::fs::read(path).map_err(|error| refused(&error.to_string()))?;
    // A file of another form is not text at all.
    match String::from_utf8(file) {
        Ok(text) if text.contains(CERTIFICATE) => Ok(Some(text)),
        _ => Err(refused(
            "it holds no certificate in PEM; `openssl x509 -inform der -in FILE` makes PEM of DER",
        )),
    }
}

fn trusted(hosts: &[String]) -> Result<Option<TrustedEndpoints>, CommandError> {
    let mut trusted = TrustedEndpoints::new();
    for host in hosts {
        let rule = match host.starts_with('.') {
            true => MatchRule::suffix(host),
            false => MatchRule::exact(host),
        };
        let refused =
            |error| CommandError::usage(format!("--trusted-host cannot be used: {error}")).with_page(PAGE);
        trusted = trusted.with_rule(rule.map_err(refused)?);
        // A cluster has two addresses, and one of them is named. An address of numbers has no other.
        if let Some(Ok(rule)) = other_host(host).map(|other| MatchRule::exact(&other)) {
            trusted = trusted.with_rule(rule);
        }
    }
    Ok((!hosts.is_empty()).then_some(trusted))
}

/// The host of a cluster's other endpoint.
fn other_host(host: &str) -> Option<String> {
    if host.starts_with('.') || host.parse::<IpAddr>().is_ok() {
        return None;
    }
    Some(match host.strip_prefix("ingest-") {
        Some(engine) => engine.to_owned(),
        None => format!("ingest-{host}"),
    })
}
