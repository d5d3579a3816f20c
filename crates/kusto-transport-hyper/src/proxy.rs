//! Which requests go through which proxy.

use std::fmt;
use std::net::IpAddr;

use http::uri::Authority;
use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use kusto_ingest_core::{Error, ErrorKind, Result};

/// Which proxy requests go through.
///
/// Who tells the managed identity is never asked through a proxy: the metadata service of a virtual machine
/// (169.254.169.254), and the service that `IDENTITY_ENDPOINT` names to an app.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Proxy {
    /// `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, or their lower case, as curl reads them, and as
    /// they are when the transport is made. `NO_PROXY` may also say `*.domain`, as Go reads it. Loopback addresses are
    /// spoken to directly.
    #[default]
    FromEnvironment,
    /// No proxy, whatever the environment says.
    None,
    /// This proxy, for https and for http.
    Url(ProxyUrl),
}

/// The address of a proxy, with its user and password if it has them.
#[derive(Clone)]
pub struct ProxyUrl {
    text: String,
    shown: String,
    except: String,
}

impl ProxyUrl {
    /// Reads `http://[user[:password]@]host[:port]`.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) where it is none, or of a kind that is not offered: `https://` and
    /// `socks…://`. The error does not repeat the text.
    pub fn parse(text: impl Into<String>) -> Result<Self> {
        let text = text.into();
        let refuse = |why: &'static str| {
            Error::new(ErrorKind::InvalidInput, "read the address of the proxy").because(why)
        };
        let uri: Uri = text.parse().map_err(|_| refuse("it is not a URL"))?;
        let shown = destination(&uri).ok_or_else(|| refuse("it names no host"))?;
        match uri.scheme_str() {
            Some("http") => Ok(Self {
                text,
                shown,
                except: String::new(),
            }),
            _ => Err(refuse("only http:// is offered")),
        }
    }

    /// Hosts to reach without it, as in `NO_PROXY`: names (with all below them), addresses and networks, by commas, or
    /// `*` for all.
    #[must_use]
    pub fn with_no_proxy(mut self, hosts: impl Into<String>) -> Self {
        self.except = hosts.into();
        self
    }
}

impl fmt::Debug for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyUrl")
            .field("proxy", &self.shown)
            .field("except", &self.except)
            .finish()
    }
}

/// How a host is reached.
pub(crate) enum Route {
    /// Without a proxy.
    Direct,
    /// Plain http: the proxy reads the request.
    Forward(Intercept),
    /// TLS: the proxy connects, and sees no more than the name of the host.
    Tunnel(Intercept),
}

impl Route {
    /// What a request has to show to the proxy itself.
    pub(crate) fn authorization(&self) -> Option<&HeaderValue> {
        match self {
            Self::Forward(proxy) => proxy.basic_auth(),
            Self::Direct | Self::Tunnel(_) => None,
        }
    }
}

/// The decision, for every host.
pub(crate) struct Routes {
    matcher: Option<Matcher>,
    /// Intercepts all but the hosts that are reached directly.
    except: Matcher,
    loopback: bool,
    /// Who tells an app its managed identity: it gets a secret, and a proxy would look for it on its own machine.
    identity_service: Option<Authority>,
}

impl Routes {
    pub(crate) fn new(proxy: &Proxy) -> Self {
        let identity_service = identity_service(|name| std::env::var(name).ok());
        match proxy {
            Proxy::FromEnvironment => Self {
                matcher: Some(Matcher::from_env()),
                except: exceptions(&no_proxy()),
                loopback: false,
                identity_service,
            },
            Proxy::None => Self {
                matcher: None,
                except: exceptions(""),
                loopback: false,
                identity_service,
            },
            Proxy::Url(url) => {
                let matcher = Matcher::builder().all(url.text.as_str()).build();
                Self {
                    matcher: Some(matcher),
                    except: exceptions(&url.except),
                    loopback: true,
                    identity_service,
                }
            }
        }
    }

    /// How this host is reached.
    pub(crate) fn to(&self, uri: &Uri) -> Result<Route> {
        let address = uri
            .host()
            .and_then(|host| host.trim_matches(['[', ']']).parse::<IpAddr>().ok());
        let is_loopback =
            uri.host() == Some("localhost") || address.is_some_and(|address| address.is_loopback());
        let is_link_local = matches!(address, Some(IpAddr::V4(address)) if address.is_link_local());
        let is_identity_service =
            self.identity_service.is_some() && self.identity_service.as_ref() == uri.authority();
        if is_link_local
            || is_identity_service
            || (is_loopback && !self.loopback)
            || self.except.intercept(uri).is_none()
        {
            return Ok(Route::Direct);
        }
        let Some(proxy) = self.matcher.as_ref().and_then(|matcher| matcher.intercept(uri)) else {
            return Ok(Route::Direct);
        };
        if proxy.uri().scheme_str() != Some("http") {
            // To go around a proxy that someone set would be worse than not to go.
            return Err(
                Error::new(ErrorKind::Connection, "use the proxy of the environment")
                    .because("only http:// proxies are offered")
                    .with("proxy", destination(proxy.uri()).unwrap_or_default())
                    .with_permanence(true),
            );
        }
        Ok(if uri.scheme_str() == Some("https") {
            Route::Tunnel(proxy)
        } else {
            Route::Forward(proxy)
        })
    }
}

