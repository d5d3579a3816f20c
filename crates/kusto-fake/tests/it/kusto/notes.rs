//! What the service does without a word, and this Kusto tells.

use kusto_fake::IngestionNote;
use kusto_ingest_core::{DatabaseName, IngestionProperties, Result};
use serde_json::json;

use super::world::World;

#[test]
fn case_21_every_record_left_out_and_every_value_nulled_is_counted_with_its_reason() {
    let world = World::new("id:long, late:string");
    let blob = world.blob(
        "in.json",
        "{\"id\":1}\nnot json\n{\"id\":\"x\"}\n{\"id\":4,\"late\":\"y\"}\n",
    );
    assert_eq!(world.ingest(&blob, &world.properties()).rows, 3);
    let notes = world.kusto.notes();
    let [IngestionNote { reasons, first, .. }] = notes.as_slice() else {
        panic!("one source, one note: {notes:?}");
    };
    let note = &notes[0];
    assert_eq!((note.rows, note.records_left_out, note.values_changed), (3, 1, 1));
    assert_eq!((note.source_id, note.table.as_str()), (Some(blob.id()), "T"));
    assert!(
        note.path.ends_with("/in.json") && !note.path.contains("sig="),
        "{}",
        note.path
    );
    assert_eq!(*reasons, [("NotOfType", 1), ("RecordUnreadable", 1)].into());
    let told: Vec<String> = first.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "line 2: not a record of this format, left out",
            "line 3, column \"id\": not of type long, null is stored",
        ]
    );
}

#[test]
fn many_bad_values_are_all_counted_and_the_first_ones_told() {
    let world = World::new("a:long");
    let body = format!("{}no record\n", "{\"a\":\"x\"}\n".repeat(1000));
    world.ingest(&world.blob("a.json", body), &world.properties());
    let note = &world.kusto.notes()[0];
    assert_eq!((note.values_changed, note.records_left_out), (1000, 1));
    let (records, values): (Vec<_>, Vec<_>) =
        note.first.iter().partition(|warning| warning.kind.drops_record());
    assert_eq!(values.len() as u64, IngestionNote::MAX_WARNINGS);
    assert_eq!(records[0].line, 1001, "many of one kind do not hide the other");
}

#[test]
fn commands_and_streamed_data_are_noted_as_well() -> Result<()> {
    let world = World::new("a:long");
    world.run(".ingest inline into table T <| x")?;
    world.run(".ingest inline into table T <| 1")?;
    assert_eq!(world.kusto.notes().len(), 1, "only what is worth a note");
    assert_eq!(world.kusto.notes()[0].path, "");
    Ok(())
}

#[test]
fn failed_queued_ingestions_are_among_the_failures_that_operators_ask_for() -> Result<()> {
    let world = World::new("a:long");
    let nowhere = IngestionProperties::new(DatabaseName::parse("nowhere")?, world.table.clone());
    world.ingest(&world.blob("a.csv", "1\n"), &nowhere);
    let failures = world.run(".show ingestion failures")?;
    assert_eq!(failures.rows.len(), 1);
    for (column, value) in [
        ("Database", json!("nowhere")),
        ("Table", json!("T")),
        ("ErrorCode", json!("BadRequest_DatabaseNotExist")),
        ("FailureKind", json!("Permanent")),
        ("ShouldRetry", json!(false)),
    ] {
        assert_eq!(failures.value(0, column), Some(&value), "{column}");
    }
    let path = failures
        .value(0, "IngestionSourcePath")
        .map(ToString::to_string)
        .unwrap_or_default();
    assert!(path.contains("/a.csv") && !path.contains("sig="), "{path}");
    Ok(())
}
