//! The connection string: what a user writes to name a cluster, a database and a way to sign in.

use std::collections::BTreeMap;

use url::Url;

use crate::{AuthMethod, EngineEndpoint, IngestionEndpoint, Keyword, Result, Secret, data_source, host};

/// The database where none is named.
pub const DEFAULT_CATALOG: &str = "NetDefaultDB";

/// A Kusto connection string.
///
/// It is read from text ([`parse`](Self::parse)) or put together in code ([`for_cluster`](Self::for_cluster)).
/// `Display` and `Debug` mask secrets; [`expose`](Self::expose) does not. Reading is lenient about what belongs
/// together: whether its keywords make a credential is told by [`auth_method`](Self::auth_method).
#[derive(Clone)]
#[doc(alias("KustoConnectionStringBuilder", "KCSB", "NewConnectionStringBuilder"))]
pub struct ConnectionString {
    data_source: Url,
    /// Every keyword that is set, but `Data Source`; never an empty text.
    pub(crate) values: BTreeMap<Keyword, Value>,
    pub(crate) duplicates: Vec<Keyword>,
    /// A way to sign in that has no keywords.
    pub(crate) chosen: Option<AuthMethod>,
    pub(crate) endpoints: Endpoints,
    pub(crate) local_secrets: LocalSecrets,
}

/// What a keyword is set to.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    Secret(Secret),
    Flag(bool),
}

/// Where the addresses of a cluster's two services come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Endpoints {
    Derived,
    AsGiven,
    Ingestion(IngestionEndpoint),
}

/// Whether keywords may make the library read secrets of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LocalSecrets {
    Allowed,
    Forbidden,
}

impl ConnectionString {
    /// Starts from the address of a cluster, to which a path of one segment adds the database.
    ///
    /// ```
    /// use kusto_connection::ConnectionString;
    ///
    /// let connection = ConnectionString::for_cluster("https://help.kusto.windows.net")?
    ///     .with_client_secret("contoso.com", "11111111-2222-3333-4444-555555555555", "swordfish")
    ///     .with_initial_catalog("Samples");
    /// assert!(connection.to_string().contains("Application Key=****"));
    /// # Ok::<(), kusto_connection::Error>(())
    /// ```
    pub fn for_cluster(address: &str) -> Result<Self> {
        let (url, catalog) = data_source::address(address).and_then(data_source::split_catalog)?;
        Ok(Self::at(url, catalog))
    }

    pub(crate) fn at(data_source: Url, catalog: Option<String>) -> Self {
        let mut connection = Self {
            data_source,
            values: BTreeMap::new(),
            duplicates: Vec::new(),
            chosen: None,
            endpoints: Endpoints::Derived,
            local_secrets: LocalSecrets::Allowed,
        };
        connection.set_text(Keyword::InitialCatalog, catalog.unwrap_or_default());
        connection
    }

    /// The address of the cluster as it is given, without the database.
    #[must_use]
    pub fn data_source(&self) -> &Url {
        &self.data_source
    }

    /// The address of the engine, where the cluster is queried and rows are streamed to.
    ///
    /// Fails where the host is called `ingest-` and nothing usable remains without it.
    pub fn engine_endpoint(&self) -> Result<EngineEndpoint> {
        match &self.endpoints {
            Endpoints::Derived => EngineEndpoint::of_cluster(&self.data_source),
            Endpoints::AsGiven | Endpoints::Ingestion(_) => EngineEndpoint::as_given(&self.data_source),
        }
    }

    /// The address of the ingestion service, which issues the resources of queued ingestion.
    ///
    /// Fails where the host's first label leaves no room for `ingest-`.
    pub fn ingestion_endpoint(&self) -> Result<IngestionEndpoint> {
        match &self.endpoints {
            Endpoints::Derived => IngestionEndpoint::of_cluster(&self.data_source),
            Endpoints::AsGiven => IngestionEndpoint::as_given(&self.data_source),
            Endpoints::Ingestion(endpoint) => Ok(endpoint.clone()),
        }
    }

