//! Tables in memory, through the port and as a server sees them.

use futures::executor::block_on;
use kusto_fake::{IfMatch, ResourcePath};
use kusto_ingest_core::{ErrorKind, Result};
use kusto_storage::{Entity, EntityKey, TableStore};
use serde_json::{Value, json};

use super::world::World;

fn entity(partition: &str, properties: Value) -> Entity {
    let Value::Object(properties) = properties else {
        unreachable!("tests write objects");
    };
    Entity {
        key: EntityKey::new(partition, "r"),
        properties,
    }
}

#[test]
fn an_inserted_entity_is_read_by_its_key_and_its_key_is_taken() -> Result<()> {
    let world = World::new();
    let pending = entity("p", json!({"Status": "Pending", "Table": "t"}));
    block_on(world.storage.insert(&world.table, &pending))?;
    let error = block_on(world.storage.insert(&world.table, &pending)).unwrap_err();
    assert_eq!(
        (error.http_status(), error.code()),
        (Some(409), Some("EntityAlreadyExists"))
    );
    assert_eq!(
        block_on(world.storage.get(&world.table, &pending.key))?,
        Some(pending)
    );
    let other = EntityKey::new("p", "other");
    assert_eq!(block_on(world.storage.get(&world.table, &other))?, None);
    assert_eq!(
        world
            .storage
            .entity(&ResourcePath::from(&world.table), &other)
            .unwrap_err()
            .code(),
        Some("ResourceNotFound")
    );
    Ok(())
}

#[test]
fn a_merge_sets_what_it_names_and_leaves_the_rest() -> Result<()> {
    let world = World::new();
    let before = json!({"Status": "Pending", "Table": "t", "At": "2026", "At@odata.type": "Edm.DateTime"});
    block_on(world.storage.insert(&world.table, &entity("p", before)))?;
    let change =
        json!({"Status": "Succeeded", "Table": null, "At": "now", "Id": "g", "Id@odata.type": "Edm.Guid"});
    block_on(world.storage.merge(&world.table, &entity("p", change)))?;
    let after =
        json!({"Status": "Succeeded", "Table": "t", "At": "now", "Id": "g", "Id@odata.type": "Edm.Guid"});
    let read = block_on(world.storage.get(&world.table, &EntityKey::new("p", "r")))?;
    assert_eq!(read, Some(entity("p", after)));

    let missing = block_on(world.storage.merge(&world.table, &entity("q", json!({})))).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
    Ok(())
}

#[test]
fn a_condition_on_the_etag_holds_until_the_next_write() -> Result<()> {
    let world = World::new();
    let place = ResourcePath::from(&world.table);
    let first = world
        .storage
        .insert_entity(&place, &entity("p", json!({"n": 1})))?;
    let etag = IfMatch::Etag(first.etag);
    world
        .storage
        .replace_entity(&place, &entity("p", json!({"m": 2})), &etag)?;
    for error in [
        world
            .storage
            .merge_entity(&place, &entity("p", json!({"n": 3})), &etag)
            .unwrap_err(),
        world
            .storage
            .delete_entity(&place, &EntityKey::new("p", "r"), &etag)
            .unwrap_err(),
    ] {
        assert_eq!(
            (error.http_status(), error.code()),
            (Some(412), Some("UpdateConditionNotSatisfied"))
        );
    }
    let stored = world.storage.entity(&place, &EntityKey::new("p", "r"))?;
    assert_eq!(stored.entity, entity("p", json!({"m": 2})));
    Ok(())
}

#[test]
fn an_upsert_inserts_what_is_missing_and_a_query_reads_a_partition() -> Result<()> {
    let world = World::new();
    let place = ResourcePath::from(&world.table);
    world
        .storage
        .merge_entity(&place, &entity("p", json!({"n": 1})), &IfMatch::Absent)?;
    world
        .storage
        .replace_entity(&place, &entity("q", json!({"n": 2})), &IfMatch::Absent)?;
    world
        .storage
        .merge_entity(&place, &entity("q", json!({"m": 3})), &IfMatch::Absent)?;
    let of_q = world.storage.entities(&place, Some("q"))?;
    assert_eq!(of_q.len(), 1);
    assert_eq!(of_q[0].entity, entity("q", json!({"n": 2, "m": 3})));
    assert_eq!(world.storage.entities(&place, None)?.len(), 2);
    world
        .storage
        .delete_entity(&place, &EntityKey::new("p", "r"), &IfMatch::Any)?;
    assert_eq!(world.storage.entities(&place, Some("p"))?, []);
    Ok(())
}
