//! The decision table: every failure, for every kind of source, asserted on what is asked of whom with which bytes.

use kusto_ingest_compression::StreamingLimits;
use kusto_ingest_core::testing::SOURCE_ID;
use kusto_ingest_core::{
    Error, ErrorKind, FallbackReason, Receipt, ReceiptState, Result, Source, StreamingErrorCategory,
};
use kusto_ingest_managed::{ManagedStreamingSettings, OnUnavailable};

use crate::world::{Call, Data, TEXT, World, answered, csv, sources, unanswered};

/// What is expected of a source.
#[derive(Clone, Copy, Debug)]
enum Expect {
    /// The caller gets the error.
    Fails(ErrorKind),
    /// The queue gets it, after a refusal for this.
    Refused(StreamingErrorCategory),
    /// The queue gets it, since the attempts are used up.
    Exhausted,
    /// The queue gets it at once.
    TooLarge,
}

/// One situation: what the engine answers, always, and what follows.
struct Row {
    name: &'static str,
    answer: Error,
    settings: ManagedStreamingSettings,
    limits: StreamingLimits,
    attempts: usize,
    expect: Expect,
}

fn row(name: &'static str, error: Error, attempts: usize, expect: Expect) -> Row {
    Row {
        name,
        answer: error,
        settings: ManagedStreamingSettings::new(),
        limits: StreamingLimits::new(),
        attempts,
        expect,
    }
}

impl Row {
    fn with(self, settings: ManagedStreamingSettings) -> Self {
        Self { settings, ..self }
    }
}

fn rows() -> Vec<Row> {
    let mut rows = throttled();
    rows.extend(failing());
    rows.extend(refusing());
    rows.extend(unavailable());
    rows.extend(too_large());
    rows.extend(without_answer());
    rows
}

fn throttled() -> Vec<Row> {
    let throttled = Expect::Refused(StreamingErrorCategory::Throttled);
    let wait = |seconds| answered(429, "X", None, Some(seconds));
    let coded = answered(400, "General_ThrottledIngestion", None, None);
    vec![
        row("429", answered(429, "TooManyRequests", None, None), 3, throttled),
        row("429, wait 5 s", wait("5"), 3, throttled),
        row("429, wait 60 s", wait("60"), 1, throttled),
        row("throttled by its code", coded, 3, throttled),
    ]
}

fn failing() -> Vec<Row> {
    let schema = answered(400, "General_TransientSchemaMismatch", None, None);
    let passing = answered(400, "General_BadRequest", Some(false), None);
    vec![
        row("425", answered(425, "", None, None), 3, Expect::Exhausted),
        row("503", answered(503, "X", Some(false), None), 3, Expect::Exhausted),
        row("400 passing", passing, 3, Expect::Exhausted),
        row("400 passing by its code", schema, 3, Expect::Exhausted),
    ]
}

fn refusing() -> Vec<Row> {
    let bad_data = answered(400, "Stream_WrongNumberOfFields", Some(true), None);
    let no_token = answered(401, "Unauthorized", None, None);
    let no_right = answered(403, "Forbidden", Some(true), None);
    let missing = || answered(400, "BadRequest_TableNotExist", Some(true), None);
    let missing_is_fine = ManagedStreamingSettings::new().with_when_entity_missing(OnUnavailable::FallBack);
    let perhaps_new = Expect::Refused(StreamingErrorCategory::MissingEntity);
    vec![
        row("400 permanent", bad_data, 1, Expect::Fails(ErrorKind::Rejected)),
        row(
            "400",
            answered(400, "", None, None),
            1,
            Expect::Fails(ErrorKind::Rejected),
        ),
        row("401", no_token, 1, Expect::Fails(ErrorKind::Unauthenticated)),
        row("403", no_right, 1, Expect::Fails(ErrorKind::Forbidden)),
        row("missing table", missing(), 1, Expect::Fails(ErrorKind::NotFound)),
        row("missing table, perhaps new", missing(), 1, perhaps_new).with(missing_is_fine),
    ]
}

fn unavailable() -> Vec<Row> {
    let code = "BadRequest_StreamingIngestionPolicyNotEnabled";
    let off = |permanent| answered(400, code, Some(permanent), None);
    let clash = answered(
        400,
        "UpdatePolicy_QuerySchemaDoesNotMatchTableSchema",
        Some(true),
        None,
    );
    let off_is_fine = ManagedStreamingSettings::new().with_when_streaming_disabled(OnUnavailable::FallBack);
    let fails = Expect::Fails(ErrorKind::Unsupported);
    vec![
        row("off", off(true), 1, fails),
        row("off, whatever it says", off(false), 1, fails),
        row(
            "off, and that is fine",
            off(true),
            1,
            Expect::Refused(StreamingErrorCategory::StreamingOff),
        )
        .with(off_is_fine),
        row("no such address", answered(404, "", None, None), 1, fails),
        row(
            "table configuration",
            clash,
            1,
            Expect::Refused(StreamingErrorCategory::TableConfiguration),
        ),
    ]
}