    /// Whether the cluster is on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        host::is_loopback(&self.data_source)
    }

    /// Whether the host, as it is given, carries the name of an ingestion service: `ingest-…` or `private-ingest-…`.
    #[must_use]
    pub fn is_ingestion_host(&self) -> bool {
        host::is_ingestion_host(&self.data_source)
    }

    /// The database to use where a call names none, if one is given.
    #[must_use]
    pub fn initial_catalog(&self) -> Option<&str> {
        self.text(Keyword::InitialCatalog)
    }

    /// The database to use where a call names none: the one given, or [`DEFAULT_CATALOG`].
    #[must_use]
    pub fn database(&self) -> &str {
        self.initial_catalog().unwrap_or(DEFAULT_CATALOG)
    }

    /// Whether to sign in through Microsoft Entra, if that is said.
    #[must_use]
    pub fn federated_security(&self) -> Option<bool> {
        self.flag(Keyword::FederatedSecurity)
    }

    /// The tenant to sign in to, by id or by domain.
    #[must_use]
    #[doc(alias = "tenant")]
    pub fn authority_id(&self) -> Option<&str> {
        self.text(Keyword::AuthorityId)
    }

    /// The client id of the application to sign in as.
    #[must_use]
    pub fn application_client_id(&self) -> Option<&str> {
        self.text(Keyword::ApplicationClientId)
    }

    /// The name of the user to sign in as.
    #[must_use]
    pub fn user_id(&self) -> Option<&str> {
        self.text(Keyword::UserId)
    }

    /// The name of the calling application, for the service's traces.
    #[must_use]
    pub fn application_name_for_tracing(&self) -> Option<&str> {
        self.text(Keyword::ApplicationNameForTracing)
    }

    /// The name of the calling user, for the service's traces.
    #[must_use]
    pub fn user_name_for_tracing(&self) -> Option<&str> {
        self.text(Keyword::UserNameForTracing)
    }

    /// The version of the calling client, for the service's traces.
    #[must_use]
    pub fn client_version_for_tracing(&self) -> Option<&str> {
        self.text(Keyword::ClientVersionForTracing)
    }

    /// The consistency that queries ask for: `strongconsistency` or `weakconsistency`.
    #[must_use]
    pub fn query_consistency(&self) -> Option<&str> {
        self.text(Keyword::QueryConsistency)
    }

    /// Whether answers shall come uncompressed.
    #[must_use]
    pub fn uncompressed(&self) -> bool {
        self.flag(Keyword::Uncompressed).unwrap_or(false)
    }

    /// Whether the public certificate is sent along, for sign-in by subject name and issuer.
    #[must_use]
    pub fn application_certificate_send_x5c(&self) -> bool {
        self.flag(Keyword::ApplicationCertificateSendX5c).unwrap_or(false)
    }

    /// The value of a keyword that is a secret: a key, a password, a token, a certificate or its thumbprint.
    #[must_use]
    pub fn secret(&self, keyword: Keyword) -> Option<&Secret> {
        match self.values.get(&keyword)? {
            Value::Secret(secret) => Some(secret),
            _ => None,
        }
    }

    /// The value of a keyword that is a plain text.
    #[must_use]
    pub fn text(&self, keyword: Keyword) -> Option<&str> {
        match self.values.get(&keyword)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value of a keyword that is true or false.
    #[must_use]
    pub fn flag(&self, keyword: Keyword) -> Option<bool> {
        match self.values.get(&keyword)? {
            Value::Flag(flag) => Some(*flag),
            _ => None,
        }
    }

    /// The keywords that were given more than once, under whatever spelling. The last value of each was taken.
    #[must_use]
    pub fn duplicates(&self) -> &[Keyword] {
        &self.duplicates
    }

    pub(crate) fn set(&mut self, keyword: Keyword, value: Option<Value>) {
        match value {
            Some(value) => self.values.insert(keyword, value),
            None => self.values.remove(&keyword),
        };
    }

    /// Sets a keyword to a text; an empty one means that it is not set.
    pub(crate) fn set_text(&mut self, keyword: Keyword, text: String) {
        self.set(keyword, (!text.is_empty()).then_some(Value::Text(text)));
    }
}

/// Two are equal if they mean the same; that one of them said a thing twice does not matter.
impl PartialEq for ConnectionString {
    fn eq(&self, other: &Self) -> bool {
        self.data_source == other.data_source
            && self.values == other.values
            && self.chosen == other.chosen
            && self.endpoints == other.endpoints
            && self.local_secrets == other.local_secrets
    }
}

impl Eq for ConnectionString {}
