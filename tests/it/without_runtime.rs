//! Outside of a tokio runtime: every call is an error that says so, and none panics or hangs.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::executor::block_on;
use kusto_ingest::auth::BearerToken;
use kusto_ingest::endpoint::RequestProperties;
use kusto_ingest::properties::DatabaseName;
use kusto_ingest::rows::{RowSpool, RowWriter};
use kusto_ingest::sources::reader;
use kusto_ingest::{
    BlobSource, Error, ErrorKind, Files, IngestClient, IngestionProperties, Kusto, LocalSource, Rows, Source,
    file,
};
use tokio::io::{AsyncRead, ReadBuf};

/// A cluster of this machine that nobody is at, and one that wants a sign-in.
fn clusters() -> [Kusto; 2] {
    let deadline = Duration::from_secs(600);
    let here = Kusto::builder("http://127.0.0.1:1").expect("an address");
    let there = Kusto::builder("https://help.kusto.windows.net").expect("an address");
    let there = there.with_token_callback(async |_| -> kusto_ingest::Result<BearerToken> {
        panic!("nobody may be asked for a token")
    });
    [here, there].map(|builder| {
        builder
            .with_deadline(deadline)
            .connect()
            .expect("it is put together")
    })
}

fn properties() -> IngestionProperties {
    IngestionProperties::into_table("D", "T").expect("names")
}

/// Panics where it is read without a runtime, as files and pipes of tokio do.
struct OnARuntimeOnly;

impl AsyncRead for OnARuntimeOnly {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let _runtime = tokio::runtime::Handle::current();
        Poll::Ready(Ok(()))
    }
}

/// One source of each kind: the longer ones are worth a thread to compress them.
fn sources() -> Vec<Source> {
    let long = || -> Vec<u8> {
        (0..300_000_u32)
            .map(|place| (place.wrapping_mul(2_654_435_761) >> 13) as u8)
            .collect()
    };
    let blob = BlobSource::parse("https://a.blob.core.windows.net/c/b.csv?sig=S").expect("an address");
    let local = |payload| Source::from(LocalSource::new(payload).with_name("a.csv"));
    vec![
        LocalSource::from_bytes("1,x\n").with_name("a.csv").into(),
        LocalSource::from_bytes(long()).with_name("a.csv").into(),
        local(reader(io::Cursor::new(long()))),
        local(reader(OnARuntimeOnly)),
        blob.into(),
    ]
}

fn check(what: &str, error: &Error) {
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{what}: {}", error.chain());
    assert!(error.is_permanent(), "{what}");
    assert!(
        error.chain().contains("there is no tokio runtime here"),
        "{what}: {}",
        error.chain()
    );
}

#[test]
fn no_way_in_panics() {
    for kusto in clusters() {
        let (queued, streaming) = (kusto.queued(), kusto.streaming());
        let (managed, direct) = (kusto.managed(), kusto.direct());
        let ways: [(&str, &dyn IngestClient); 4] = [
            ("queued", &queued),
            ("streaming", &streaming),
            ("managed", &managed),
            ("direct", &direct),
        ];
        for (way, client) in ways {
            for source in sources() {
                let what = format!("{way} {source:?}");
                let error = block_on(client.ingest_source(source, &properties())).expect_err(&what);
                check(&what, &error);
            }
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
            let result = block_on(Files::new([path, file!()]).ingest_with(client, &properties()));
            result.errors().for_each(|error| check(way, error));
            assert_eq!(result.errors().count(), 2, "{way}");
            let rows = || Rows::from_iter([1, 2, 3].map(|number| (number,)), RowWriter::csv());
            check(
                way,
                &block_on(rows().ingest_with(client, &properties())).expect_err(way),
            );
            let spool = RowSpool::new(rows());
            let spooled = block_on(spool.ingest_with(client, &properties(), &*kusto.clock()));
            check(way, spooled.errors().next().expect(way));
        }
    }
}

#[test]
fn no_question_panics() {
    let database = DatabaseName::parse("D").expect("a name");
    for kusto in clusters() {
        let nothing = RequestProperties::new();
        check(
            "query",
            &block_on(kusto.query_endpoint().query(&database, "T", &nothing)).expect_err("no"),
        );
        check(
            "command",
            &block_on(
                kusto
                    .engine_endpoint()
                    .execute(&database, ".show tables", &nothing),
            )
            .expect_err("no"),
        );
        check(
            "resources",
            &block_on(kusto.resources().resources()).expect_err("no"),
        );
        check(
            "failures",
            &block_on(kusto.report_queues().peek_failures(1)).expect_err("no"),
        );
        check("file", &block_on(file(file!())).expect_err("no"));
    }
}

#[test]
fn the_clock_sleeps_all_the_same() {
    let clock = clusters()[0].clock();
    let (short, long) = (Duration::from_millis(1), Duration::from_secs(3_600));
    let first = block_on(futures::future::select(clock.sleep(long), clock.sleep(short)));
    assert!(
        matches!(first, futures::future::Either::Right(_)),
        "the shorter one ends first"
    );
}