fn too_large() -> Vec<Row> {
    let coded = answered(400, "Stream_InputStreamTooLarge", Some(true), None);
    let refused = Expect::Refused(StreamingErrorCategory::RequestProperties);
    vec![
        row("413", answered(413, "X", None, None), 1, refused),
        row("too large for the service", coded, 1, refused),
        Row {
            limits: StreamingLimits::new().with_data_bytes(3),
            ..row("too large", unanswered(ErrorKind::Other), 0, Expect::TooLarge)
        },
    ]
}

fn without_answer() -> Vec<Row> {
    let no_certificate = unanswered(ErrorKind::Connection).with_permanence(true);
    vec![
        row(
            "refused connection",
            unanswered(ErrorKind::Connection),
            3,
            Expect::Exhausted,
        ),
        row(
            "TLS failure",
            no_certificate,
            1,
            Expect::Fails(ErrorKind::Connection),
        ),
        row("timeout", unanswered(ErrorKind::Timeout), 3, Expect::Exhausted),
        row(
            "broken connection",
            unanswered(ErrorKind::Io),
            3,
            Expect::Exhausted,
        ),
    ]
}

#[test]
fn every_failure_is_handled_alike_for_every_kind_of_source() {
    for row in rows() {
        for (kind, source) in sources() {
            let what = format!("{}, {kind}", row.name);
            let mut world = World::new(row.settings.clone());
            world.client = world.client.clone().with_limits(row.limits);
            world.engine.refuse(9, &row.answer);
            let given = world.ingest(source.clone(), &csv());
            check(&what, &row, &world, &source, &given);
        }
    }
}

fn check(what: &str, row: &Row, world: &World, source: &Source, given: &Result<Receipt>) {
    let (streamed, queued) = (world.engine.take(), world.queue.take());
    assert_eq!(streamed.len(), row.attempts, "{what}: requests to the engine");
    let fell_back = matches!(
        row.expect,
        Expect::Refused(_) | Expect::Exhausted | Expect::TooLarge
    );
    assert_eq!(queued.len(), usize::from(fell_back), "{what}: the fallback");
    for (number, call) in streamed.iter().enumerate() {
        let name = format!("KRC.executeManagedStreamingIngest;{SOURCE_ID};{number}");
        assert_eq!(call.request.as_ref(), Some(&name), "{what}");
    }
    let calls: Vec<Call> = streamed.into_iter().chain(queued).collect();
    check_data(what, &calls, source);

    match (row.expect, given) {
        (Expect::Fails(kind), Err(error)) => {
            assert_eq!(error.kind(), kind, "{what}");
            assert_eq!(
                (error.attempts(), error.receipt().is_none()),
                (Some(1), true),
                "{what}"
            );
            let id = error.source_id().map(|id| id.to_string());
            assert_eq!(id.as_deref(), Some(SOURCE_ID), "{what}");
        }
        (expect, Ok(receipt)) if fell_back => {
            assert_eq!(receipt.state, ReceiptState::Queued, "{what}");
            let attempts = u32::try_from(row.attempts).ok();
            assert_eq!(
                (receipt.streaming_attempts, receipt.ambiguous_sends),
                (attempts, 0),
                "{what}"
            );
            check_reason(what, expect, receipt);
        }
        (expect, given) => panic!("{what}: expected {expect:?}, got {given:?}"),
    }
    let shown = format!("{given:?}");
    assert!(!shown.contains("SECRET"), "{shown}");
}

/// Everybody gets the same: one identity, one name, the same bytes, and those are the source's.
fn check_data(what: &str, calls: &[Call], source: &Source) {
    for call in calls {
        assert_eq!(call.id.to_string(), SOURCE_ID, "{what}: one identity");
        assert_eq!(call.name.as_deref(), source.name(), "{what}");
        match &call.data {
            data @ Data::Bytes(..) => assert_eq!(data.plain(), TEXT, "{what}: whole"),
            Data::Blob(address, raw) => {
                assert!(address.ends_with("SECRET") && *raw == Some(8), "{what}");
            }
        }
        assert_eq!(call.data, calls[0].data, "{what}: the same bytes for everyone");
    }
}

fn check_reason(what: &str, expect: Expect, receipt: &Receipt) {
    let reason = receipt.fallback.as_ref().expect("it fell back");
    match (expect, reason) {
        (Expect::TooLarge, FallbackReason::TooLarge) => {}
        (Expect::Refused(expected), FallbackReason::Refused { category, error }) => {
            assert_eq!(*category, expected, "{what}");
            assert!(error.starts_with("failed to stream the data"), "{what}: {error}");
        }
        (Expect::Exhausted, FallbackReason::Exhausted { error }) => {
            assert!(error.starts_with("failed to stream the "), "{what}: {error}");
        }
        (expect, reason) => panic!("{what}: expected {expect:?}, got {reason:?}"),
    }
}
