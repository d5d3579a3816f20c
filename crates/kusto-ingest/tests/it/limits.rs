//! The limits of a cluster's settings, each at the kind of call that it is for.

use std::sync::Arc;
use std::time::Duration;

use kusto_emulator::{Emulator, HttpFault, HttpFaultPlan, Route};
use kusto_ingest::retry::{CallLimits, NoRetry};
use kusto_ingest::{
    Error, ErrorKind, IngestClientExt as _, IngestionProperties, Kusto, KustoBuilder, LocalSource,
};

const SHORT: Duration = Duration::from_millis(150);

/// A cluster that does not answer this kind of call in time, whatever that is.
async fn without_answers(route: Route) -> (Emulator, KustoBuilder) {
    let emulator = Emulator::builder().start().await.expect("there is a port");
    let never = HttpFault::Delay(Duration::from_secs(3_600));
    emulator.plan(HttpFaultPlan::new(never).on(route).forever());
    let builder = Kusto::builder(&emulator.cluster()).expect("it is an address");
    (emulator, builder)
}

/// The limits that the errors of a chain name.
fn limits(error: &Error) -> Vec<String> {
    let mut links: Vec<&(dyn std::error::Error + 'static)> = vec![error];
    while let Some(next) = links.last().and_then(|link| link.source()) {
        links.push(next);
    }
    let errors = links.into_iter().filter_map(|link| link.downcast_ref::<Error>());
    let named = errors
        .flat_map(Error::context)
        .filter(|(name, _)| *name == Error::LIMIT);
    named.map(|(_, limit)| limit.to_owned()).collect()
}

#[tokio::test]
async fn a_command_that_asks_what_storage_to_use_has_its_own_limit() {
    let (_emulator, builder) = without_answers(Route::Management).await;
    let kusto = builder
        .with_resource_limits(CallLimits::new().with_overall(SHORT))
        .with_command_retry(Arc::new(NoRetry))
        .connect()
        .expect("it is put together");
    let error = kusto.resources().resources().await.expect_err("nobody answers");
    assert_eq!(error.kind(), ErrorKind::Timeout, "{}", error.chain());
    assert_eq!(limits(&error), ["overall"]);
}

#[tokio::test]
async fn a_streaming_request_has_its_own_limit() {
    let mut limit = SHORT;
    let error = loop {
        let (emulator, builder) = without_answers(Route::Streaming).await;
        let kusto = builder
            .with_streaming_limit(limit)
            .connect()
            .expect("it is put together");
        let properties = IngestionProperties::into_table("D", "T").expect("these are names");
        let source = LocalSource::from_bytes("1\n").with_name("a.csv");
        let error = kusto.streaming().ingest(source, &properties).await;
        // On a slow machine it may end before all is sent: then the next has longer for that.
        if emulator.request_count(Route::Streaming) > 0 || limit > 100 * SHORT {
            break error.expect_err("nobody answers");
        }
        limit *= 10;
    };
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{}", error.chain());
    assert_eq!(limits(&error), ["overall"]);
}
