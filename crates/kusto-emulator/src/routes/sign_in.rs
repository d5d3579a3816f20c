//! How clients would sign in. Nobody has to here, yet every client asks, and takes a refusal for the public cloud.

use crate::answer::{Answer, json, status};

/// The values of the public cloud.
const PUBLIC_CLOUD: &str = r#"{"AzureAD":{"LoginEndpoint":"https://login.microsoftonline.com","LoginMfaRequired":false,"KustoClientAppId":"db662dc1-0cfe-4e1c-a843-19a68e65be58","KustoClientRedirectUri":"http://localhost","KustoServiceResourceId":"https://kusto.kusto.windows.net","FirstPartyAuthorityUrl":"https://login.microsoftonline.com/f8cdef31-a31e-4b4a-93e4-5f571e91255a"}}"#;

pub(super) fn answer() -> Answer {
    json(status(200), PUBLIC_CLOUD.to_owned())
}
