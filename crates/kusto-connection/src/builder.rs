//! A connection string put together in code.

use crate::connection::{Endpoints, LocalSecrets, Value};
use crate::{
    AuthMethod, Certificate, CertificateSource, ConnectionString, IngestionEndpoint, Keyword,
    ManagedIdentity, Secret,
};

/// What [`ConnectionString::with_auth`] replaces.
const SIGN_IN: [Keyword; 11] = [
    Keyword::FederatedSecurity,
    Keyword::ApplicationClientId,
    Keyword::ApplicationKey,
    Keyword::UserId,
    Keyword::Password,
    Keyword::AuthorityId,
    Keyword::ApplicationToken,
    Keyword::UserToken,
    Keyword::ApplicationCertificateBlob,
    Keyword::ApplicationCertificateSendX5c,
    Keyword::ApplicationCertificateThumbprint,
];

/// Settings in code. A method that concerns sign-in replaces what was said about sign-in before, and nothing else; the
/// tenant stays where the method names none.
impl ConnectionString {
    /// Signs in by `method`.
    #[must_use]
    pub fn with_auth(mut self, method: AuthMethod) -> Self {
        let tenant = method.tenant().or(self.authority_id()).map(str::to_owned);
        for keyword in SIGN_IN {
            self.set(keyword, None);
        }
        self.chosen = None;
        self.set_text(Keyword::AuthorityId, tenant.unwrap_or_default());
        if method != AuthMethod::Unspecified {
            self.set(
                Keyword::FederatedSecurity,
                Some(Value::Flag(method != AuthMethod::Anonymous)),
            );
        }
        match method {
            AuthMethod::Unspecified | AuthMethod::Anonymous => {}
            AuthMethod::ClientSecret {
                client_id, secret, ..
            } => {
                self.set_text(Keyword::ApplicationClientId, client_id);
                self.set_secret(Keyword::ApplicationKey, secret);
            }
            AuthMethod::ClientCertificate {
                client_id,
                certificate:
                    Certificate {
                        source: CertificateSource::Blob(blob),
                        password: None,
                        thumbprint,
                        chain,
                    },
                ..
            } => {
                self.set_text(Keyword::ApplicationClientId, client_id);
                self.set_secret(Keyword::ApplicationCertificateBlob, blob);
                self.set_secret(
                    Keyword::ApplicationCertificateThumbprint,
                    thumbprint.unwrap_or_default().into(),
                );
                self.set(
                    Keyword::ApplicationCertificateSendX5c,
                    chain.then_some(Value::Flag(true)),
                );
            }
            AuthMethod::UserToken(token) => self.set_secret(Keyword::UserToken, token),
            AuthMethod::ApplicationToken(token) => self.set_secret(Keyword::ApplicationToken, token),
            AuthMethod::UserPrompt { login_hint, .. } => {
                self.set_text(Keyword::UserId, login_hint.unwrap_or_default());
            }
            without_keywords => self.chosen = Some(without_keywords),
        }
        self
    }

