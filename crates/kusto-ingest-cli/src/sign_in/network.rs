//! How the cluster is reached: proxy, certificates, trusted hosts.

use std::path::Path;

use kusto_ingest::{Error, KustoBuilder, MatchRule, Proxy, ProxyUrl, TransportOptions, TrustedEndpoints};

use crate::args::NetworkArgs;
use crate::exit::Stop;
use crate::report;

/// What a file of certificates has in it.
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----";

/// Sets what the arguments say. Nothing of what was typed is repeated: an address may hold a password.
///
/// # Errors
/// An argument that cannot be used, and why.
pub(super) fn set(args: &NetworkArgs, builder: KustoBuilder) -> Result<KustoBuilder, Stop> {
    let builder = match (proxy(args)?, certificates(args.ca_file.as_deref())?) {
        (None, None) => builder,
        (proxy, roots) => {
            let options = TransportOptions::new().with_proxy(proxy.unwrap_or_default());
            builder.with_transport(match roots {
                Some(roots) => options.with_extra_roots(roots),
                None => options,
            })
        }
    };
    Ok(match trusted(&args.trusted_hosts)? {
        Some(trusted) => builder.with_trusted_endpoints(trusted),
        None => builder,
    })
}

fn proxy(args: &NetworkArgs) -> Result<Option<Proxy>, Stop> {
    let Some(text) = args.proxy.as_deref() else {
        return Ok(None);
    };
    if text == "none" {
        return match args.no_proxy {
            None => Ok(Some(Proxy::None)),
            Some(_) => Err(Stop::usage("--no-proxy says nothing to --proxy none")),
        };
    }
    let refused = |error: Error| {
        let why = error.reason().unwrap_or("it is no address").to_owned();
        Stop::usage(format!(
            "--proxy cannot be used: {why}; give http://HOST:PORT, or none"
        ))
    };
    let url = ProxyUrl::parse(text).map_err(refused)?;
    if text.contains('@') {
        report::warning(
            "whoever lists the processes of this machine can read the password in --proxy: set HTTPS_PROXY in its place",
        );
    }
    Ok(Some(Proxy::Url(match &args.no_proxy {
        Some(hosts) => url.except(hosts),
        None => url,
    })))
}

fn certificates(path: Option<&Path>) -> Result<Option<String>, Stop> {
    let Some(path) = path else { return Ok(None) };
    let refused = |why: &str| Stop::usage(format!("--ca-file cannot be used: {why}"));
    let text = std::fs::read_to_string(path).map_err(|error| refused(&error.to_string()))?;
    match text.contains(CERTIFICATE) {
        true => Ok(Some(text)),
        false => Err(refused("it holds no certificate in PEM")),
    }
}

fn trusted(hosts: &[String]) -> Result<Option<TrustedEndpoints>, Stop> {
    if hosts.is_empty() {
        return Ok(None);
    }
    let rule = |host: &String| match host.starts_with('.') {
        true => MatchRule::suffix(host),
        false => MatchRule::exact(host),
    };
    let rules = hosts.iter().map(|host| {
        rule(host).map_err(|error| Stop::usage(format!("--trusted-host cannot be used: {error}")))
    });
    let trust = |trusted: TrustedEndpoints, rule: Result<MatchRule, Stop>| Ok(trusted.with_rule(rule?));
    rules
        .into_iter()
        .try_fold(TrustedEndpoints::new(), trust)
        .map(Some)
}
