//! What a cluster tells about its cloud, and what follows for a sign-in.

use kusto_ingest_core::{Error, ErrorKind, Result};
use serde_json::{Map, Value};

/// Where a user signs in whose tenant is not named.
const ANY_TENANT: &str = "organizations";

/// What a cluster tells about its cloud.
///
/// The names are those of `/v1/rest/auth/metadata`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CloudSettings {
    /// Where tokens are issued, such as `https://login.microsoftonline.com`.
    pub login_endpoint: String,
    /// Whether users need a second factor, which changes the scope.
    pub login_mfa_required: bool,
    /// The application as which users sign in.
    #[doc(alias = "KustoClientAppId")]
    pub client_app_id: String,
    /// Where a browser is sent after a user signed in. Nothing here uses it.
    #[doc(alias = "KustoClientRedirectUri")]
    pub redirect_uri: String,
    /// What a token must be for.
    #[doc(alias = "KustoServiceResourceId")]
    pub resource_id: String,
    /// The authority of Microsoft's own applications. Nothing here uses it.
    pub first_party_authority_url: String,
}

impl CloudSettings {
    /// Those of the public cloud, which hold where a cluster tells none.
    #[must_use]
    pub fn public() -> Self {
        Self {
            login_endpoint: "https://login.microsoftonline.com".to_owned(),
            login_mfa_required: false,
            client_app_id: "db662dc1-0cfe-4e1c-a843-19a68e65be58".to_owned(),
            redirect_uri: "http://localhost".to_owned(),
            resource_id: "https://kusto.kusto.windows.net".to_owned(),
            first_party_authority_url:
                "https://login.microsoftonline.com/f8cdef31-a31e-4b4a-93e4-5f571e91255a".to_owned(),
        }
    }

    /// Reads a cluster's answer.
    ///
    /// A cluster without `AzureAD` in its answer is one of the cloud that `otherwise` describes. One that names
    /// `AzureAD` must tell its login endpoint and its resource; for the rest, `otherwise` holds.
    ///
    /// # Errors
    /// [`ErrorKind::Protocol`] when it is not such an answer, or when it is empty.
    pub fn parse(answer: &[u8], otherwise: &Self) -> Result<Self> {
        let refuse = |why: &'static str| Err(Error::new(ErrorKind::Protocol, READ).because(why));
        let told = match serde_json::from_slice(answer) {
            Ok(Value::Object(told)) if !told.is_empty() => told,
            Ok(Value::Object(_)) => return refuse("the answer is empty"),
            _ => return refuse("the answer is not a JSON object"),
        };
        match told.get("AzureAD") {
            None | Some(Value::Null) => Ok(otherwise.clone()),
            Some(Value::Object(entra)) => Self::of_entra(entra, otherwise),
            Some(_) => refuse("`AzureAD` is not an object"),
        }
    }

    fn of_entra(told: &Map<String, Value>, otherwise: &Self) -> Result<Self> {
        let text = |name: &str| {
            let text = told.get(name).and_then(Value::as_str).map(str::trim);
            text.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let needed = |name: &'static str| {
            text(name).ok_or_else(|| {
                Error::new(ErrorKind::Protocol, READ).because(format!("`{name}` is not there"))
            })
        };
        Ok(Self {
            login_endpoint: needed("LoginEndpoint")?,
            resource_id: needed("KustoServiceResourceId")?,
            login_mfa_required: told
                .get("LoginMfaRequired")
                .and_then(Value::as_bool)
                .unwrap_or(otherwise.login_mfa_required),
            client_app_id: text("KustoClientAppId").unwrap_or_else(|| otherwise.client_app_id.clone()),
            redirect_uri: text("KustoClientRedirectUri").unwrap_or_else(|| otherwise.redirect_uri.clone()),
            first_party_authority_url: text("FirstPartyAuthorityUrl")
                .unwrap_or_else(|| otherwise.first_party_authority_url.clone()),
        })
    }

    /// The scope of a token for the cluster: its resource, or that resource's name where a second factor is needed.
    #[must_use]
    pub fn scope(&self) -> String {
        let resource = self.resource_id.trim_end_matches('/');
        if self.login_mfa_required {
            format!("{}/.default", resource.replacen(".kusto.", ".kustomfa.", 1))
        } else {
            format!("{resource}/.default")
        }
    }
}

/// The authority of a tenant, or of whichever tenant a user is of.
pub(crate) fn authority(login_endpoint: &str, tenant: Option<&str>) -> String {
    let tenant = tenant.unwrap_or(ANY_TENANT);
    format!("{}/{tenant}", login_endpoint.trim_end_matches('/'))
}

const READ: &str = "read the cluster's sign-in metadata";

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(resource: &str, mfa: bool) -> CloudSettings {
        CloudSettings {
            resource_id: resource.to_owned(),
            login_mfa_required: mfa,
            ..CloudSettings::public()
        }
    }

    #[test]
    fn s01_m12_a_second_factor_changes_the_name_of_the_resource() {
        let scope = |resource, mfa| settings(resource, mfa).scope();
        assert_eq!(
            scope("https://fakeurl.kusto.windows.net", true),
            "https://fakeurl.kustomfa.windows.net/.default"
        );
        assert_eq!(
            scope("https://fakeurl.kusto.windows.net", false),
            "https://fakeurl.kusto.windows.net/.default"
        );
    }

    #[test]
    fn s01_m13_a_slash_at_the_end_of_the_resource_is_not_doubled() {
        assert_eq!(
            settings("https://kusto.kusto.windows.net/", false).scope(),
            "https://kusto.kusto.windows.net/.default"
        );
    }

    #[test]
    fn the_authority_is_that_of_the_tenant_or_of_any() {
        assert_eq!(authority("https://login.x/", Some("t")), "https://login.x/t");
        assert_eq!(
            authority("https://login.x", None),
            "https://login.x/organizations"
        );
    }
}
