//! The ways to sign in, as data. Turning one into a token is another crate's work.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::Secret;

/// A way to sign in, with all that it needs.
///
/// Methods that are objects and not data (a callback, a `TokenCredential`) are given to the client in code, for a
/// connection string that leaves this [`Unspecified`](Self::Unspecified).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthMethod {
    /// Nothing is said. To be completed in code.
    Unspecified,
    /// No sign-in: no token is sent.
    #[doc(alias = "NoAuth")]
    Anonymous,
    /// As an application, with its secret.
    #[doc(alias = "AppKey")]
    ClientSecret {
        /// The tenant, by id or by domain.
        tenant: String,
        /// The application.
        client_id: String,
        /// Its secret, the *application key*.
        secret: Secret,
    },
    /// As an application, with its certificate.
    #[doc(alias = "AppCertificate")]
    ClientCertificate {
        /// The tenant, by id or by domain.
        tenant: String,
        /// The application.
        client_id: String,
        /// Its certificate, with the private key.
        certificate: Certificate,
    },
    /// With a bearer token of a user, used as it is.
    UserToken(Secret),
    /// With a bearer token of an application, used as it is.
    #[doc(alias = "AppToken")]
    ApplicationToken(Secret),
    /// As a user who is asked.
    UserPrompt {
        /// The user that is expected.
        login_hint: Option<String>,
        /// The tenant, where it is not the user's own.
        tenant: Option<String>,
    },
    /// As a user who is shown a code and enters it in a browser anywhere.
    DeviceCode {
        /// The tenant, where it is not the user's own.
        tenant: Option<String>,
    },
    /// As the identity of the machine or service that this runs on.
    #[doc(alias = "MSI")]
    ManagedIdentity(ManagedIdentity),
    /// As a Kubernetes service account. What is not given comes from the environment.
    WorkloadIdentity {
        /// The tenant, by id or by domain.
        tenant: Option<String>,
        /// The application.
        client_id: Option<String>,
        /// The file that holds the service account's token.
        token_file: Option<PathBuf>,
    },
    /// As the service connection of an Azure pipeline.
    AzurePipelines {
        /// The tenant, by id or by domain.
        tenant: String,
        /// The application.
        client_id: String,
        /// The service connection.
        service_connection_id: String,
        /// The pipeline's own token, `System.AccessToken`.
        access_token: Secret,
    },
    /// As whoever is signed in to the Azure CLI.
    AzureCli,
    /// As whoever is signed in to any of Azure's developer tools.
    DeveloperTools,
    /// As the environment says: the first of secret, workload identity, managed identity and developer tools that works.
    Environment,
}

impl AuthMethod {
    /// What it is called where people read it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::Anonymous => "no sign-in",
            Self::ClientSecret { .. } => "client secret",
            Self::ClientCertificate { .. } => "client certificate",
            Self::UserToken(_) => "user token",
            Self::ApplicationToken(_) => "application token",
            Self::UserPrompt { .. } => "user prompt",
            Self::DeviceCode { .. } => "device code",
            Self::ManagedIdentity(_) => "managed identity",
            Self::WorkloadIdentity { .. } => "workload identity",
            Self::AzurePipelines { .. } => "Azure pipelines",
            Self::AzureCli => "Azure CLI",
            Self::DeveloperTools => "developer tools",
            Self::Environment => "environment",
        }
    }

    /// The tenant that it names itself.
    pub(crate) fn tenant(&self) -> Option<&str> {
        let tenant = match self {
            Self::ClientSecret { tenant, .. }
            | Self::ClientCertificate { tenant, .. }
            | Self::AzurePipelines { tenant, .. } => Some(tenant.as_str()),
            Self::UserPrompt { tenant, .. }
            | Self::DeviceCode { tenant }
            | Self::WorkloadIdentity { tenant, .. } => tenant.as_deref(),
            _ => None,
        };
        tenant.filter(|tenant| !tenant.is_empty())
    }

    /// The same, in this tenant where it names none and can name one.
    pub(crate) fn or_tenant(mut self, given: Option<&str>) -> Self {
        let Some(given) = given else { return self };
        match &mut self {
            Self::ClientCertificate { tenant, .. } | Self::AzurePipelines { tenant, .. }
                if tenant.is_empty() =>
            {
                *tenant = given.to_owned();
            }
            Self::DeviceCode { tenant } | Self::WorkloadIdentity { tenant, .. } if tenant.is_none() => {
                *tenant = Some(given.to_owned());
            }
            _ => {}
        }
        self
    }

    /// Whether requests carry a token.
    #[must_use]
    pub fn sends_token(&self) -> bool {
        !matches!(self, Self::Unspecified | Self::Anonymous)
    }
}

