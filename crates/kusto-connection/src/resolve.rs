//! Which sign-in method the keywords of a connection string add up to, and what makes them contradict.

use crate::connection::LocalSecrets;
use crate::host;
use crate::{
    AuthMethod, Certificate, CertificateSource, ConnectionString, Error, ErrorKind, Keyword, Result, Secret,
};

impl ConnectionString {
    /// The way to sign in that it describes, if it describes one that can work.
    ///
    /// Without any credential and without `AAD Federated Security` it is [`AuthMethod::Unspecified`].
    /// A user token goes before the credentials of an application; all other combinations are refused.
    ///
    /// # Errors
    /// Credentials that are incomplete, that contradict each other or the transport, and a user's password.
    ///
    /// ```
    /// use kusto_connection::{AuthMethod, ConnectionString, ErrorKind};
    ///
    /// let complete = ConnectionString::parse("help.kusto.windows.net;AppClientId=a;AppKey=k;tid=contoso.com")?;
    /// assert!(matches!(complete.auth_method()?, AuthMethod::ClientSecret { .. }));
    ///
    /// let partial = ConnectionString::parse("help.kusto.windows.net;AppKey=k;tid=contoso.com")?;
    /// assert_eq!(partial.auth_method().unwrap_err().kind(), ErrorKind::IncompleteCredentials);
    /// # Ok::<(), kusto_connection::Error>(())
    /// ```
    pub fn auth_method(&self) -> Result<AuthMethod> {
        let method = match &self.chosen {
            Some(chosen) => chosen.clone().or_tenant(self.authority_id()),
            None => self.method_of_keywords()?,
        };
        let method = checked(method)?;
        if method.sends_token() && !host::allows_credentials(self.data_source()) {
            return Err(Error::new(
                ErrorKind::InsecureTransport,
                "a token is sent over https only, or to this machine",
            ));
        }
        Ok(method)
    }

    fn method_of_keywords(&self) -> Result<AuthMethod> {
        let Some((keyword, credential)) = self.credential()? else {
            return self.method_without_credential();
        };
        self.refuse_without_federation(keyword)?;
        match keyword {
            Keyword::UserToken => Ok(AuthMethod::UserToken(credential.clone())),
            Keyword::ApplicationToken => Ok(AuthMethod::ApplicationToken(credential.clone())),
            Keyword::ApplicationKey => {
                let (tenant, client_id) = self.application()?;
                let secret = credential.clone();
                Ok(AuthMethod::ClientSecret { tenant, client_id, secret })
            }
            Keyword::ApplicationCertificateBlob => {
                let (tenant, client_id) = self.application()?;
                let certificate = self.certificate(credential);
                Ok(AuthMethod::ClientCertificate { tenant, client_id, certificate })
            }
            Keyword::ApplicationCertificateThumbprint => Err(self.no_certificate_store()),
            _ => Err(Error::new(
                ErrorKind::UserPasswordUnsupported,
                "sign-in by user name and password is not offered, because it defeats multi-factor authentication; \
                 use a device code, the Azure CLI or an application",
            )
            .about(keyword)),
        }
    }

    /// The one credential that is given, under the keyword that holds its secret.
    ///
    /// A user token goes before an application's credentials, as the documentation of Kusto says; nothing else does.
    fn credential(&self) -> Result<Option<(Keyword, &Secret)>> {
        let given = |keyword| Some((keyword, self.secret(keyword)?));
        let certificate = given(Keyword::ApplicationCertificateBlob)
            .or_else(|| given(Keyword::ApplicationCertificateThumbprint));
        let password = given(Keyword::Password);
        if password.is_some() && self.user_id().is_none() {
            return Err(incomplete(
                Keyword::UserId,
                "`Password` needs `User ID` beside it",
            ));
        }
        let candidates = match given(Keyword::UserToken) {
            Some(token) => vec![Some(token), password],
            None => {
                vec![
                    given(Keyword::ApplicationKey),
                    certificate,
                    given(Keyword::ApplicationToken),
                    password,
                ]
            }
        };
        let found: Vec<_> = candidates.into_iter().flatten().collect();
        if found.len() > 1 {
            let names = found
                .iter()
                .map(|(keyword, _)| format!("`{keyword}`"))
                .collect::<Vec<_>>();
            let reason = format!("{} exclude each other", names.join(" and "));
            return Err(Error::new(ErrorKind::ConflictingCredentials, reason));
        }
        Ok(found.first().copied())
    }

    fn method_without_credential(&self) -> Result<AuthMethod> {
        if self.application_client_id().is_some() {
            return Err(incomplete(
                Keyword::ApplicationKey,
                "`Application Client Id` needs `Application Key` or `Application Certificate Blob` beside it",
            ));
        }
        if self.user_id().is_some() {
            self.refuse_without_federation(Keyword::UserId)?;
        }
        let login_hint = self.user_id().map(str::to_owned);
        let tenant = self.authority_id().map(str::to_owned);
        Ok(match self.federated_security() {
            Some(false) => AuthMethod::Anonymous,
            None if login_hint.is_none() => AuthMethod::Unspecified,
            _ => AuthMethod::UserPrompt { login_hint, tenant },
        })
    }

    fn refuse_without_federation(&self, credential: Keyword) -> Result<()> {
        match (credential, self.federated_security()) {
            (Keyword::Password, Some(false) | None) => Err(Error::new(
                ErrorKind::BasicAuthBlocked,
                "a user's password without `AAD Federated Security=True` would be HTTP basic authentication",
            )
            .about(credential)),
            (_, Some(false)) => Err(Error::new(
                ErrorKind::CredentialsWithoutFederation,
                format!("`{credential}` is given, and `AAD Federated Security=False` says not to use it"),
            )
            .about(credential)),
            _ => Ok(()),
        }
    }

