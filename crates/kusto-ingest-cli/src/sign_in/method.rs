//! From a way to sign in to all that it needs: arguments first, then the connection string, then the environment.

use kusto_ingest::auth::{AuthMethod, Certificate, ManagedIdentity};
use kusto_ingest::connection::ConnectionString;

use super::secret;
use crate::args::{SignInArgs, SignInMethod, Variables};
use crate::report::CommandError;

/// All that a way needs.
///
/// # Errors
/// What is missing, and secrets that cannot be read.
pub(super) fn find(
    way: SignInMethod,
    connection: &ConnectionString,
    args: &SignInArgs,
    variables: Variables<'_>,
) -> Result<AuthMethod, CommandError> {
    let tenant = args
        .tenant_id
        .clone()
        .or_else(|| connection.authority_id().map(str::to_owned));
    let search = Search {
        way,
        tenant,
        args,
        variables,
        missing: Vec::new(),
    };
    Ok(match way {
        SignInMethod::AzureCli => AuthMethod::AzureCli,
        SignInMethod::ManagedIdentity => {
            AuthMethod::ManagedIdentity(match search.client_id("AZURE_CLIENT_ID") {
                Some(id) => ManagedIdentity::ClientId(id),
                None => ManagedIdentity::System,
            })
        }
        SignInMethod::ClientSecret => search.client_secret()?,
        SignInMethod::ClientCertificate => search.client_certificate()?,
        SignInMethod::DeviceCode => AuthMethod::DeviceCode {
            tenant: search.tenant,
        },
        SignInMethod::Token => search.token()?,
        SignInMethod::WorkloadIdentity => search.workload_identity()?,
        SignInMethod::DeveloperTools => AuthMethod::DeveloperTools,
        SignInMethod::Pipelines => search.pipelines()?,
        SignInMethod::None => AuthMethod::Anonymous,
    })
}

/// What was looked for, and what of it was not there.
struct Search<'a> {
    way: SignInMethod,
    tenant: Option<String>,
    args: &'a SignInArgs,
    variables: Variables<'a>,
    missing: Vec<&'static str>,
}

impl Search<'_> {
    fn client_secret(mut self) -> Result<AuthMethod, CommandError> {
        let (tenant, client_id) = self.application();
        let secret = secret::find(
            ("--client-secret-file", self.args.client_secret_file.as_deref()),
            ("AZURE_CLIENT_SECRET", self.variables),
        )?;
        let secret = self.wanted(secret, "a secret (--client-secret-file or AZURE_CLIENT_SECRET)");
        self.end()?;
        Ok(AuthMethod::ClientSecret {
            tenant,
            client_id,
            secret,
        })
    }

    fn client_certificate(mut self) -> Result<AuthMethod, CommandError> {
        let (tenant, client_id) = self.application();
        let named = self.args.certificate_file.clone();
        let path = named.or_else(|| (self.variables)("AZURE_CLIENT_CERTIFICATE_PATH").map(Into::into));
        let path = self.wanted(
            path,
            "a certificate (--certificate-file or AZURE_CLIENT_CERTIFICATE_PATH)",
        );
        self.end()?;
        // It is read whenever a token is needed; that it can be is better known now.
        std::fs::File::open(&path).map_err(|error| {
            CommandError::usage(format!("the certificate's file cannot be opened: {error}"))
        })?;
        let certificate = Certificate::from_file(path);
        let certificate = match (self.variables)("AZURE_CLIENT_CERTIFICATE_PASSWORD") {
            Some(password) => certificate.with_password(password),
            None => certificate,
        };
        Ok(AuthMethod::ClientCertificate {
            tenant,
            client_id,
            certificate,
        })
    }

    fn token(mut self) -> Result<AuthMethod, CommandError> {
        let token = secret::find(
            ("--token-file", self.args.token_file.as_deref()),
            ("KUSTO_TOKEN", self.variables),
        )?;
        let token = self.wanted(token, "a token (--token-file or KUSTO_TOKEN)");
        self.end()?;
        Ok(AuthMethod::UserToken(token))
    }

    fn workload_identity(mut self) -> Result<AuthMethod, CommandError> {
        let (tenant, client_id) = self.application();
        let file = (self.variables)("AZURE_FEDERATED_TOKEN_FILE");
        let file = self.wanted(
            file,
            "the file of the service account's token (AZURE_FEDERATED_TOKEN_FILE)",
        );
        self.end()?;
        Ok(AuthMethod::WorkloadIdentity {
            tenant: Some(tenant),
            client_id: Some(client_id),
            token_file: Some(file.into()),
        })
    }

    fn pipelines(mut self) -> Result<AuthMethod, CommandError> {
        let tenant = self.tenant("AZURESUBSCRIPTION_TENANT_ID");
        let tenant = self.wanted(tenant, "a tenant (--tenant-id or AZURESUBSCRIPTION_TENANT_ID)");
        let client_id = self.client_id("AZURESUBSCRIPTION_CLIENT_ID");
        let client_id = self.wanted(
            client_id,
            "an application (--client-id or AZURESUBSCRIPTION_CLIENT_ID)",
        );
        let connection = (self.variables)("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID");
        let service_connection_id = self.wanted(
            connection,
            "a service connection (AZURESUBSCRIPTION_SERVICE_CONNECTION_ID)",
        );
        let token = (self.variables)("SYSTEM_ACCESSTOKEN");
        let access_token = self.wanted(token, "the pipeline's own token (SYSTEM_ACCESSTOKEN)");
        self.end()?;
        Ok(AuthMethod::AzurePipelines {
            tenant,
            client_id,
            service_connection_id,
            access_token: access_token.into(),
        })
    }

    /// The tenant and the application.
    fn application(&mut self) -> (String, String) {
        let tenant = self.tenant("AZURE_TENANT_ID");
        let tenant = self.wanted(tenant, "a tenant (--tenant-id or AZURE_TENANT_ID)");
        let client_id = self.client_id("AZURE_CLIENT_ID");
        let client_id = self.wanted(client_id, "an application (--client-id or AZURE_CLIENT_ID)");
        (tenant, client_id)
    }

    fn tenant(&self, variable: &str) -> Option<String> {
        self.tenant.clone().or_else(|| (self.variables)(variable))
    }

    fn client_id(&self, variable: &str) -> Option<String> {
        self.args.client_id.clone().or_else(|| (self.variables)(variable))
    }

    /// What was found, or a note that it was not.
    fn wanted<T: From<&'static str>>(&mut self, found: Option<T>, what: &'static str) -> T {
        found.unwrap_or_else(|| {
            self.missing.push(what);
            T::from("")
        })
    }

    /// Ends the search.
    ///
    /// # Errors
    /// All that is missing, at once.
    fn end(&self) -> Result<(), CommandError> {
        if self.missing.is_empty() {
            return Ok(());
        }
        let missing = self.missing.join(", and ");
        Err(
            CommandError::usage(format!("the sign-in by {} wants {missing}", self.way))
                .with_page(crate::sign_in::PAGE),
        )
    }
}