/// Its [name](Self::name), and no secret.
impl fmt::Display for AuthMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Which of a machine's identities is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "Azure knows these four ways to name one")]
pub enum ManagedIdentity {
    /// The one that Azure made for the machine.
    System,
    /// The user-assigned one with this client id.
    ClientId(String),
    /// The user-assigned one with this object id.
    ObjectId(String),
    /// The user-assigned one with this resource id.
    ResourceId(String),
}

/// The certificate of an application, with its private key.
///
/// ```
/// use kusto_connection::{Certificate, ConnectionString};
///
/// let connection = ConnectionString::for_cluster("https://help.kusto.windows.net")?.with_client_certificate(
///     "contoso.com",
///     "11111111-2222-3333-4444-555555555555",
///     Certificate::from_file("/etc/ingest/certificate.pfx").with_password("swordfish").with_chain(),
/// );
/// assert_eq!(connection.auth_method()?.name(), "client certificate");
/// # Ok::<(), kusto_connection::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    pub(crate) source: CertificateSource,
    pub(crate) password: Option<Secret>,
    pub(crate) thumbprint: Option<String>,
    pub(crate) chain: bool,
}

/// Where a certificate comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CertificateSource {
    /// The text of a PEM file, or base64 of a PEM or PKCS#12 file.
    Blob(Secret),
    /// A PEM or PKCS#12 file, which this crate does not open.
    File(PathBuf),
}

impl Certificate {
    /// A certificate that is at hand: the text of a PEM file, or base64 of a PEM or PKCS#12 file.
    #[must_use]
    pub fn from_blob(blob: impl Into<Secret>) -> Self {
        Self::from_source(CertificateSource::Blob(blob.into()))
    }

    /// A certificate in a PEM or PKCS#12 file, which is read when a token is needed.
    #[must_use]
    pub fn from_file(path: impl Into<PathBuf>) -> Self {
        Self::from_source(CertificateSource::File(path.into()))
    }

    fn from_source(source: CertificateSource) -> Self {
        Self {
            source,
            password: None,
            thumbprint: None,
            chain: false,
        }
    }

    /// Opens the file with this password.
    #[must_use]
    pub fn with_password(self, password: impl Into<Secret>) -> Self {
        Self {
            password: Some(password.into()),
            ..self
        }
    }

    /// Expects this thumbprint: SHA-1 or SHA-256 in hexadecimal digits, which may be grouped by colons or spaces.
    #[must_use]
    pub fn with_thumbprint(self, thumbprint: impl Into<String>) -> Self {
        Self {
            thumbprint: Some(thumbprint.into()),
            ..self
        }
    }

    /// Sends the public certificates along (x5c), for applications that are known by subject name and issuer.
    #[must_use]
    #[doc(alias("SendX5c", "SNI"))]
    pub fn with_chain(self) -> Self {
        Self { chain: true, ..self }
    }

    /// Where it comes from.
    #[must_use]
    pub fn source(&self) -> &CertificateSource {
        &self.source
    }

    /// The file that it comes from, if it does.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &self.source {
            CertificateSource::File(path) => Some(path),
            CertificateSource::Blob(_) => None,
        }
    }

    /// The password of the file.
    #[must_use]
    pub fn password(&self) -> Option<&Secret> {
        self.password.as_ref()
    }

    /// The thumbprint that is expected. [`auth_method`](crate::ConnectionString::auth_method) returns it as 40 (SHA-1)
    /// or 64 (SHA-256) upper-case hexadecimal digits.
    #[must_use]
    pub fn thumbprint(&self) -> Option<&str> {
        self.thumbprint.as_deref()
    }

    /// Whether the public certificates are sent along.
    #[must_use]
    pub fn sends_chain(&self) -> bool {
        self.chain
    }
}
