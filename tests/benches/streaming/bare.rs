//! The same requests without our client: through a pipeline of `azure_core`, and through hyper alone.

use azure_core::error::CheckSuccessOptions;
use azure_core::http::headers::{HeaderName, HeaderValue};
use azure_core::http::{
    ClientOptions, Context, Method, Pipeline as AzurePipeline, PipelineSendOptions, Request, RetryOptions,
    Url,
};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{HeaderMap, Uri, header};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use kusto_endpoint::StreamingCall;
use kusto_endpoint::header::Header;
use kusto_transport_hyper::{HyperTransport, TransportOptions};

use crate::Body;

/// `azure_core` over our transport, with its retries off as ours are.
#[derive(Clone)]
pub(crate) struct Pipeline {
    pipeline: AzurePipeline,
    url: Url,
    headers: Vec<Header>,
}

impl Pipeline {
    pub(crate) fn new(address: &str, call: &StreamingCall) -> Self {
        let transport = HyperTransport::new(TransportOptions::default()).expect("there is TLS");
        let options = ClientOptions {
            transport: Some(transport.as_transport()),
            retry: RetryOptions::none(),
            ..ClientOptions::default()
        };
        let url = format!("{address}{}", call.path_and_query());
        Self {
            pipeline: AzurePipeline::new(Some("bare"), Some("1.0.0"), options, Vec::new(), Vec::new(), None),
            url: url.parse().expect("it is an address"),
            headers: call.headers().to_vec(),
        }
    }

    pub(crate) async fn post(self, body: Body) {
        let mut request = Request::new(self.url, Method::Post);
        for (name, value) in self.headers {
            request.insert_header(HeaderName::from_static(name), HeaderValue::from_cow(value));
        }
        request.set_body(body.on_the_wire());
        let options = PipelineSendOptions {
            check_success: CheckSuccessOptions {
                success_codes: &[200],
            },
            ..PipelineSendOptions::default()
        };
        let sent = self
            .pipeline
            .send(&Context::new(), &mut request, Some(options))
            .await;
        assert!(!sent.expect("the engine takes it").body().is_empty());
    }
}

/// hyper with its own pool, and nothing else.
#[derive(Clone)]
pub(crate) struct Hyper {
    client: Client<HttpConnector, Full<Bytes>>,
    uri: Uri,
    headers: HeaderMap,
}

impl Hyper {
    pub(crate) fn new(address: &str, call: &StreamingCall) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .build(connector);
        let uri = format!("{address}{}", call.path_and_query());
        let mut headers = HeaderMap::new();
        for (name, value) in call.headers() {
            let value = header::HeaderValue::from_str(value).expect("it is a value");
            headers.insert(*name, value);
        }
        let agent = header::HeaderValue::from_static("azsdk-rust-bare/1.0.0 (1.88; linux; x86_64)");
        headers.insert(header::USER_AGENT, agent);
        Self {
            client,
            uri: uri.parse().expect("it is an address"),
            headers,
        }
    }

    pub(crate) async fn post(self, body: Body) {
        let mut request = hyper::Request::post(self.uri)
            .body(Full::new(body.on_the_wire()))
            .expect("it is a request");
        *request.headers_mut() = self.headers;
        let answer = self.client.request(request).await.expect("the engine answers");
        assert_eq!(answer.status(), hyper::StatusCode::OK);
        let body = answer.into_body().collect().await.expect("the answer is whole");
        assert!(!body.to_bytes().is_empty());
    }
}
