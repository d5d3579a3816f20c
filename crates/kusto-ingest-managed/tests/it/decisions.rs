//! The decision table: every failure, for every kind of source, asserted on what is asked of whom with which bytes.

use kusto_ingest_compression::StreamingLimits;
use kusto_ingest_core::{
    Ambiguity, Error, ErrorKind, FallbackReason, Obstacle, Receipt, ReceiptState, Result, Source,
};
use kusto_ingest_managed::{Handling, PolicySettings};

use crate::world::{Data, ID, TEXT, World, answered, csv, lost, sources, unanswered};

/// What is expected of a source.
#[derive(Clone, Copy, Debug)]
enum Expect {
    /// The caller gets the error.
    Fails(ErrorKind),
    /// A receipt says that nobody knows.
    Unknown,
    /// The queue gets it, after a refusal for this.
    Refused(Obstacle),
    /// The queue gets it, since the attempts are used up.
    Exhausted,
    /// The queue gets it at once.
    TooLarge,
}

/// One situation: what the engine answers, always, and what follows.
struct Row {
    name: &'static str,
    answer: Result<ReceiptState>,
    settings: PolicySettings,
    limits: StreamingLimits,
    attempts: usize,
    expect: Expect,
}

fn row(name: &'static str, error: Error, attempts: usize, expect: Expect) -> Row {
    Row {
        name,
        answer: Err(error),
        settings: PolicySettings::new(),
        limits: StreamingLimits::new(),
        attempts,
        expect,
    }
}

impl Row {
    fn with(self, settings: PolicySettings) -> Self {
        Self { settings, ..self }
    }
}

fn rows() -> Vec<Row> {
    let defaults = PolicySettings::new();
    let off = || {
        answered(
            400,
            "BadRequest_StreamingIngestionPolicyNotEnabled",
            Some(true),
            None,
        )
    };
    let passing_off = answered(
        400,
        "BadRequest_StreamingIngestionPolicyNotEnabled",
        Some(false),
        None,
    );
    let missing = || answered(400, "BadRequest_TableNotExist", Some(true), None);
    let clash = answered(
        400,
        "UpdatePolicy_QuerySchemaDoesNotMatchTableSchema",
        Some(true),
        None,
    );
    let no_certificate = unanswered(ErrorKind::Connection).with_permanence(true);
    let lost_answer = |name, settings: PolicySettings, attempts, expect| Row {
        answer: Ok(lost()),
        ..row(name, unanswered(ErrorKind::OutcomeUnknown), attempts, expect).with(settings)
    };
    let repeating = defaults.with_ambiguity(Ambiguity::Repeat);
    vec![
        row(
            "429",
            answered(429, "TooManyRequests", None, None),
            3,
            Expect::Refused(Obstacle::Throttled),
        ),
        row(
            "429, wait 5 s",
            answered(429, "X", None, Some("5")),
            3,
            Expect::Refused(Obstacle::Throttled),
        ),
        row(
            "429, wait 60 s",
            answered(429, "X", None, Some("60")),
            1,
            Expect::Refused(Obstacle::Throttled),
        ),
        row("500", answered(500, "", None, None), 3, Expect::Exhausted),
        row("503", answered(503, "X", Some(false), None), 3, Expect::Exhausted),
        row("504", answered(504, "X", None, None), 3, Expect::Exhausted),
        row(
            "400 permanent",
            answered(400, "Stream_WrongNumberOfFields", Some(true), None),
            1,
            Expect::Fails(ErrorKind::Rejected),
        ),
        row(
            "400 passing",
            answered(400, "General_BadRequest", Some(false), None),
            3,
            Expect::Exhausted,
        ),
        row(
            "400 without word",
            answered(400, "", None, None),
            1,
            Expect::Fails(ErrorKind::Rejected),
        ),
        row(
            "401",
            answered(401, "Unauthorized", None, None),
            1,
            Expect::Fails(ErrorKind::Unauthenticated),
        ),
        row(
            "403",
            answered(403, "Forbidden", Some(true), None),
            1,
            Expect::Fails(ErrorKind::Forbidden),
        ),
        row("off", off(), 1, Expect::Fails(ErrorKind::Unsupported)),
        row(
            "off, whatever it says",
            passing_off,
            1,
            Expect::Fails(ErrorKind::Unsupported),
        ),
        row(
            "off, and that is fine",
            off(),
            1,
            Expect::Refused(Obstacle::StreamingOff),
        )
        .with(defaults.with_handling_when_off(Handling::Queue)),
        row(
            "no such address",
            answered(404, "", None, None),
            1,
            Expect::Fails(ErrorKind::Unsupported),
        ),
        row(
            "table configuration",
            clash,
            1,
            Expect::Refused(Obstacle::TableConfiguration),
        ),
        row(
            "413",
            answered(413, "X", None, None),
            1,
            Expect::Refused(Obstacle::RequestProperties),
        ),
        row(
            "too large for it",
            answered(400, "Stream_InputStreamTooLarge", Some(true), None),
            1,
            Expect::Refused(Obstacle::RequestProperties),
        ),
        Row {
            limits: StreamingLimits::new().with_data_bytes(3),
            ..row("too large", off(), 0, Expect::TooLarge)
        },
        row("missing table", missing(), 1, Expect::Fails(ErrorKind::NotFound)),
        row(
            "missing table, perhaps new",
            missing(),
            1,
            Expect::Refused(Obstacle::MissingEntity),
        )
        .with(defaults.with_handling_when_missing(Handling::Queue)),
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
        lost_answer("lost answer", defaults, 1, Expect::Unknown),
        lost_answer("lost answer, repeated", repeating, 3, Expect::Exhausted),
        row(
            "lost answer, as an error",
            unanswered(ErrorKind::OutcomeUnknown),
            1,
            Expect::Fails(ErrorKind::OutcomeUnknown),
        ),
    ]
}

