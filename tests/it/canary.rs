//! Secrets in every place that can hold one, and a look for them in every error and every line of the log.

mod typed;

use std::fmt::Debug;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, OnceLock};

use kusto_emulator::{Emulator, HttpFault, HttpFaultPlan, Route};
use kusto_ingest::connection::ConnectionString;
use kusto_ingest::endpoint::RequestProperties;
use kusto_ingest::properties::DatabaseName;
use kusto_ingest::status::PollSchedule;
use kusto_ingest::transport::{Proxy, ProxyUrl, TransportOptions};
use kusto_ingest::{
    BlobSource, Error, IngestClient, IngestionProperties, Kusto, LocalSource, ReportLevel, ReportMethod,
    Source,
};
use kusto_storage::Operation;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::FmtSpan;

/// What stands for a password, key or token of the caller's.
const CANARY: &str = "C4NARY-s3cr3t";

/// Everything that was logged in this process, at the level `trace`.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// The log of this process; it listens from the first call on.
    fn of_process() -> &'static Self {
        static LOG: OnceLock<Log> = OnceLock::new();
        LOG.get_or_init(|| {
            let log = Self::default();
            tracing_subscriber::fmt()
                .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
                // Every span is written as it begins, with all its fields.
                .with_span_events(FmtSpan::NEW)
                .with_ansi(false)
                .with_writer(log.clone())
                .init();
            log
        })
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("unpoisoned")).into_owned()
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("unpoisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What was shown of anything: errors in every form, and values by `Debug`.
#[derive(Default)]
struct Shown(String);

impl Shown {
    fn error(&mut self, error: &Error) {
        self.0 += &format!("{error} {error:?} {error:#?} {}\n", error.chain());
    }

    fn value(&mut self, value: &impl Debug) {
        self.0 += &format!("{value:?} {value:#?}\n");
    }

    fn result<T: Debug>(&mut self, result: &Result<T, Error>) {
        match result {
            Ok(value) => self.value(value),
            Err(error) => self.error(error),
        }
    }

    fn holds_none_of(&self, secrets: &[String]) {
        let log = Log::of_process().text();
        assert!(log.len() > 1_000, "the log was listened to");
        for secret in secrets {
            assert!(secret.len() >= 8, "{secret:?} could stand anywhere");
            assert!(
                !self.0.contains(secret.as_str()),
                "{secret} was shown:\n{}",
                around(&self.0, secret)
            );
            assert!(
                !log.contains(secret.as_str()),
                "{secret} was logged:\n{}",
                around(&log, secret)
            );
        }
    }
}

/// The lines around a secret, so that a failure tells where it came from.
fn around(text: &str, secret: &str) -> String {
    text.lines()
        .filter(|line| line.contains(secret))
        .take(3)
        .collect::<Vec<_>>()
        .join("\n")
}

/// The SAS tokens and the token that an emulator issues, as they stand in addresses and as they are meant.
fn issued_secrets(emulator: &Emulator) -> Vec<String> {
    let issued = emulator.fake().issued_resources().expect("storage is issued");
    let mut resources = [issued.containers, issued.queues].concat();
    resources.extend([issued.failures, issued.successes, issued.status_table]);
    let mut secrets = vec![emulator.fake().identity_token().expose().to_owned()];
    for uri in resources {
        let query = uri.expose().query().unwrap_or_default().to_owned();
        secrets.extend(
            query
                .split('&')
                .filter_map(|pair| pair.strip_prefix("sig="))
                .map(str::to_owned),
        );
        secrets.extend(
            uri.expose()
                .query_pairs()
                .filter(|(name, _)| name == "sig")
                .map(|(_, value)| value.into_owned()),
        );
    }
    secrets
}

fn tracked(table: &str) -> IngestionProperties {
    IngestionProperties::into_table("db", table)
        .expect("good names")
        .with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::QueueAndTable)
}

/// A small source and one of several blocks.
fn sources() -> [Source; 2] {
    let long = vec![b'x'; 200_000];
    [
        LocalSource::from_bytes("1\n").with_name("a.csv").into(),
        LocalSource::from_bytes(long).with_name("a.parquet").into(),
    ]
}

#[tokio::test]
async fn s02_c98_what_kusto_issues_is_shown_nowhere_whatever_fails() {
    Log::of_process();
    let mut shown = Shown::default();
    let faults = [
        HttpFault::Status(403, "AuthenticationFailed".to_owned()),
        HttpFault::Status(400, "InvalidUri".to_owned()),
        HttpFault::Status(503, "ServerBusy".to_owned()),
        HttpFault::ResetBeforeBody,
        HttpFault::ResponseLost,
    ];
    let operations = [
        Operation::PutBlob,
        Operation::StageBlock,
        Operation::CommitBlocks,
        Operation::PutMessage,
        Operation::InsertEntity,
        Operation::GetEntity,
    ];
    for fault in faults {
        for operation in operations {
            let emulator = Emulator::start().await.expect("a free port");
            let builder = Kusto::builder(&emulator.cluster()).expect("a good address");
            let kusto = builder
                .with_blocks(65_536, 2)
                .with_clock(patient())
                .connect()
                .expect("nothing is sent yet");
            emulator.plan(
                HttpFaultPlan::new(fault.clone())
                    .on(Route::Storage(operation))
                    .forever(),
            );
            for source in sources() {
                let receipt = kusto.queued().ingest_source(source, &tracked("t")).await;
                if let Some(row) = receipt.as_ref().ok().and_then(|receipt| receipt.status_locator()) {
                    shown.result(&kusto.status().fetch(row).await);
                }
                shown.result(&receipt);
            }
            shown.result(&kusto.report_queues().peek_failures(5).await);
            shown.value(&(&emulator, &kusto, kusto.resources(), emulator.requests()));
            shown.holds_none_of(&issued_secrets(&emulator));
        }
    }
}

