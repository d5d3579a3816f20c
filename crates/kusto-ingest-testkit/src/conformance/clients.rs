//! What every ingest client promises, whichever way it goes in.

use bytes::Bytes;
use futures::future::join_all;
use kusto_ingest_core::testing::{Trickle, breaking, trickling};
use kusto_ingest_core::{
    DataFormat, ErrorKind, IngestClient, IngestClientExt, IngestionProperties, LocalSource, Payload, Receipt,
    ReceiptState, Result, SourceId,
};

use super::rules::Rules;

const RULES: Rules = Rules("an ingest client");

/// Checks an [`IngestClient`] on a table.
///
/// The properties say which table. It gets rows of CSV with two columns, a number and a text, and so must have such
/// columns, or nobody may look at it. It is for the test to look afterwards whether the rows that this returns as
/// their count have arrived.
///
/// # Panics
/// When a rule does not hold.
pub async fn ingest_client(client: &dyn IngestClient, properties: &IngestionProperties) -> usize {
    let properties = properties.clone().with_format(DataFormat::Csv);
    let suite = Suite { client, properties };
    let mut rows = 0;
    rows += suite.a_receipt_tells_what_it_is_for().await;
    rows += suite.every_kind_of_payload_is_taken().await;
    rows += suite.calls_are_independent().await;
    suite.what_cannot_be_read_is_not_accepted().await;
    rows
}

/// Checks what an [`IngestClient`] says of a source of which nobody knows whether it was ingested.
///
/// It is for the test to see to it that the answers to all of the client's sends are lost, in a client that reports that or
/// that has nothing else to try. The properties say which table.
///
/// # Panics
/// When a rule does not hold.
pub async fn unknown_outcome(client: &dyn IngestClient, properties: &IngestionProperties) {
    let properties = properties.clone().with_format(DataFormat::Csv);
    let suite = Suite { client, properties };
    let source = LocalSource::from_bytes(rows(1));
    let id = source.id();
    let rule = "what may be lost is no success, but an error of this kind";
    let error = RULES.refused(rule, suite.ingest(source).await, &[ErrorKind::OutcomeUnknown]);
    let rule = "whether it is sent again is for the caller to decide";
    RULES.holds(rule, !error.is_permanent(), &error);
    RULES.same("the error names its source", &error.source_id(), &Some(id));

    let Some(receipt) = error.receipt() else {
        return RULES.holds("the error carries the receipt", false, &error);
    };
    let target = (&receipt.source_id, &receipt.database, &receipt.table);
    let expected = (&id, &suite.properties.database, &suite.properties.table);
    RULES.same("the receipt names source and table", &target, &expected);
    let is_unknown = matches!(receipt.state, ReceiptState::Unknown { .. });
    RULES.holds("the receipt says that nobody knows", is_unknown, receipt);
    let rule = "the receipt tells how many sends were ambiguous";
    RULES.holds(rule, receipt.ambiguous_sends > 0, receipt);
    let shown = format!("{} {error:?} {receipt:?}", error.chain());
    RULES.holds("neither shows a SAS", !shown.contains("sig="), shown);

    let sources = [LocalSource::from_bytes(rows(1)), LocalSource::from_bytes(rows(1))];
    let all = suite.client.ingest_all(sources, &suite.properties).await;
    let rule = "several are told of each, and apart from other errors";
    RULES.same(rule, &(all.receipts().count(), all.unknown().count()), &(0, 2));
}

struct Suite<'a> {
    client: &'a dyn IngestClient,
    properties: IngestionProperties,
}

impl Suite<'_> {
    async fn a_receipt_tells_what_it_is_for(&self) -> usize {
        let source = LocalSource::from_bytes(rows(1));
        let receipt = self.accepted(source).await;
        let written = serde_json::to_string(&receipt);
        let text = written.as_deref().unwrap_or_default();
        RULES.holds("a receipt holds no SAS", !text.contains("sig="), text);
        let read: Option<Receipt> = serde_json::from_str(text).ok();
        RULES.same("a receipt can be written down and read", &read, &Some(receipt));

        let bytes = self.client.ingest_bytes(rows(1), &self.properties).await;
        RULES.done("bytes are ingested", bytes);
        2
    }

    async fn every_kind_of_payload_is_taken(&self) -> usize {
        let bytes = rows(2_000);
        let payloads = [
            Payload::from_bytes(bytes.clone()),
            trickling(bytes.clone()),
            Payload::from_reader(Trickle::new(bytes.clone())),
        ];
        let count = payloads.len();
        for payload in payloads {
            self.accepted(LocalSource::new(payload)).await;
        }
        2_000 * count
    }

    async fn calls_are_independent(&self) -> usize {
        let calls = (0..8).map(|_| self.accepted(LocalSource::from_bytes(rows(3)).with_name("same.csv")));
        let receipts = join_all(calls).await;
        3 * receipts.len()
    }

    async fn what_cannot_be_read_is_not_accepted(&self) {
        let empty = LocalSource::from_bytes("");
        match self.client.ingest(empty, &self.properties).await {
            Ok(receipt) => {
                let rule = "an empty source is skipped, or refused";
                RULES.same(rule, &receipt.state, &ReceiptState::Skipped);
            }
            refused => {
                RULES.refused(
                    "an empty source is refused as such",
                    refused,
                    &[ErrorKind::EmptySource],
                );
            }
        }
        let half = rows(100);
        let broken = breaking(Some(2 * half.len() as u64), half);
        let broken = self.ingest(LocalSource::new(broken)).await;
        let rule = "a source that breaks is refused, and no part of it ingested";
        RULES.refused(rule, broken, &[ErrorKind::SourceNotReadable]);
    }

    /// Ingests a source under an identity of its own, which the receipt must bear.
    async fn accepted(&self, source: LocalSource) -> Receipt {
        let id = SourceId::random();
        let outcome = self.ingest(source.with_id(id)).await;
        let receipt = RULES.done("a source is ingested", outcome);
        RULES.same("a receipt names its source", &receipt.source_id, &id);
        let target = (&receipt.database, &receipt.table);
        let expected = (&self.properties.database, &self.properties.table);
        RULES.same("a receipt names the table", &target, &expected);
        let is_certain = !matches!(
            receipt.state,
            ReceiptState::Unknown { .. } | ReceiptState::Skipped
        );
        RULES.holds(
            "a source that was taken is neither skipped nor in doubt",
            is_certain,
            &receipt,
        );
        let rule = "a send that was answered is not ambiguous";
        RULES.same(rule, &receipt.ambiguous_sends, &0);
        receipt
    }

    async fn ingest(&self, source: LocalSource) -> Result<Receipt> {
        self.client.ingest(source, &self.properties).await
    }
}

fn rows(count: usize) -> Bytes {
    let rows: String = (0..count).map(|row| format!("{row},text {row}\n")).collect();
    rows.into()
}
