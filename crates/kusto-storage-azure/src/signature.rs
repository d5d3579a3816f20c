//! The signature of a resource, which goes into a request letter by letter.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{ClientOptions, Context, Request, Url};
use kusto_storage::ResourceUri;

/// Adds the signature behind what a client of the Azure SDK has put into the query.
///
/// The client itself never sees it, so that it cannot encode it anew, sort it, or tell of it.
struct Signature(String);

/// An address without its signature, and client options that add the signature to each request.
pub(crate) fn apart(mut url: Url, resource: &ResourceUri, options: ClientOptions) -> (Url, ClientOptions) {
    url.set_query(None);
    let mut options = options;
    if let Some(query) = resource.expose().query() {
        // Per call and not per try: a second try finds it there already.
        options
            .per_call_policies
            .push(Arc::new(Signature(query.to_owned())));
    }
    (url, options)
}

#[async_trait]
#[expect(
    elided_lifetimes_in_paths,
    reason = "with the lifetime written out, async_trait no longer matches the trait"
)]
impl Policy for Signature {
    async fn send(&self, ctx: &Context, request: &mut Request, next: &[Arc<dyn Policy>]) -> PolicyResult {
        let query = match request.url().query() {
            Some(own) if !own.is_empty() => format!("{own}&{}", self.0),
            _ => self.0.clone(),
        };
        request.url_mut().set_query(Some(&query));
        next[0].send(ctx, request, &next[1..]).await
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature(..)")
    }
}