#[test]
fn every_failure_is_handled_alike_for_every_kind_of_source() {
    for row in rows() {
        for (kind, source) in sources() {
            let what = format!("{}, {kind}", row.name);
            let mut world = World::new(row.settings);
            world.client = world.client.clone().with_limits(row.limits);
            match &row.answer {
                Ok(state) => world.engine.answer(9, state),
                Err(error) => world.engine.refuse(9, error),
            }
            let given = world.ingest(source.clone(), &csv());
            check(&what, &row, &world, &source, &given);
        }
    }
}

fn check(what: &str, row: &Row, world: &World, source: &Source, given: &Result<Receipt>) {
    let (streamed, queued) = (world.engine.take(), world.queue.take());
    assert_eq!(streamed.len(), row.attempts, "{what}: requests to the engine");
    for call in streamed.iter().chain(&queued) {
        assert_eq!(call.id.to_string(), ID, "{what}: one identity");
        assert_eq!(call.name.as_deref(), source.name(), "{what}");
        // What is too large goes on as it came, or packed: either way it is whole.
        match &call.data {
            data @ Data::Bytes(..) => assert_eq!(data.plain(), TEXT, "{what}: whole"),
            Data::Blob(address, raw) => {
                assert!(address.ends_with("SECRET") && *raw == Some(8), "{what}");
            }
        }
    }
    let all: Vec<_> = streamed.iter().chain(&queued).map(|call| &call.data).collect();
    assert!(
        all.windows(2).all(|two| two[0] == two[1]),
        "{what}: the same bytes for everyone"
    );
    for (number, call) in streamed.iter().enumerate() {
        let name = format!("KRC.executeManagedStreamingIngest;{ID};{number}");
        assert_eq!(call.request.as_ref(), Some(&name), "{what}");
    }

    let fell_back = matches!(
        row.expect,
        Expect::Refused(_) | Expect::Exhausted | Expect::TooLarge
    );
    assert_eq!(queued.len(), usize::from(fell_back), "{what}: the fallback");
    match (row.expect, given) {
        (Expect::Fails(kind), Err(error)) => {
            assert_eq!(error.kind(), kind, "{what}");
            assert!(
                error.to_string().contains("streaming attempts 1"),
                "{what}: {error}"
            );
            assert_eq!(
                error.source_id().map(|id| id.to_string()).as_deref(),
                Some(ID),
                "{what}"
            );
        }
        (Expect::Unknown, Ok(receipt)) => {
            assert!(
                matches!(receipt.state, ReceiptState::Unknown { .. }),
                "{what}: {receipt:?}"
            );
            assert_eq!(
                (receipt.streaming_attempts, &receipt.fallback),
                (Some(1), &None),
                "{what}"
            );
        }
        (expect, Ok(receipt)) if fell_back => {
            assert_eq!(receipt.state, ReceiptState::Queued, "{what}");
            assert_eq!(
                receipt.streaming_attempts,
                u32::try_from(row.attempts).ok(),
                "{what}"
            );
            check_reason(what, expect, receipt);
        }
        (expect, given) => panic!("{what}: expected {expect:?}, got {given:?}"),
    }
    let shown = format!("{given:?}");
    assert!(!shown.contains("SECRET"), "{shown}");
}

fn check_reason(what: &str, expect: Expect, receipt: &Receipt) {
    let reason = receipt.fallback.as_ref().expect("it fell back");
    match (expect, reason) {
        (Expect::TooLarge, FallbackReason::TooLarge) => {}
        (Expect::Refused(expected), FallbackReason::Refused { obstacle, error }) => {
            assert_eq!(*obstacle, expected, "{what}");
            assert!(error.starts_with("failed to stream the data"), "{what}: {error}");
        }
        (Expect::Exhausted, FallbackReason::Exhausted { error }) => {
            assert!(error.starts_with("failed to stream the "), "{what}: {error}");
        }
        (expect, reason) => panic!("{what}: expected {expect:?}, got {reason:?}"),
    }
}