    /// Signs in as an application, with its secret.
    #[must_use]
    #[doc(alias(
        "with_aad_application_key_authentication",
        "WithAadApplicationKeyAuthentication",
        "WithAadAppKey",
        "createWithAadApplicationCredentials"
    ))]
    pub fn with_client_secret(
        self,
        tenant: impl Into<String>,
        client_id: impl Into<String>,
        secret: impl Into<Secret>,
    ) -> Self {
        let (tenant, client_id, secret) = (tenant.into(), client_id.into(), secret.into());
        self.with_auth(AuthMethod::ClientSecret {
            tenant,
            client_id,
            secret,
        })
    }

    /// Signs in as an application, with its certificate.
    #[must_use]
    #[doc(alias(
        "with_aad_application_certificate_authentication",
        "WithAadApplicationCertificateAuthentication",
        "WithAppCertificatePath"
    ))]
    pub fn with_client_certificate(
        self,
        tenant: impl Into<String>,
        client_id: impl Into<String>,
        certificate: Certificate,
    ) -> Self {
        let (tenant, client_id) = (tenant.into(), client_id.into());
        self.with_auth(AuthMethod::ClientCertificate {
            tenant,
            client_id,
            certificate,
        })
    }

    /// Signs in with a bearer token of a user.
    #[must_use]
    #[doc(alias = "with_aad_user_token_authentication")]
    pub fn with_user_token(self, token: impl Into<Secret>) -> Self {
        self.with_auth(AuthMethod::UserToken(token.into()))
    }

    /// Signs in with a bearer token of an application.
    #[must_use]
    #[doc(alias = "with_aad_application_token_authentication")]
    pub fn with_application_token(self, token: impl Into<Secret>) -> Self {
        self.with_auth(AuthMethod::ApplicationToken(token.into()))
    }

    /// Signs in as an identity of the machine or service that this runs on.
    #[must_use]
    #[doc(alias(
        "with_aad_managed_service_identity_authentication",
        "WithAadManagedIdentity",
        "createWithAadManagedIdentity",
        "WithSystemManagedIdentity"
    ))]
    pub fn with_managed_identity(self, identity: ManagedIdentity) -> Self {
        self.with_auth(AuthMethod::ManagedIdentity(identity))
    }

    /// Signs in as a Kubernetes service account, as the environment describes it.
    #[must_use]
    #[doc(alias = "WithKubernetesWorkloadIdentity")]
    pub fn with_workload_identity(self) -> Self {
        self.with_auth(AuthMethod::WorkloadIdentity {
            tenant: None,
            client_id: None,
            token_file: None,
        })
    }

    /// Signs in as whoever is signed in to the Azure CLI.
    #[must_use]
    #[doc(alias(
        "with_az_cli_authentication",
        "WithAadAzCliAuthentication",
        "createWithAzureCli",
        "WithAzCli"
    ))]
    pub fn with_azure_cli(self) -> Self {
        self.with_auth(AuthMethod::AzureCli)
    }

    /// Signs in as whoever is signed in to any of Azure's developer tools.
    #[must_use]
    pub fn with_developer_tools(self) -> Self {
        self.with_auth(AuthMethod::DeveloperTools)
    }

    /// Signs in as a user who is shown a code, in the user's own tenant.
    #[must_use]
    #[doc(alias("with_aad_device_authentication", "WithAadUserPromptAuthentication"))]
    pub fn with_device_code(self) -> Self {
        self.with_auth(AuthMethod::DeviceCode { tenant: None })
    }

    /// Signs in as the environment says.
    #[must_use]
    #[doc(alias = "DefaultAzureCredential")]
    pub fn with_environment(self) -> Self {
        self.with_auth(AuthMethod::Environment)
    }

    /// Does not sign in.
    #[must_use]
    #[doc(alias = "with_no_authentication")]
    pub fn without_auth(self) -> Self {
        self.with_auth(AuthMethod::Anonymous)
    }

    /// Refuses keywords that would make the library read a secret of this machine, where others may write the text.
    #[must_use]
    #[doc(alias = "PreventAccessToLocalSecretsViaKeywords")]
    pub fn without_local_secrets(mut self) -> Self {
        self.local_secrets = LocalSecrets::Forbidden;
        self
    }

    /// Uses `database` where a call names none; an empty name means the default.
    #[must_use]
    pub fn with_initial_catalog(self, database: impl Into<String>) -> Self {
        self.with_text(Keyword::InitialCatalog, database.into())
    }

    /// Names the calling application in the service's traces.
    #[must_use]
    pub fn with_application_name_for_tracing(self, name: impl Into<String>) -> Self {
        self.with_text(Keyword::ApplicationNameForTracing, name.into())
    }

    /// Names the calling user in the service's traces.
    #[must_use]
    pub fn with_user_name_for_tracing(self, name: impl Into<String>) -> Self {
        self.with_text(Keyword::UserNameForTracing, name.into())
    }

    /// Names the version of the calling client in the service's traces.
    #[must_use]
    pub fn with_client_version_for_tracing(self, version: impl Into<String>) -> Self {
        self.with_text(Keyword::ClientVersionForTracing, version.into())
    }

    /// Uses the address as it is given for both services, and adds or takes off no `ingest-`.
    #[must_use]
    #[doc(alias("WithoutEndpointCorrection", "autoCorrectEndpoint"))]
    pub fn with_endpoints_as_given(mut self) -> Self {
        self.endpoints = Endpoints::AsGiven;
        self
    }

    /// Ingests through `endpoint`, and uses the address as it is given for the engine.
    #[must_use]
    #[doc(alias = "WithCustomIngestConnectionString")]
    pub fn with_ingestion_endpoint(mut self, endpoint: IngestionEndpoint) -> Self {
        self.endpoints = Endpoints::Ingestion(endpoint);
        self
    }

    fn with_text(mut self, keyword: Keyword, text: String) -> Self {
        self.set_text(keyword, text);
        self
    }

    fn set_secret(&mut self, keyword: Keyword, secret: Secret) {
        self.set(
            keyword,
            (!secret.expose().is_empty()).then_some(Value::Secret(secret)),
        );
    }
}
