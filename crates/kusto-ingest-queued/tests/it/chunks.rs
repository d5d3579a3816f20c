//! Chunks of one source: one identity, and a status row for each.

use std::collections::BTreeSet;

use kusto_ingest_core::testing::properties;
use kusto_ingest_core::{LocalSource, ReceiptState, ReportLevel, ReportMethod, SourceId};

use super::world::World;

#[test]
fn s02_d16_chunks_share_the_source_id_and_each_has_a_row_of_its_own() {
    let world = World::new();
    let tracked = properties().with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::Table);
    let id = SourceId::random();
    let mut rows = BTreeSet::new();
    for chunk in 0..3 {
        let source = LocalSource::from_bytes("1\n")
            .with_name("rows.csv")
            .with_id(id)
            .with_chunk(chunk);
        let receipt = world.ingest(source, &tracked).expect("nothing fails");
        let ReceiptState::Tracked(row) = receipt.state else {
            panic!("it reports to the table: {:?}", receipt.state);
        };
        assert_eq!((receipt.source_id, row.partition_key), (id, id.to_string()));
        assert_eq!(
            row.row_key == id.to_string(),
            chunk == 0,
            "the first has the source's own row"
        );
        rows.insert(row.row_key);
    }
    assert_eq!(rows.len(), 3);
    let messages = world.messages();
    assert!(messages.iter().all(|message| message["Id"] == id.to_string()));
    let named: BTreeSet<String> = messages
        .iter()
        .map(|message| {
            message["IngestionStatusInTable"]["RowKey"]
                .as_str()
                .expect("a text")
                .to_owned()
        })
        .collect();
    assert_eq!(named, rows, "the messages name the rows of the receipts");
}
