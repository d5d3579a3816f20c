//! How clients sign in: where, and for what token.

use bytes::Bytes;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::answer::{self, Answer, status};
use crate::authority::{Authority, AuthorityRequest, LIFETIME};
use crate::state::ServerState;

/// The login endpoint of the public cloud. Where nobody has to sign in, every client asks all the same, and takes a refusal
/// for the public cloud.
const PUBLIC_CLOUD: &str = "https://login.microsoftonline.com";

/// The tenant of the service itself.
const FIRST_PARTY: &str = "f8cdef31-a31e-4b4a-93e4-5f571e91255a";

pub(super) fn metadata(state: &ServerState) -> Answer {
    let login = state
        .authority
        .as_ref()
        .map_or(PUBLIC_CLOUD, |_| state.cluster.as_str());
    let told = json!({
        "AzureAD": {
            "LoginEndpoint": login,
            "LoginMfaRequired": false,
            "KustoClientAppId": "db662dc1-0cfe-4e1c-a843-19a68e65be58",
            "KustoClientRedirectUri": "http://localhost",
            "KustoServiceResourceId": "https://kusto.kusto.windows.net",
            "FirstPartyAuthorityUrl": format!("{login}/{FIRST_PARTY}"),
        }
    });
    written(200, &told)
}

/// What the authority of the emulator answers.
pub(super) fn answer(
    state: &ServerState,
    authority: &Authority,
    asked: &AuthorityRequest,
    body: &Bytes,
) -> Answer {
    match asked {
        AuthorityRequest::Offers(tenant) => written(200, &offers(&state.cluster, tenant)),
        AuthorityRequest::Discovery => {
            let host = state.cluster.split_once("://").map_or("", |(_, host)| host);
            let known = json!({ "preferred_network": host, "preferred_cache": host, "aliases": [host] });
            let told = json!({
                "tenant_discovery_endpoint": format!("{}/common/v2.0/.well-known/openid-configuration", state.cluster),
                "api-version": "1.1",
                "metadata": [known],
            });
            written(200, &told)
        }
        AuthorityRequest::Token => token(authority, body),
    }
}

fn offers(cluster: &str, tenant: &str) -> Value {
    let (name, version) = tenant.split_once('/').unwrap_or((tenant, ""));
    let base = match version {
        "" => format!("{cluster}/{name}/oauth2"),
        version => format!("{cluster}/{name}/oauth2/{version}"),
    };
    json!({
        "issuer": format!("{cluster}/{tenant}"),
        "authorization_endpoint": format!("{base}/authorize"),
        "token_endpoint": format!("{base}/token"),
        "jwks_uri": format!("{cluster}/{name}/discovery/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
    })
}

/// A token for an application that names itself and a secret, whatever it is.
fn token(authority: &Authority, body: &Bytes) -> Answer {
    let said = |name: &str| {
        let mut pairs = form_urlencoded::parse(body);
        let found = pairs.find(|(key, _)| key == name);
        found.is_some_and(|(_, value)| !value.is_empty())
    };
    let is_application = form_urlencoded::parse(body)
        .any(|(name, value)| name == "grant_type" && value == "client_credentials");
    if !is_application {
        let why = "the emulator signs in applications alone: the grant must be client_credentials";
        return refused(400, "unsupported_grant_type", why);
    }
    if !said("client_id") || !(said("client_secret") || said("client_assertion")) {
        let why = "the application must name itself, and a secret or a certificate";
        return refused(401, "invalid_client", why);
    }
    let given = json!({
        "token_type": "Bearer",
        "expires_in": LIFETIME.as_secs(),
        "ext_expires_in": LIFETIME.as_secs(),
        "access_token": authority.give(),
    });
    written(200, &given)
}

fn refused(code: u16, error: &str, why: &str) -> Answer {
    written(code, &json!({ "error": error, "error_description": why }))
}

fn written(code: u16, told: &Value) -> Answer {
    let builder = status(code).header("cache-control", "no-store");
    answer::json(builder, told.to_string())
}
