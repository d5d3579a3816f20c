//! The addresses of web pages that people copy in the place of a cluster's own, and what to write instead.

use url::Url;

use crate::error::invalid_data_source as invalid;
use crate::{Error, Result};

/// The web page that queries clusters, in every cloud: `https://dataexplorer.azure.com/clusters/NAME/databases/DB`.
const WEB_UI: &str = "dataexplorer.azure.";

/// Pages that show a cluster among other things.
const PORTALS: [&str; 3] = ["portal.azure.com", "app.fabric.microsoft.com", "app.powerbi.com"];

/// Refuses the address of a web page, with the address of the cluster as far as the page's address tells it.
pub(crate) fn refuse(url: &Url) -> Result<()> {
    match url.domain() {
        Some(host) if host.starts_with(WEB_UI) => Err(web_ui(url)),
        Some(host) if PORTALS.contains(&host) => Err(invalid(
            "it is the address of a web page; that of the cluster stands on it as the query URI",
        )),
        _ => Ok(()),
    }
}

fn web_ui(url: &Url) -> Error {
    match cluster(url) {
        Some(host) => invalid(format!(
            "it is the address of the web UI; that of the cluster is `https://{host}`"
        )),
        None => invalid(
            "it is the address of the web UI; that of a cluster is such as `https://CLUSTER.REGION.kusto.windows.net`",
        ),
    }
}

/// The host of the cluster that the page shows.
fn cluster(url: &Url) -> Option<String> {
    let mut segments = url.path_segments()?;
    let name = segments
        .find(|segment| segment.eq_ignore_ascii_case("clusters"))
        .and_then(|_| segments.next())?;
    // What can be nothing but a name is the one thing of an address that an error repeats.
    let is_name = name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.len() <= 100
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'));
    let domain = match url.domain()?.rsplit('.').next() {
        Some("us") => "kusto.usgovcloudapi.net",
        Some("cn") => "kusto.chinacloudapi.cn",
        _ => "kusto.windows.net",
    };
    is_name.then(|| match name.contains(".kusto.") {
        true => name.to_owned(),
        false => format!("{name}.{domain}"),
    })
}
