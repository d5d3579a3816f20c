//! One call: what it is about, its request, and its answer.

use std::borrow::Cow;

use azure_core::Uuid;
use azure_core::error::CheckSuccessOptions;
use azure_core::http::headers::{CLIENT_REQUEST_ID, HeaderValue, USER_AGENT};
use azure_core::http::{Context, Method, RawResponse, Request, Transport, Url, check_success};
use kusto_ingest_core::{CallLimits, Error, ErrorKind, Result};
use kusto_storage::{Operation, ResourceUri};

use crate::AzureStorage;

/// What a call is about, for its errors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) operation: Operation,
    pub(crate) resource: &'a ResourceUri,
}

impl<'a> Call<'a> {
    pub(crate) fn new(operation: Operation, resource: &'a ResourceUri) -> Self {
        Self { operation, resource }
    }

    /// An error of this call. The address shows itself without its SAS.
    pub(crate) fn error(&self, kind: ErrorKind) -> Error {
        Error::new(kind, self.operation.attempt()).with("resource", self.resource)
    }

    /// The outcome of a call whose answer has nothing to read: its head alone tells whether it was done.
    pub(crate) fn done<T>(&self, outcome: azure_core::Result<T>, success: &[u16]) -> Result<()> {
        match outcome.map_err(|error| self.failed(&error)) {
            // The rest of the answer was lost, and nobody wanted it.
            Err(error)
                if error
                    .http_status()
                    .is_some_and(|status| success.contains(&status)) =>
            {
                Ok(())
            }
            Err(error) => Err(error),
            Ok(_) => Ok(()),
        }
    }

    /// The outcome of a call whose answer is read.
    pub(crate) fn answered<T>(&self, outcome: azure_core::Result<T>) -> Result<T> {
        outcome.map_err(|error| self.failed(&error))
    }
}

/// A request over the transport of `azure_core`.
///
/// Of its pipeline nothing would be left but names: calls are tried again, limited and watched elsewhere. It would cost a
/// small ingestion a sixth of its allocations.
pub(crate) struct RestRequest<'a> {
    transport: &'a Transport,
    request: Request,
    context: Context<'static>,
}

impl<'a> RestRequest<'a> {
    pub(crate) fn new(storage: &'a AzureStorage, method: Method, url: Url, limits: CallLimits) -> Self {
        let mut request = Request::new(url, method);
        request.insert_header(CLIENT_REQUEST_ID, Uuid::new_v4().to_string());
        request.insert_header(USER_AGENT, storage.user_agent.clone());
        Self {
            transport: &storage.transport,
            request,
            context: Context::new().with_value(limits),
        }
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.request.insert_header(name, HeaderValue::from_cow(value));
        self
    }

    /// What will be sent, for who has to sign it.
    pub(crate) fn request(&self) -> &Request {
        &self.request
    }

    pub(crate) fn body(mut self, body: impl Into<azure_core::Bytes>) -> Self {
        let body = body.into();
        self.request
            .insert_header("content-length", body.len().to_string());
        self.request.set_body(body);
        self
    }

    /// Sends it; an answer of any other status than these is an error.
    pub(crate) async fn send(mut self, success_codes: &'static [u16]) -> azure_core::Result<RawResponse> {
        let answer = self.transport.send(&self.context, &mut self.request).await?;
        let answer = answer.try_into_raw_response().await?;
        check_success(answer, Some(CheckSuccessOptions { success_codes })).await
    }
}

/// An address with one more segment in its path.
pub(crate) fn below(mut url: Url, segment: &str) -> Url {
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().push(segment);
    }
    url
}

/// An address with pairs in front of its query. The SAS behind them stays letter by letter as it was issued.
pub(crate) fn with_query<'q>(mut url: Url, pairs: impl IntoIterator<Item = (&'q str, &'q str)>) -> Url {
    let sas = url.query().map(str::to_owned);
    url.set_query(None);
    url.query_pairs_mut().extend_pairs(pairs);
    // Not every service reads a plus as a blank, and one that is meant is written as %2B.
    let written = url.query().map(|query| query.replace('+', "%20"));
    url.set_query(written.as_deref());
    if let Some(sas) = sas {
        let query = format!("{}&{sas}", url.query().unwrap_or_default());
        url.set_query(Some(&query));
    }
    url
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use async_trait::async_trait;
    use azure_core::http::{AsyncRawResponse, HttpClient};

    use super::*;

    #[derive(Debug)]
    struct Nobody;

    #[async_trait]
    impl HttpClient for Nobody {
        async fn execute_request(&self, _: &Request) -> azure_core::Result<AsyncRawResponse> {
            unreachable!("nothing is sent")
        }
    }

    #[test]
    fn a_request_has_a_name_and_tells_who_asks() {
        let storage = AzureStorage::new(Transport::new(Arc::new(Nobody)));
        let url: Url = "https://acct1.example/".parse().expect("an address");
        let rest = RestRequest::new(&storage, Method::Get, url, CallLimits::default());
        let headers = rest.request.headers();
        assert!(headers.get_str(&CLIENT_REQUEST_ID).is_ok_and(|id| id.len() == 36));
        let asks = headers.get_str(&USER_AGENT).expect("it is told");
        assert!(asks.starts_with("kusto-storage-azure/"), "{asks}");
    }
}
