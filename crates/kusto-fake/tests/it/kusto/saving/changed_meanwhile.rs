//! What a log puts back where something is not as it was any more.

use kusto_ingest_core::DatabaseName;

use super::{World, written};

#[test]
fn an_operation_whose_table_or_database_is_gone_has_failed_after_it_was_put_back() {
    for (gone, code) in [
        (".drop table T", "BadRequest_TableNotExist"),
        (".drop database db", "BadRequest_DatabaseNotExist"),
    ] {
        let (world, mut log) = World::logged("a:long");
        let blob = world.blob("1.csv", "1\n");
        world.kusto.pause_ingestion();
        let command = format!(".ingest async into table T (h'{}')", blob.uri().expose());
        let started = world.run(&command).expect("started");
        let operation = started.rows[0][0].as_str().expect("an id").to_owned();
        world.run(gone).expect("dropped");
        log.extend(written(world.kusto.take_changes()));

        let again = world.restored(&log);
        let shown = again.run_in(
            &DatabaseName::net_default(),
            &format!(".show operations {operation} | project State, Status"),
        );
        let shown = shown.expect("shown").rows.swap_remove(0);
        assert_eq!(shown[0], "Failed", "{gone}");
        let why = shown[1].as_str().expect("a text");
        assert!(why.contains(code), "{why}");
        again.kusto.note_changes();
        let kept = written(again.kusto.take_changes()).concat();
        let kept = String::from_utf8_lossy(&kept);
        assert!(
            !kept.contains(".ingest async"),
            "its command, with a SAS, is kept no longer"
        );
    }
}
