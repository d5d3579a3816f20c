//! What a table store promises.

use kusto_ingest_core::{ErrorKind, SourceId, Timestamp};
use kusto_storage::{Entity, EntityKey, ResourceUri, TableStore};
use serde_json::{Map, Value, json};

use super::rules::{Rules, forged};

const RULES: Rules = Rules("a table store");

/// Checks a [`TableStore`] on a table.
///
/// It leaves entities behind in partitions of random names, and touches no others. If the address is signed, a
/// forged SAS is tried as well.
///
/// # Panics
/// When a rule does not hold.
pub async fn table_store(store: &dyn TableStore, table: &ResourceUri) {
    let suite = Suite { store, table };
    suite.an_entity_comes_out_as_it_went_in().await;
    suite.a_key_is_taken_once().await;
    suite.keys_are_kept_apart().await;
    suite.a_merge_sets_what_is_given_and_leaves_the_rest().await;
    suite.a_merge_inserts_nothing().await;
    suite.a_forged_sas_opens_nothing().await;
}

struct Suite<'a> {
    store: &'a dyn TableStore,
    table: &'a ResourceUri,
}

impl Suite<'_> {
    async fn an_entity_comes_out_as_it_went_in(&self) {
        let key = key();
        let missing = self.get(&key).await;
        RULES.same("there is no entity before it is inserted", &missing, &None);
        let id = SourceId::random().to_string();
        let entity = entity(
            &key,
            json!({
                "Text": "grüße \"→\" <&>",
                "Empty": "",
                "Number": 42,
                "Flag": true,
                "Id": id,
                "Id@odata.type": "Edm.Guid",
                "At": "2026-01-02T03:04:05.6789010Z",
                "At@odata.type": "Edm.DateTime",
            }),
        );
        self.insert(&entity).await;
        let read = self.found(&key).await;
        RULES.same("an entity has its key", &read.key, &key);
        for name in ["Text", "Empty", "Number", "Flag", "Id"] {
            let expected = entity.properties.get(name);
            RULES.same(
                &format!("{name} is read as written"),
                &read.properties.get(name),
                &expected,
            );
        }
        // The service may write a time with fewer digits.
        let expected = at(&entity);
        RULES.same("a time is read as written", &at(&read), &expected);
        let service = [
            "PartitionKey",
            "RowKey",
            "Timestamp",
            "odata.etag",
            "odata.metadata",
        ];
        let own = read
            .properties
            .keys()
            .all(|name| !service.contains(&name.as_str()));
        RULES.holds(
            "neither the key nor what the service adds is a property",
            own,
            &read,
        );
    }

    async fn a_key_is_taken_once(&self) {
        let key = key();
        self.insert(&entity(&key, json!({"Status": "Pending"}))).await;
        let outcome = self
            .store
            .insert(self.table, &entity(&key, json!({"Status": "Other"})))
            .await;
        RULES.refused("a key is taken once", outcome, &[ErrorKind::AlreadyExists]);
        let read = self.found(&key).await;
        let rule = "an insertion that is refused leaves the entity as it is";
        RULES.same(rule, &read.properties.get("Status"), &Some(&json!("Pending")));
    }

    async fn keys_are_kept_apart(&self) {
        let partition = SourceId::random().to_string();
        let rows = ["0", "00", "it's", "two words", "a+b", "a=b,c", "(x)", "é"];
        for row in rows {
            let key = EntityKey::new(partition.as_str(), row);
            self.insert(&entity(&key, json!({"Row": row}))).await;
        }
        for row in rows {
            let read = self.found(&EntityKey::new(partition.as_str(), row)).await;
            let rule = format!("the row {row:?} is an entity of its own");
            RULES.same(&rule, &read.properties.get("Row"), &Some(&json!(row)));
        }
        let elsewhere = EntityKey::new(SourceId::random().to_string(), "0");
        let read = self.get(&elsewhere).await;
        RULES.same("another partition has other entities", &read, &None);
    }

    async fn a_merge_sets_what_is_given_and_leaves_the_rest(&self) {
        let key = key();
        self.insert(&entity(
            &key,
            json!({"Status": "Pending", "Database": "d", "Count": 1}),
        ))
        .await;
        let changes = entity(&key, json!({"Status": "Failed", "Details": "why"}));
        let outcome = self.store.merge(self.table, &changes).await;
        RULES.done("an entity is merged", outcome);
        let read = self.found(&key).await;
        let expected = json!({"Status": "Failed", "Database": "d", "Count": 1, "Details": "why"});
        for (name, value) in properties(expected) {
            let rule = format!("after a merge {name} is what it should be");
            RULES.same(&rule, &read.properties.get(&name), &Some(&value));
        }
    }

    async fn a_merge_inserts_nothing(&self) {
        let key = key();
        let outcome = self
            .store
            .merge(self.table, &entity(&key, json!({"Status": "Failed"})))
            .await;
        let rule = "an entity that is not there cannot be merged";
        RULES.refused(rule, outcome, &[ErrorKind::NotFound]);
        let read = self.get(&key).await;
        RULES.same("a merge that is refused inserts nothing", &read, &None);
    }

    async fn a_forged_sas_opens_nothing(&self) {
        let Some(forged) = forged(self.table) else {
            return;
        };
        let entity = entity(&key(), json!({"Status": "Pending"}));
        RULES.forged_is_refused(self.store.insert(&forged, &entity).await);
        RULES.forged_is_refused(self.store.get(&forged, &entity.key).await);
        RULES.forged_is_refused(self.store.merge(&forged, &entity).await);
    }

    async fn insert(&self, entity: &Entity) {
        RULES.done(
            "an entity is inserted",
            self.store.insert(self.table, entity).await,
        );
    }

    async fn get(&self, key: &EntityKey) -> Option<Entity> {
        RULES.done("an entity is looked for", self.store.get(self.table, key).await)
    }

    async fn found(&self, key: &EntityKey) -> Entity {
        match self.get(key).await {
            Some(entity) => entity,
            None => {
                panic!("a table store: an entity that was inserted is there; but there is none of {key:?}")
            }
        }
    }
}

/// A key that no other run uses.
fn key() -> EntityKey {
    EntityKey::new(SourceId::random().to_string(), "0")
}

fn entity(key: &EntityKey, values: Value) -> Entity {
    Entity {
        key: key.clone(),
        properties: properties(values),
    }
}

fn properties(values: Value) -> Map<String, Value> {
    match values {
        Value::Object(properties) => properties,
        _ => Map::new(),
    }
}

fn at(entity: &Entity) -> Option<Timestamp> {
    Timestamp::parse(entity.properties.get("At")?.as_str()?).ok()
}