/// Who tells an app its managed identity, as the environment says.
fn identity_service(variable: impl FnOnce(&'static str) -> Option<String>) -> Option<Authority> {
    let address: Uri = variable("IDENTITY_ENDPOINT")?.parse().ok()?;
    address.authority().cloned()
}

/// The hosts that the environment has reached directly.
fn no_proxy() -> String {
    let variable = |name| std::env::var(name).ok();
    variable("NO_PROXY")
        .or_else(|| variable("no_proxy"))
        .unwrap_or_default()
}

/// Intercepts all but these hosts. For the matcher, a `*` is the name of all names, and of no address.
fn exceptions(hosts: &str) -> Matcher {
    let hosts = hosts
        .split(|letter: char| letter == ',' || letter.is_whitespace())
        .filter(|host| !host.is_empty())
        .map(|host| match host {
            "*" => "*,0.0.0.0/0,::/0",
            host => host.trim_start_matches('*').trim_matches(['[', ']']),
        })
        .collect::<Vec<_>>();
    Matcher::builder().all("http://proxy").no(hosts.join(",")).build()
}

/// Host and port, without user and password.
pub(crate) fn destination(uri: &Uri) -> Option<String> {
    let host = uri.host().filter(|host| !host.is_empty())?;
    Some(
        uri.port()
            .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxied(routes: &Routes, uri: &str) -> bool {
        !matches!(routes.to(&uri.parse().unwrap()).unwrap(), Route::Direct)
    }

    #[test]
    fn metadata_of_the_machine_and_exceptions_are_reached_directly() {
        let url = ProxyUrl::parse("http://proxy:3128")
            .unwrap()
            .with_no_proxy("10.0.0.0/8, .internal");
        let routes = Routes::new(&Proxy::Url(url));
        assert!(proxied(&routes, "https://help.kusto.windows.net/"));
        assert!(
            proxied(&routes, "http://127.0.0.1:8080/"),
            "a proxy that was named is used for everything else"
        );
        for direct in [
            "http://169.254.169.254/metadata",
            "http://10.1.2.3/",
            "https://kusto.internal/",
        ] {
            assert!(!proxied(&routes, direct), "{direct}");
        }
    }

    #[test]
    fn who_tells_the_identity_of_an_app_is_reached_directly() {
        let url = ProxyUrl::parse("http://proxy:3128").unwrap();
        let routes = Routes {
            identity_service: identity_service(|_| Some("http://localhost:42356/msi/token".to_owned())),
            ..Routes::new(&Proxy::Url(url))
        };
        assert!(!proxied(&routes, "http://localhost:42356/msi/token?resource=x"));
        assert!(proxied(&routes, "http://localhost:8080/"));
        assert_eq!(identity_service(|_| None), None);
    }

    #[test]
    fn exceptions_are_read_as_common_tools_read_them() {
        let named = "https://help.kusto.windows.net/";
        for (except, direct, through) in [
            (
                "*",
                &[named, "https://10.1.2.3:9/", "https://[2001:db8::1]/"][..],
                &[][..],
            ),
            ("", &[], &[named, "https://10.1.2.3/"]),
            (
                "10.1.2.3",
                &["https://10.1.2.3:9/"],
                &["https://10.1.2.4/", named],
            ),
            (
                "10.0.0.0/8 192.168.0.0/16",
                &["https://10.1.2.3/", "http://192.168.7.7/"],
                &["https://11.1.2.3/"],
            ),
            (
                "[2001:db8::1]",
                &["https://[2001:db8::1]/"],
                &["https://[2001:db8::2]/"],
            ),
            (
                "2001:db8::/32",
                &["https://[2001:db8::2]/"],
                &["https://[2002:db8::2]/", "https://10.1.2.3/"],
            ),
            (
                "*.windows.net",
                &[named],
                &["https://windows.net.test/", "https://10.1.2.3/"],
            ),
            (
                "WINDOWS.NET",
                &[named, "https://windows.net/"],
                &["https://mywindows.net/"],
            ),
        ] {
            let url = ProxyUrl::parse("http://proxy:3128")
                .unwrap()
                .with_no_proxy(except);
            let routes = Routes::new(&Proxy::Url(url));
            for uri in direct {
                assert!(!proxied(&routes, uri), "{except}: {uri}");
            }
            for uri in through {
                assert!(proxied(&routes, uri), "{except}: {uri}");
            }
        }
    }

    #[test]
    fn a_proxy_of_another_kind_is_refused_and_never_goes_unused() {
        for text in [
            "https://proxy:3128",
            "socks5://proxy:1080",
            "proxy",
            "http://",
            "",
        ] {
            assert_eq!(
                ProxyUrl::parse(text).unwrap_err().kind(),
                ErrorKind::InvalidInput,
                "{text}"
            );
        }
        let routes = Routes {
            matcher: Some(Matcher::builder().all("socks5://proxy:1080").build()),
            except: exceptions(""),
            loopback: false,
            identity_service: None,
        };
        let error = routes
            .to(&"https://help.kusto.windows.net/".parse().unwrap())
            .err()
            .unwrap();
        assert!(error.is_permanent(), "{error:?}");
    }

    #[test]
    fn user_and_password_of_a_proxy_are_not_shown() {
        let url = ProxyUrl::parse("http://alice:SECRET@proxy:3128").unwrap();
        let shown = format!("{:?}", Proxy::Url(url));
        assert!(
            shown.contains("proxy:3128") && !shown.contains("SECRET") && !shown.contains("alice"),
            "{shown}"
        );
    }
}