/// A clock on which the waits between attempts take no time.
fn patient() -> Arc<kusto_ingest_core::ManualClock> {
    let now = kusto_ingest::clock::Clock::now(&kusto_ingest_tokio::TokioClock::new());
    Arc::new(kusto_ingest_core::ManualClock::advancing(now))
}

#[tokio::test]
async fn the_walk_that_succeeds_logs_no_secret_either() {
    Log::of_process();
    let emulator = Emulator::start().await.expect("a free port");
    let signed_in = format!("{};Fed=true;UserToken={CANARY}", emulator.cluster());
    let kusto = Kusto::connect(&signed_in).expect("a good address");
    let database = DatabaseName::parse("NetDefaultDB").expect("a good name");
    let create = ".create table t (a:long)";
    kusto
        .engine_endpoint()
        .execute(&database, create, &RequestProperties::new())
        .await
        .expect("the command is good");
    let properties = IngestionProperties::into_table("NetDefaultDB", "t")
        .expect("good names")
        .with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::Table);
    let source = LocalSource::from_bytes("1\n").with_name("a.csv");
    let receipt = kusto
        .queued()
        .ingest_source(source.into(), &properties)
        .await
        .expect("nothing fails");
    let row = receipt.status_locator().expect("it reports to the table");
    let mut shown = Shown::default();
    shown.result(&kusto.wait_until_final(row, &PollSchedule::interactive()).await);
    shown.value(&receipt);
    for way in ways(&kusto) {
        let source = LocalSource::from_bytes("2\n").with_name("b.csv");
        shown.result(&way.ingest_source(source.into(), &properties).await);
    }
    let mut secrets = issued_secrets(&emulator);
    secrets.push(CANARY.to_owned());
    shown.holds_none_of(&secrets);
    let log = Log::of_process().text();
    for span in ["ingest", "upload", "post", "stream", "command", "token"] {
        assert!(log.contains(&format!("{span}{{")), "{span} was listened to");
    }
}

/// Every way into a cluster.
fn ways(kusto: &Kusto) -> [Box<dyn IngestClient>; 4] {
    [
        Box::new(kusto.queued()),
        Box::new(kusto.direct()),
        Box::new(kusto.streaming()),
        Box::new(kusto.managed()),
    ]
}

#[tokio::test]
async fn what_the_caller_brings_is_shown_nowhere() {
    Log::of_process();
    let mut shown = Shown::default();
    for text in [
        format!(
            "https://help.kusto.windows.net;Fed=true;AppClientId=me;AppKey={CANARY};Authority Id=contoso"
        ),
        format!("https://help.kusto.windows.net;Fed=true;UserToken={CANARY}"),
        format!("https://help.kusto.windows.net;Fed=true;AppToken={CANARY}"),
        format!("https://help.kusto.windows.net;Fed=true;User ID=me;Password={CANARY}"),
        format!("Data Source=https://help.kusto.windows.net;AppKey={CANARY};Nonsense=1"),
        format!("Data Source=http://me:{CANARY}@127.0.0.1;Fed=false"),
        format!("Data Source=\"{CANARY};AppKey='{CANARY}"),
    ] {
        shown.result(&Kusto::connect(&text));
        if let Ok(connection) = text.parse::<ConnectionString>() {
            shown.value(&connection);
            shown.0 += &connection.to_string();
        }
    }
    let emulator = Emulator::start().await.expect("a free port");
    let kusto = Kusto::connect(&emulator.cluster()).expect("a good address");
    for address in [
        format!("https://acct.blob.core.windows.net/c/a.csv?sig={CANARY}"),
        format!("https://acct.blob.core.windows.net/c/a.csv;{CANARY}=="),
        format!("https://bucket.s3.eu-west-1.amazonaws.com/a.csv;AwsCredentials=ID,{CANARY}"),
        format!("http://example.com/a.csv?sig={CANARY}"),
        format!("ftp://me:{CANARY}@example.com/a.csv"),
        format!("{CANARY}?{CANARY}"),
    ] {
        match BlobSource::parse(address) {
            Ok(blob) => {
                shown.value(&blob);
                for way in ways(&kusto) {
                    shown.result(&way.ingest_source(blob.clone().into(), &tracked("t")).await);
                }
            }
            Err(error) => shown.error(&error),
        }
    }
    let proxy = ProxyUrl::parse(format!("http://me:{CANARY}@127.0.0.1:1"));
    shown.result(&proxy);
    let options = TransportOptions::new().with_proxy(Proxy::Url(proxy.expect("a good proxy")));
    shown.value(&options);
    let builder = Kusto::builder("https://ingest-help.kusto.windows.net;Fed=false").expect("a good address");
    let behind = builder
        .with_transport(options)
        .with_clock(patient())
        .connect()
        .expect("nothing is sent yet");
    let (database, ask) = (DatabaseName::net_default(), RequestProperties::new());
    shown.result(
        &behind
            .data_management()
            .execute(&database, ".show version", &ask)
            .await,
    );
    shown.holds_none_of(&[CANARY.to_owned()]);
}
