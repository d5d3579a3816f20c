//! What a program that listens sees of each way in: the spans that the facade promises, with their fields.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use kusto_emulator::{Emulator, HttpFault, HttpFaultPlan, Route};
use kusto_ingest::direct::CommandMode;
use kusto_ingest::retry::ExponentialRetry;
use kusto_ingest::testing::Operation;
use kusto_ingest::{IngestClient, Kusto, LocalSource};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::subscriber::NoSubscriber;
use tracing::{Dispatch, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

use crate::setup::{properties, start, with_table};

/// A span of the library: its name, that of the one around it, and its fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Seen {
    name: &'static str,
    parent: Option<&'static str>,
    fields: BTreeMap<&'static str, String>,
}

impl Visit for Seen {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.fields.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.insert(field.name(), value.to_owned());
    }
}

/// A listener that hears nothing. Beside it, whether a span is heard is asked of all listeners. Where there is only one, the
/// thread that makes the span first is asked, which in another test listens to nothing, and it is never heard.
static DEAF: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(NoSubscriber::default()));

/// Listens to the spans of this thread.
#[derive(Clone, Default)]
struct Listener(Arc<Mutex<Vec<Seen>>>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Listener {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        metadata.target() == "kusto_ingest"
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let around = context.span(id).and_then(|span| span.parent());
        let mut seen = Seen {
            name: attributes.metadata().name(),
            parent: around.map(|span| span.name()),
            ..Seen::default()
        };
        attributes.record(&mut seen);
        self.0.lock().expect("unpoisoned").push(seen);
    }
}

impl Listener {
    /// What this thread does from now on is listened to, as long as the guard lives.
    fn listen() -> (Self, tracing::subscriber::DefaultGuard) {
        LazyLock::force(&DEAF);
        let listener = Self::default();
        let subscriber = tracing_subscriber::registry().with(listener.clone());
        (listener, tracing::subscriber::set_default(subscriber))
    }

    /// What was seen since the last time.
    fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut *self.0.lock().expect("unpoisoned"))
    }
}

/// A Kusto with a table `db.t`, and a client of it that shows a token and posts again at once.
async fn kusto() -> (Emulator, Kusto) {
    let (emulator, _) = start(with_table("a:long")).await;
    let signed_in = format!("{};Fed=true;UserToken=some-token", emulator.cluster());
    let at_once = ExponentialRetry::new(3).with_backoff(Duration::ZERO, Duration::ZERO);
    let builder = Kusto::builder(&signed_in).expect("a good address");
    let kusto = builder.with_post_retry(Arc::new(at_once)).connect();
    (emulator, kusto.expect("nothing is sent yet"))
}

/// Ingests a row, and tells which spans were seen: each once, as `around > name field=value …` with `ID` for the source.
async fn seen_of(client: &dyn IngestClient) -> Vec<String> {
    let source = LocalSource::from_bytes("1\n").with_name("a.csv");
    let id = source.id().to_string();
    let properties = properties();
    let (listener, _guard) = Listener::listen();
    client
        .ingest_source(source.into(), &properties)
        .await
        .expect("nothing fails for long");
    let mut told = Vec::new();
    for seen in listener.seen() {
        let fields = seen.fields.iter().map(|(name, value)| match *value == id {
            true => format!(" {name}=ID"),
            false => format!(" {name}={value}"),
        });
        let around = seen.parent.map(|name| format!("{name} > ")).unwrap_or_default();
        let line = format!("{around}{}{}", seen.name, fields.collect::<String>());
        if !told.contains(&line) {
            told.push(line);
        }
    }
    told
}

/// The two commands by which the Data Management service is asked, and the token of their requests.
const ASKED: [&str; 3] = [
    "ingest > command attempt=1 database=NetDefaultDB name=.get kusto identity token",
    "command > token host=localhost",
    "ingest > command attempt=1 database=NetDefaultDB name=.get ingestion resources",
];

#[tokio::test]
async fn queued_ingestion_is_seen_from_the_first_command_to_the_post() {
    let (emulator, kusto) = kusto().await;
    let busy = HttpFault::Status(503, "ServerBusy".to_owned());
    emulator.plan(HttpFaultPlan::new(busy).on(Route::Storage(Operation::PutMessage)));
    let seen = seen_of(&kusto.queued()).await;
    let expected = [
        &["ingest database=db source_id=ID table=t way=queued"],
        &ASKED[..],
        &[
            "ingest > upload account=devstoreaccount1 attempt=1 source_id=ID",
            "ingest > post account=devstoreaccount1 attempt=1 source_id=ID",
            "ingest > post account=devstoreaccount1 attempt=2 source_id=ID",
        ],
    ];
    assert_eq!(seen, expected.concat());
    // What was issued is at hand.
    let again = seen_of(&kusto.queued()).await;
    assert_eq!(again.len(), 3, "{again:#?}");
}

#[tokio::test]
async fn a_streaming_request_is_seen_and_managed_streaming_is_seen_around_it() {
    let (_emulator, kusto) = kusto().await;
    let streaming = "ingest database=db source_id=ID table=t way=streaming";
    let request = [
        "ingest > stream attempt=1 database=db source_id=ID table=t",
        "stream > token host=localhost",
    ];
    let seen = seen_of(&kusto.streaming()).await;
    assert_eq!(seen, [&[streaming], &request[..]].concat());
    let seen = seen_of(&kusto.managed()).await;
    let managed = "ingest database=db source_id=ID table=t way=managed";
    let within = format!("ingest > {streaming}");
    assert_eq!(seen, [&[managed, &*within], &request[..]].concat());
}

#[tokio::test]
async fn direct_ingestion_is_seen_with_its_commands_but_not_what_is_in_them() {
    let (_emulator, kusto) = kusto().await;
    let seen = seen_of(&kusto.direct()).await;
    let ingest = "ingest database=db source_id=ID table=t way=direct";
    let command = "ingest > command attempt=1 database=db name=.ingest";
    assert_eq!(seen, [ingest, command, "command > token host=localhost"]);

    let by_blob = kusto.direct().with_inline_limit(0).with_mode(CommandMode::Async);
    let seen = seen_of(&by_blob).await;
    let expected = [
        &[ingest],
        &ASKED[2..],
        &ASKED[1..2],
        &[
            "ingest > upload account=devstoreaccount1 attempt=1 source_id=ID",
            command,
        ],
    ];
    assert_eq!(seen, expected.concat());
}
