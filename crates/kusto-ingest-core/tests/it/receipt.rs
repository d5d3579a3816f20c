//! Receipts are data: they go to disk and come back.

use kusto_ingest_core::{
    DatabaseName, FallbackReason, OperationLocator, Receipt, ReceiptState, SourceId, StatusLocator,
    StreamingErrorCategory, TableName, Timestamp,
};

#[test]
fn a_receipt_of_every_state_survives_json() {
    let id = SourceId::random();
    let locator = StatusLocator::new("https://acct.table.core.windows.net/status", id);
    for state in [
        ReceiptState::Queued,
        ReceiptState::Tracked(locator.clone()),
        ReceiptState::Ingested {
            extents: vec![id.as_uuid()],
            operation: Some(id.as_uuid()),
        },
        ReceiptState::Ingested {
            extents: Vec::new(),
            operation: None,
        },
        ReceiptState::Operation { id: id.as_uuid() },
        ReceiptState::QueuedOperation(
            OperationLocator::new("00001111;11112222;id")
                .with_endpoint("https://ingest-c.kusto.windows.net/"),
        ),
        ReceiptState::QueuedOperation(OperationLocator::new("1")),
        ReceiptState::Streamed,
        ReceiptState::Skipped,
        ReceiptState::Unknown {
            status: Some(locator),
            reason: "the answer was lost".to_owned(),
        },
        ReceiptState::Unknown {
            status: None,
            reason: "the answer was lost".to_owned(),
        },
    ] {
        let (database, table) = (DatabaseName::parse("d").unwrap(), TableName::parse("t").unwrap());
        let receipt = Receipt::new(id, database, table, state)
            .with_sizes(Some(10), Some(4))
            .with_blob("https://a/c/b.csv.gz");
        let json = serde_json::to_string(&receipt).expect("a receipt is data");
        assert_eq!(
            serde_json::from_str::<Receipt>(&json).expect("it reads back"),
            receipt,
            "{json}"
        );
    }
}

#[test]
fn data_is_taken_unless_nobody_knows_or_there_was_none() {
    let id = SourceId::random();
    let unknown = ReceiptState::Unknown {
        status: Some(StatusLocator::new(
            "https://acct.table.core.windows.net/status",
            id,
        )),
        reason: "the answer was lost".to_owned(),
    };
    for (state, taken) in [
        (ReceiptState::Queued, true),
        (ReceiptState::Streamed, true),
        (ReceiptState::Operation { id: id.as_uuid() }, true),
        (unknown, false),
        (ReceiptState::Skipped, false),
    ] {
        assert_eq!(state.is_accepted(), taken, "{state:?}");
    }
}

#[test]
fn a_receipt_tells_why_managed_streaming_took_the_queue() {
    let (database, table) = (DatabaseName::parse("d").unwrap(), TableName::parse("t").unwrap());
    let receipt = Receipt::new(SourceId::random(), database, table, ReceiptState::Queued);
    for (reason, told) in [
        (
            FallbackReason::Properties {
                names: vec!["tags".to_owned()],
            },
            "streaming cannot carry tags",
        ),
        (FallbackReason::TooLarge, "the data is too large for streaming"),
        (FallbackReason::UnknownSize, "the size of the blob is not known"),
        (
            FallbackReason::Backoff {
                category: StreamingErrorCategory::Throttled,
                until: Timestamp::UNIX_EPOCH,
            },
            "no streaming until 1970-01-01T00:00:00.0000000Z: the service asks to slow down",
        ),
        (
            FallbackReason::Refused {
                category: StreamingErrorCategory::StreamingOff,
                error: "it is off".to_owned(),
            },
            "streaming is off: it is off",
        ),
        (
            FallbackReason::Exhausted {
                error: "busy".to_owned(),
            },
            "every attempt at streaming failed: busy",
        ),
        (
            FallbackReason::Other {
                reason: "not at night".to_owned(),
            },
            "not at night",
        ),
    ] {
        assert_eq!(reason.to_string(), told);
        let noted = receipt.clone().with_managed(3, Some(reason));
        let json = serde_json::to_string(&noted).expect("a receipt is data");
        assert_eq!(
            serde_json::from_str::<Receipt>(&json).expect("it reads back"),
            noted,
            "{json}"
        );
    }
}

#[test]
fn receipts_written_with_the_former_names_are_still_read() {
    let of = |state: &str, more: &str| -> Receipt {
        let id = "11111111-1111-1111-1111-111111111111";
        let text = format!(r#"{{"source_id":"{id}","database":"d","table":"t","state":{state}{more}}}"#);
        serde_json::from_str(&text).expect("a receipt of a former version")
    };
    let loaded = of(r#"{"kind":"loaded","extents":[]}"#, "");
    let expect = ReceiptState::Ingested {
        extents: Vec::new(),
        operation: None,
    };
    assert_eq!(loaded.state, expect);
    let fallback = r#","fallback":{"kind":"refused","obstacle":"streaming_off","error":"no"}"#;
    let refused = of(r#"{"kind":"queued"}"#, fallback);
    let expect = FallbackReason::Refused {
        category: StreamingErrorCategory::StreamingOff,
        error: "no".to_owned(),
    };
    assert_eq!(refused.fallback, Some(expect));
}
