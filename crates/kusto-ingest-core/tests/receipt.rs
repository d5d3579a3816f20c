//! Receipts are data: they go to disk and come back.

use kusto_ingest_core::{DatabaseName, Receipt, ReceiptState, SourceId, StatusLocator, TableName};

#[test]
fn a_receipt_of_every_state_survives_json() {
    let id = SourceId::random();
    let locator = StatusLocator::new("https://acct.table.core.windows.net/status", id);
    for state in [
        ReceiptState::Queued,
        ReceiptState::Tracked(locator.clone()),
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
