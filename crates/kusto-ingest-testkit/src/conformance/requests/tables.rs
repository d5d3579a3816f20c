//! What a storage answers to single requests about a table.

use kusto_ingest_core::SourceId;
use kusto_storage::ResourceUri;
use serde_json::{Value, json};

use super::{StorageAnswer, StorageRequest};
use crate::conformance::rules::Rules;

const RULES: Rules = Rules("a storage of entities");

/// Checks what is answered to requests about a table that the ports have no words for: the order of what is written, filters,
/// and several changes in one request.
///
/// It leaves entities behind in partitions of random names. The address must allow to read, add, update and delete.
///
/// # Panics
/// When a rule does not hold.
pub async fn table_requests(send: impl AsyncFn(StorageRequest) -> StorageAnswer, table: &ResourceUri) {
    let suite = Suite {
        send,
        table,
        partition: SourceId::random().to_string(),
    };
    suite.an_annotation_stands_right_before_its_property().await;
    suite.etags_are_dates_and_conditions().await;
    suite.filters_compare_properties().await;
    suite.several_changes_are_made_or_none().await;
}

struct Suite<'a, S> {
    send: S,
    table: &'a ResourceUri,
    partition: String,
}

impl<S: AsyncFn(StorageRequest) -> StorageAnswer> Suite<'_, S> {
    async fn an_annotation_stands_right_before_its_property(&self) {
        let id = "74be27de-1e4e-49d9-b579-fe0b331d3642";
        let inserted = self.insert(
            "annotated",
            json!({
                "IngestionSourceId": id, "IngestionSourceId@odata.type": "Edm.Guid",
                "Database": "DB", "Count": "7", "Count@odata.type": "Edm.Int64",
            }),
        );
        let inserted = inserted.await;
        RULES.same("an entity is inserted", &inserted.status, &204);
        let text = self.get("annotated").await.text();
        RULES.holds(
            "the document says first what it is",
            text.starts_with("{\"odata.metadata\":"),
            &text,
        );
        let before = [
            (
                "Count",
                "\"Count@odata.type\":\"Edm.Int64\",\"Count\":\"7\"".to_owned(),
            ),
            (
                "IngestionSourceId",
                format!("\"IngestionSourceId@odata.type\":\"Edm.Guid\",\"IngestionSourceId\":\"{id}\""),
            ),
        ];
        for (name, expected) in before {
            let rule = format!("the type of {name} stands right before it");
            RULES.holds(&rule, text.contains(&expected), &text);
        }
        let place = |name: &str| text.find(&format!("\"{name}\""));
        let order = ["odata.metadata", "odata.etag", "PartitionKey", "Database"].map(place);
        RULES.holds(
            "what the service says comes first",
            order.is_sorted() && order[0].is_some(),
            &text,
        );
    }

    async fn etags_are_dates_and_conditions(&self) {
        self.insert("changed", json!({"n": 1})).await;
        let etag = self
            .get("changed")
            .await
            .header("etag")
            .unwrap_or_default()
            .to_owned();
        let date = etag
            .strip_prefix("W/\"datetime'")
            .and_then(|rest| rest.strip_suffix("Z'\""));
        let is_date = date.is_some_and(|date| date.contains("T") && date.contains("%3A"));
        RULES.holds("an etag is a date", is_date, &etag);
        let merge = |etag: &str| {
            self.entity("PATCH", "changed")
                .header("if-match", etag)
                .body("{\"n\":2}")
        };
        RULES.same(
            "the entity of this etag is changed",
            &(self.send)(merge(&etag)).await.status,
            &204,
        );
        let stale = (self.send)(merge(&etag)).await;
        RULES.answered("and not again", &stale, 412, "UpdateConditionNotSatisfied");
    }

    async fn filters_compare_properties(&self) {
        for (row, text, number, done) in [("1", "a", 1, false), ("2", "b", 5, true), ("3", "it's", 9, false)]
        {
            let at = format!("2026-01-0{row}T00:00:00Z");
            let entity = json!({
                "Filtered": true, "Text": text, "Number": number, "Done": done, "At": at, "At@odata.type": "Edm.DateTime",
            });
            self.insert(&format!("filter{row}"), entity).await;
        }
        for (filter, expected) in [
            ("Text eq 'b'", "2"),
            ("Text eq 'it''s'", "3"),
            ("Number gt 1 and Number le 9", "2 3"),
            ("Number lt 5 or Done eq true", "1 2"),
            ("not (Done eq true) and Text ne 'a'", "3"),
            ("(Number ge 5 and Number le 5) or Text eq 'a'", "1 2"),
            ("At gt datetime'2026-01-01T12:00:00Z'", "2 3"),
            ("RowKey ge 'filter2'", "2 3"),
        ] {
            let filter = format!(
                "PartitionKey eq '{}' and Filtered eq true and ({filter})",
                self.partition
            );
            let escaped = filter.replace(' ', "%20").replace('\'', "%27");
            let request = StorageRequest::new("GET", self.table, "()", &format!("$filter={escaped}"));
            let answer = (self.send)(request.header("accept", "application/json;odata=nometadata")).await;
            let document: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            let rows = document["value"].as_array().cloned().unwrap_or_default();
            let rows: Vec<&str> = rows
                .iter()
                .filter_map(|row| row["RowKey"].as_str()?.strip_prefix("filter"))
                .collect();
            RULES.same(&filter, &rows.join(" "), &expected.to_owned());
        }
    }

    async fn several_changes_are_made_or_none(&self) {
        let insert = |row: &str, n: u32| {
            let entity = json!({"PartitionKey": self.partition, "RowKey": row, "n": n});
            ("POST", String::new(), entity.to_string())
        };
        let key = |row: &str| format!("(PartitionKey='{}',RowKey='{row}')", self.partition);
        let merge = |row: &str| ("PATCH", key(row), "{\"m\":1}".to_owned());
        let both = self.batch(&[insert("batch1", 1), insert("batch2", 2)]).await;
        RULES.same("several changes are answered together", &both.status, &202);
        let answers = both.text().matches("HTTP/1.1 2").count();
        RULES.same("each has its answer", &answers, &2);
        let failed = self
            .batch(&[merge("batch1"), insert("batch3", 3), insert("batch2", 4)])
            .await;
        RULES.same("also where one is refused", &failed.status, &202);
        let text = failed.text();
        RULES.holds(
            "it is told which",
            text.contains("HTTP/1.1 409") && text.contains("EntityAlreadyExists"),
            &text,
        );
        RULES.same("and none was made", &self.get("batch3").await.status, &404);
        let first = self.get("batch1").await.text();
        RULES.holds("not even the one before it", !first.contains("\"m\""), &first);
    }

    async fn batch(&self, changes: &[(&'static str, String, String)]) -> StorageAnswer {
        let address = self.table.expose().as_str();
        let (address, sas) = address.split_once('?').unwrap_or((address, ""));
        let mut body =
            String::from("--batch_1\r\nContent-Type: multipart/mixed; boundary=changeset_1\r\n\r\n");
        for (method, path, entity) in changes {
            body.push_str(&format!(
                "--changeset_1\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n\
                 {method} {address}{path} HTTP/1.1\r\nContent-Type: application/json\r\n\
                 Accept: application/json;odata=minimalmetadata\r\nPrefer: return-no-content\r\nDataServiceVersion: 3.0\r\n\
                 If-Match: *\r\n\r\n{entity}\r\n"
            ));
        }
        // An insertion has no condition.
        let body = body
            .split("--changeset_1\r\n")
            .map(|part| match part.contains("\r\nPOST ") {
                true => part.replace("If-Match: *\r\n", ""),
                false => part.to_owned(),
            });
        let body = body.collect::<Vec<_>>().join("--changeset_1\r\n") + "--changeset_1--\r\n--batch_1--\r\n";
        let account = address.rsplit_once('/').map_or(address, |(account, _)| account);
        let request = StorageRequest {
            method: "POST",
            url: format!("{account}/$batch?{sas}"),
            headers: vec![
                ("x-ms-version", "2019-02-02".to_owned()),
                ("content-type", "multipart/mixed; boundary=batch_1".to_owned()),
                ("accept", "application/json;odata=minimalmetadata".to_owned()),
                ("dataserviceversion", "3.0".to_owned()),
            ],
            body: body.into(),
        };
        (self.send)(request).await
    }

    fn entity(&self, method: &'static str, row: &str) -> StorageRequest {
        let path = format!("(PartitionKey='{}',RowKey='{row}')", self.partition);
        let request = StorageRequest::new(method, self.table, &path, "");
        let request = request.header("content-type", "application/json");
        request.header("accept", "application/json;odata=minimalmetadata")
    }

    async fn insert(&self, row: &str, mut entity: Value) -> StorageAnswer {
        entity["PartitionKey"] = json!(self.partition);
        entity["RowKey"] = json!(row);
        let request = StorageRequest::new("POST", self.table, "", "");
        let request = request
            .header("content-type", "application/json")
            .header("prefer", "return-no-content");
        let request = request.header("accept", "application/json;odata=minimalmetadata");
        (self.send)(request.body(entity.to_string())).await
    }

    async fn get(&self, row: &str) -> StorageAnswer {
        (self.send)(self.entity("GET", row)).await
    }
}
