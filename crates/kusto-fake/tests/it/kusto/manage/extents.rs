//! Extents: shown, moved, tagged and dropped with their rows.

use std::time::Duration;

use kusto_ingest_core::{ErrorKind, Result};

use super::texts;
use crate::kusto::world::World;

/// Three sources, with tags of their own, a day between them.
fn world() -> World {
    let world = World::new("a:string, b:long");
    for number in 1..=3 {
        let properties = world.properties().with_drop_by_tags([format!("n{number}")]);
        world.ingest(
            &world.blob(
                &format!("{number}.csv"),
                format!("x{number},{number}\ny{number},{number}\n"),
            ),
            &properties,
        );
        world.clock.advance(Duration::from_secs(24 * 60 * 60));
    }
    world
}

#[test]
fn extents_are_shown_by_their_tags_and_identities() -> Result<()> {
    let world = world();
    let all = world.run(".show table T extents")?;
    assert_eq!(texts(&all, "Tags"), ["drop-by:n1", "drop-by:n2", "drop-by:n3"]);
    assert_eq!(all.value(0, "RowCount"), Some(&2.into()));
    let id = texts(&all, "ExtentId")[1];
    let one = world.run(&format!(".show table T extents ({id})"))?;
    assert_eq!(texts(&one, "Tags"), ["drop-by:n2"]);
    for (filter, count) in [
        ("tags has 'drop-by:n1'", 1),
        ("tags has 'drop-by'", 0),
        ("tags contains 'DROP-BY'", 3),
        ("tags !has 'drop-by:n1' and tags !contains 'n2'", 1),
    ] {
        let shown = world.run(&format!(".show table T extents where {filter}"))?;
        assert_eq!(shown.rows.len(), count, "{filter}");
    }
    Ok(())
}

#[test]
fn extents_are_moved_with_their_rows_into_a_table_that_has_their_columns() -> Result<()> {
    let world = world();
    world.run(".create table U (b:long, a:string, c:real)")?;
    world.run(".create table V (a:string)")?;
    let extents = world.run(".show table T extents")?;
    let id = texts(&extents, "ExtentId")[1];
    let error = world
        .run(&format!(".move extents from table T to table V ({id})"))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected);
    let moved = world.run(&format!(".move extents from table T to table U ({id})"))?;
    assert_eq!(texts(&moved, "OriginalExtentId"), [id]);
    assert_eq!(world.rows(), ["x1|1", "y1|1", "x3|3", "y3|3"]);
    let there = world.run(".show table U extents")?;
    assert_eq!(texts(&there, "Tags"), ["drop-by:n2"]);
    assert_eq!(texts(&there, "ExtentId"), texts(&moved, "ResultExtentId"));
    world.run(".move extents all from table T to table U")?;
    assert!(world.rows().is_empty());
    world.run(".rename tables T=U, U=T")?;
    assert_eq!(
        world.rows(),
        ["2|x2|", "2|y2|", "1|x1|", "1|y1|", "3|x3|", "3|y3|"]
    );
    Ok(())
}

#[test]
fn an_asynchronous_move_is_an_operation_with_details() -> Result<()> {
    let world = world();
    world.run(".create table U (a:string, b:long)")?;
    let started = world.run(
        ".move async extents to table U with (extentCreatedOnFrom='2026-01-01', extentCreatedOnTo='2026-12-31') <| .show table T extents",
    )?;
    let id = texts(&started, "OperationId")[0].to_owned();
    let shown = world.run(&format!(".show operations {id}"))?;
    assert_eq!(
        (texts(&shown, "Operation"), texts(&shown, "State")),
        (vec!["ExtentsMove"], vec!["Completed"])
    );
    let details = world.run(&format!(".show operation {id} details"))?;
    assert_eq!(texts(&details, "ResultExtentId").len(), 3);
    assert!(world.rows().is_empty());
    Ok(())
}

#[test]
fn extents_are_dropped_by_identity_by_age_and_up_to_a_limit() -> Result<()> {
    let world = world();
    let extents = world.run(".show table T extents")?;
    let id = texts(&extents, "ExtentId")[1];
    let what_if = world.run(".drop extents whatif <| .show table T extents")?;
    assert_eq!((what_if.rows.len(), world.rows().len()), (3, 6));
    world.run(&format!(".drop extent {id}"))?;
    assert_eq!(world.rows(), ["x1|1", "y1|1", "x3|3", "y3|3"]);
    let dropped = world.run(".drop extents older 48 hours from T")?;
    assert_eq!(texts(&dropped, "TableName"), ["T"]);
    assert_eq!(world.rows(), ["x3|3", "y3|3"]);
    let dropped = world.run(".drop extents from all tables limit 1")?;
    assert_eq!((dropped.rows.len(), world.rows().len()), (1, 0));
    Ok(())
}

#[test]
fn tags_of_extents_are_set_merged_and_dropped() -> Result<()> {
    let world = world();
    world.run(".alter-merge table T extent tags ('a', 'drop-by:n1') <| .show table T extents where tags has 'drop-by:n1'")?;
    assert_eq!(
        world.kusto.extents(&world.database, &world.table)[0].tags,
        ["drop-by:n1", "a"]
    );
    world.run(".alter table T extent tags ('b')")?;
    world.run(".drop table T extent tags ('b')")?;
    assert!(
        world
            .kusto
            .extents(&world.database, &world.table)
            .iter()
            .all(|extent| extent.tags.is_empty())
    );
    Ok(())
}

#[test]
fn extents_of_a_table_are_replaced_by_those_of_another() -> Result<()> {
    let world = world();
    world.run(".create table New (a:string, b:long)")?;
    world.run(".ingest inline into table New <|\nz,9")?;
    let replaced =
        world.run(".replace extents in table T <| { .show table T extents }, { .show table New extents }")?;
    assert_eq!(replaced.rows.len(), 4);
    assert_eq!(world.rows(), ["z|9"]);
    Ok(())
}
