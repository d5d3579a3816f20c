//! The two addresses of a cluster: where it is queried, and where it is asked to ingest.

use std::fmt;
use std::str::FromStr;

use url::Url;

use crate::{Error, Result, data_source, host};

macro_rules! endpoint {
    ($(#[$about:meta])* $name:ident) => {
        $(#[$about])*
        #[derive(Clone, PartialEq, Eq, Hash)]
        pub struct $name(Url);

        impl $name {
            /// Reads an address and uses it as it is given: no prefix is added or taken off, and the path stays.
            pub fn parse(text: &str) -> Result<Self> {
                data_source::address(text).map(Self)
            }

            /// Uses a URL as it is given: no prefix is added or taken off, and the path stays.
            pub fn as_given(url: &Url) -> Result<Self> {
                data_source::check_shape(url)?;
                Ok(Self(url.clone()))
            }

            /// The address, with its base path if it has one. The object that is checked is the one to send to.
            #[must_use]
            pub fn url(&self) -> &Url {
                &self.0
            }

            /// The address of a resource of the service: `path` below the base path.
            #[must_use]
            pub fn join(&self, path: &str) -> Url {
                let base = self.0.path().trim_end_matches('/');
                let mut joined = self.0.clone();
                joined.set_path(&format!("{base}/{}", path.trim_start_matches('/')));
                joined
            }

            /// The address without its base path: scheme, host and port.
            #[must_use]
            pub fn origin(&self) -> Url {
                let mut origin = self.0.clone();
                origin.set_path("");
                origin
            }

            /// Whether it leads to this machine.
            #[must_use]
            pub fn is_loopback(&self) -> bool {
                host::is_loopback(&self.0)
            }

            /// Whether its host carries the name of an ingestion service: `ingest-…` or `private-ingest-…`.
            #[must_use]
            pub fn is_ingestion_host(&self) -> bool {
                host::is_ingestion_host(&self.0)
            }

            /// Whether a token may be sent there: over https, or without leaving this machine.
            #[must_use]
            pub fn allows_credentials(&self) -> bool {
                host::allows_credentials(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self> {
                Self::parse(text)
            }
        }

        impl AsRef<Url> for $name {
            fn as_ref(&self) -> &Url {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(data_source::written(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
    };
}

endpoint! {
    /// Where a cluster is queried, and where rows are streamed to.
    #[doc(alias = "query endpoint")]
    EngineEndpoint
}

endpoint! {
    /// Where a cluster is asked for the resources of queued ingestion: the data management service, `ingest-…`.
    #[doc(alias("data management", "DM"))]
    IngestionEndpoint
}

impl EngineEndpoint {
    /// The engine of the cluster at `url`, which may be the address of either service.
    ///
    /// Only the first label of the host's name is looked at: `ingest-help.…` becomes `help.…`, `private-ingest-help.…`
    /// becomes `private-help.…`, and `data-ingest-prod.…` stays. IP addresses, `localhost` and the onebox have one name
    /// for both services.
    pub fn of_cluster(url: &Url) -> Result<Self> {
        Self::as_given(&host::to_engine(url)?)
    }

    /// The ingestion service of the same cluster.
    pub fn to_ingestion(&self) -> Result<IngestionEndpoint> {
        IngestionEndpoint::of_cluster(&self.0)
    }
}

impl IngestionEndpoint {
    /// The ingestion service of the cluster at `url`, which may be the address of either service.
    ///
    /// Only the first label of the host's name is looked at: `help.…` becomes `ingest-help.…`, and `ingest-help.…`
    /// and `private-ingest-help.…` stay. IP addresses, `localhost` and the onebox have one name for both services.
    pub fn of_cluster(url: &Url) -> Result<Self> {
        Self::as_given(&host::to_ingestion(url)?)
    }

    /// The engine of the same cluster.
    pub fn to_engine(&self) -> Result<EngineEndpoint> {
        EngineEndpoint::of_cluster(&self.0)
    }
}
