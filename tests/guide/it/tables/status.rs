//! What a receipt and a status record say.

use kusto_ingest::external::uuid::Uuid;
use kusto_ingest::sources::SourceId;
use kusto_ingest::status::{FailureStatus, OperationLocator, OperationStatus, ReceiptState, StatusLocator};

use super::{Table, yes};

pub(super) fn operations() -> Table {
    let row = |status: OperationStatus| {
        let says = [status.is_final(), status.is_success(), status.is_failure()];
        let mut cells = vec![format!("`{status}`")];
        cells.extend(says.map(yes));
        cells
    };
    Table {
        page: "following.md",
        name: "statuses",
        head: &["status", "final", "success", "failure", "means"],
        rows: OperationStatus::known().map(row).collect(),
        has_prose: true,
    }
}

pub(super) fn failures() -> Table {
    let row = |status: FailureStatus| {
        let again = match status.is_permanent() {
            Some(true) => "no",
            Some(false) => "yes",
            None => "",
        };
        vec![format!("`{status}`"), again.to_owned()]
    };
    Table {
        page: "following.md",
        name: "failures",
        head: &["failure status", "try again", "means"],
        rows: FailureStatus::known().map(row).collect(),
        has_prose: true,
    }
}

/// One of each state; a test compares them with the definition.
fn states() -> [ReceiptState; 8] {
    let locator = StatusLocator::new(
        "https://account.table.core.windows.net/status",
        SourceId::random(),
    );
    let (extents, operation, status) = (Vec::new(), None, None);
    [
        ReceiptState::Queued,
        ReceiptState::Tracked(locator),
        ReceiptState::QueuedOperation(OperationLocator::new("1;1")),
        ReceiptState::Streamed,
        ReceiptState::Ingested { extents, operation },
        ReceiptState::Operation { id: Uuid::nil() },
        ReceiptState::Skipped,
        ReceiptState::Unknown {
            status,
            reason: String::new(),
        },
    ]
}

fn variant(state: &ReceiptState) -> String {
    let shown = format!("{state:?}");
    shown.split([' ', '(']).next().unwrap_or_default().to_owned()
}

pub(super) fn receipts() -> Table {
    let row = |state: &ReceiptState| {
        vec![
            format!("`{}`", variant(state)),
            state.to_string(),
            yes(state.is_accepted()),
        ]
    };
    Table {
        page: "following.md",
        name: "receipts",
        head: &["`ReceiptState`", "shown as", "accepted", "means"],
        rows: states().iter().map(row).collect(),
        has_prose: true,
    }
}

#[test]
fn every_state_of_a_receipt_has_a_row() {
    let source = crate::source::text("kusto-ingest-core/src/receipt.rs");
    let known: Vec<String> = states().iter().map(variant).collect();
    assert_eq!(crate::source::variants(&source, "ReceiptState"), known);
}
