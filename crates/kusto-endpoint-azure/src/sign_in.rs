//! A bearer token on every request, and on none that would carry it in the clear.

use std::sync::Arc;

use async_trait::async_trait;
use azure_core::credentials::TokenCredential;
use azure_core::error::ErrorKind as AzureKind;
use azure_core::http::headers::AUTHORIZATION;
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{Context, Request};
use kusto_ingest_core::{Error, ErrorKind, RequestStage};
use url::{Host, Url};

use crate::failure;

/// Puts the credential's token on every request.
///
/// Unlike the policy of `azure_core`, it allows plain `http` to loopback addresses, where emulators live.
#[derive(Debug)]
pub(crate) struct SignIn {
    credential: Arc<dyn TokenCredential>,
    scope: String,
}

impl SignIn {
    pub(crate) fn new(credential: Arc<dyn TokenCredential>, scope: String) -> Self {
        Self { credential, scope }
    }
}

#[expect(
    elided_lifetimes_in_paths,
    reason = "with the lifetime written out, async_trait no longer matches the trait"
)]
#[async_trait]
impl Policy for SignIn {
    async fn send(&self, context: &Context, request: &mut Request, next: &[Arc<dyn Policy>]) -> PolicyResult {
        // Decided on the request as it will be sent.
        if !keeps_secrets(request.url()) {
            return Err(refused(Error::new(ErrorKind::InvalidInput, "sign in").because(
                "a token is sent over https only, except to a loopback address",
            )));
        }
        let token = self
            .credential
            .get_token(&[&self.scope], None)
            .await
            .map_err(no_token)?;
        request.insert_header(AUTHORIZATION, format!("Bearer {}", token.token.secret()));
        if let Some(stage) = context.value::<RequestStage>() {
            stage.sends();
        }
        let [first, rest @ ..] = next else {
            return Err(azure_core::Error::with_message(
                AzureKind::Other,
                "the pipeline ends here",
            ));
        };
        first.send(context, request, rest).await
    }
}

/// Why there is no token: with the kind and permanence of whoever knows them, else as a refusal. The credential's own
/// error names the endpoint it asked, never the token.
fn no_token(error: azure_core::Error) -> azure_core::Error {
    let told = failure::find(&error).cloned();
    let verdict = told.as_ref().map(|told| (told.kind(), told.is_permanent()));
    let (kind, is_permanent) = match verdict.unwrap_or((ErrorKind::Unauthenticated, true)) {
        // What is unknown is whether a token was made. Of the call itself, nothing was sent.
        (ErrorKind::OutcomeUnknown, is_permanent) => (ErrorKind::Unavailable, is_permanent),
        told => told,
    };
    let refusal = Error::new(kind, "sign in").with_permanence(is_permanent);
    // What is wrapped says the same as its wrapper.
    refused(match told {
        Some(told) => refusal.caused_by(told),
        None => refusal.caused_by(error),
    })
}

fn refused(error: Error) -> azure_core::Error {
    azure_core::Error::new(AzureKind::Credential, error)
}

/// Whether nobody on the way can read what is sent there.
pub(crate) fn keeps_secrets(url: &Url) -> bool {
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || is_loopback
}