    /// The tenant, empty if there is none, and the application that a key or certificate belongs to.
    fn application(&self) -> Result<(String, String)> {
        let Some(client_id) = self.application_client_id() else {
            return Err(incomplete(
                Keyword::ApplicationClientId,
                "`Application Client Id` is missing",
            ));
        };
        Ok((
            self.authority_id().unwrap_or_default().to_owned(),
            client_id.to_owned(),
        ))
    }

    fn certificate(&self, blob: &Secret) -> Certificate {
        let thumbprint = self.secret(Keyword::ApplicationCertificateThumbprint);
        Certificate {
            source: CertificateSource::Blob(blob.clone()),
            password: None,
            thumbprint: thumbprint.map(|secret| secret.expose().to_owned()),
            chain: self.application_certificate_send_x5c(),
        }
    }

    /// A thumbprint without a certificate asks to look into the store of this machine.
    fn no_certificate_store(&self) -> Error {
        let (kind, reason) = match self.local_secrets {
            LocalSecrets::Forbidden => (
                ErrorKind::LocalSecretAccessDisabled,
                "access to local secrets by keyword is forbidden here",
            ),
            LocalSecrets::Allowed => (
                ErrorKind::CertificateStoreUnsupported,
                "certificates are not looked up by thumbprint; give `Application Certificate Blob`",
            ),
        };
        Error::new(kind, reason).about(Keyword::ApplicationCertificateThumbprint)
    }
}

/// Holds a method to the rules for tenants, tokens and thumbprints, and writes the thumbprint in one way.
fn checked(mut method: AuthMethod) -> Result<AuthMethod> {
    match &mut method {
        AuthMethod::ClientSecret { tenant, .. } | AuthMethod::AzurePipelines { tenant, .. } => {
            application_tenant(tenant)?
        }
        AuthMethod::ClientCertificate {
            tenant, certificate, ..
        } => {
            application_tenant(tenant)?;
            if let Some(thumbprint) = &mut certificate.thumbprint {
                *thumbprint = normalized_thumbprint(thumbprint)?;
            }
        }
        AuthMethod::UserToken(token) => bearer(token, Keyword::UserToken)?,
        AuthMethod::ApplicationToken(token) => bearer(token, Keyword::ApplicationToken)?,
        AuthMethod::UserPrompt { tenant, .. }
        | AuthMethod::DeviceCode { tenant }
        | AuthMethod::WorkloadIdentity { tenant, .. } => tenant.as_deref().map_or(Ok(()), well_formed)?,
        _ => {}
    }
    Ok(method)
}

/// An application signs in to one tenant, not to whichever is the user's.
fn application_tenant(tenant: &str) -> Result<()> {
    if tenant.is_empty() {
        let reason = "an application needs `Authority Id`, the id or domain of its tenant";
        return Err(Error::new(ErrorKind::MissingAuthority, reason).about(Keyword::AuthorityId));
    }
    well_formed(tenant)?;
    if ["organizations", "common", "consumers"]
        .iter()
        .any(|many| tenant.eq_ignore_ascii_case(many))
    {
        return Err(invalid_authority(
            "an application signs in to one tenant, which `Authority Id` must name",
        ));
    }
    Ok(())
}

/// A tenant becomes a part of a URL, so it is an id or a domain and nothing else.
fn well_formed(tenant: &str) -> Result<()> {
    let plain = tenant
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'));
    let dots = tenant.chars().all(|c| c == '.');
    if plain && !dots && (1..=253).contains(&tenant.len()) {
        return Ok(());
    }
    Err(invalid_authority(
        "`Authority Id` is neither the id nor the domain of a tenant",
    ))
}

/// A token becomes a part of a header, behind the word `Bearer`.
fn bearer(token: &Secret, keyword: Keyword) -> Result<()> {
    let invalid = |reason| Err(Error::new(ErrorKind::InvalidToken, reason).about(keyword));
    let token = token.expose();
    if token
        .get(..7)
        .is_some_and(|start| start.eq_ignore_ascii_case("bearer "))
    {
        return invalid("the token is given without the word `Bearer`");
    }
    if token.is_empty() || !token.chars().all(|c| c.is_ascii_graphic()) {
        return invalid("the token contains something else than visible ASCII characters");
    }
    Ok(())
}

fn normalized_thumbprint(text: &str) -> Result<String> {
    let digits: String = text
        .chars()
        .filter(|c| !matches!(c, ':' | ' '))
        .map(|c| c.to_ascii_uppercase())
        .collect();
    if matches!(digits.len(), 40 | 64) && digits.chars().all(|c| c.is_ascii_hexdigit()) {
        return Ok(digits);
    }
    let reason = "a thumbprint has 40 (SHA-1) or 64 (SHA-256) hexadecimal digits";
    Err(Error::new(ErrorKind::InvalidThumbprint, reason).about(Keyword::ApplicationCertificateThumbprint))
}

fn incomplete(missing: Keyword, reason: &'static str) -> Error {
    Error::new(ErrorKind::IncompleteCredentials, reason).about(missing)
}

fn invalid_authority(reason: &'static str) -> Error {
    Error::new(ErrorKind::InvalidAuthority, reason).about(Keyword::AuthorityId)
}
