//! What an emulator keeps in a folder is there after the process was killed, whatever it was doing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use serde_json::{Value, json};

use super::emulator::Served;
use crate::setup::command::run;
use crate::setup::folder::Folder;
use crate::setup::plain_http::ask;

/// How often the process is killed.
const POINTS: usize = 50;

/// How long an acknowledgement may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// What was acknowledged, by who sent it.
type Acknowledged = Arc<Mutex<BTreeMap<&'static str, Vec<u64>>>>;

/// The rows of the first table of an answer.
fn rows(cluster: &str, endpoint: &str, text: &str) -> Option<Vec<Value>> {
    let body = json!({ "db": "D", "csl": text }).to_string();
    let (status, answer) = ask(
        cluster,
        &format!("POST /v1/rest/{endpoint}"),
        &[("content-type", "application/json")],
        &body,
    )?;
    assert_eq!(status, 200, "{answer}");
    let answer: Value = serde_json::from_str(&answer).ok()?;
    answer["Tables"][0]["Rows"].as_array().cloned()
}

/// The path and the SAS of what is issued, of a kind.
fn issued(cluster: &str, kind: &str) -> (String, String) {
    let resources = rows(cluster, "mgmt", ".get ingestion resources").expect("they are told");
    let found = resources.iter().find(|row| row[0] == kind).expect("there is one");
    let address = found[1].as_str().expect("an address");
    let path = address.splitn(4, '/').nth(3).expect("it has a path");
    let (path, sas) = path.split_once('?').expect("it has a SAS");
    (format!("/{path}"), sas.to_owned())
}

/// Sends until the process is gone; what is acknowledged is noted before it is told.
struct Sender {
    cluster: String,
    acknowledged: Acknowledged,
    told: mpsc::Sender<()>,
}

impl Sender {
    fn note(&self, of: &'static str, number: u64) {
        self.acknowledged
            .lock()
            .expect("nobody panicked")
            .entry(of)
            .or_default()
            .push(number);
        // Who listens no more has killed the process.
        let _ = self.told.send(());
    }

    fn rows(&self, from: u64) {
        for number in from.. {
            let command = format!(".ingest inline into table Rows <| {number}");
            match rows(&self.cluster, "mgmt", &command) {
                Some(_) => self.note("Rows", number),
                None => return,
            }
        }
    }

    fn tables(&self, from: u64) {
        for number in from.. {
            match rows(
                &self.cluster,
                "mgmt",
                &format!(".create table T{number} (a:long)"),
            ) {
                Some(_) => self.note("tables", number),
                None => return,
            }
        }
    }

    /// A blob, the message that names it, and a row of the status table.
    fn queued(&self, from: u64, (container, queue, table, token): (&Place, &Place, &Place, &str)) {
        for number in from.. {
            let name = format!("{}/{number}.csv", container.0);
            let put = format!("PUT {name}?{}", container.1);
            let message = json!({
                "Id": format!("00000000-0000-0000-0000-{number:012}"), "DatabaseName": "D", "TableName": "Queued",
                "BlobPath": format!("{}{name}?{}", self.cluster, container.1), "RetainBlobOnSuccess": true,
                "AdditionalProperties": { "format": "csv", "authorizationContext": token },
            });
            let message = format!(
                "<QueueMessage><MessageText>{}</MessageText></QueueMessage>",
                message.to_string().replace('&', "&amp;")
            );
            let entity =
                json!({ "PartitionKey": "p", "RowKey": number.to_string(), "Status": "Pending" }).to_string();
            let is_done = self.is_taken(
                "blobs",
                number,
                &put,
                &[("x-ms-blob-type", "BlockBlob")],
                &number.to_string(),
            ) && self.is_taken(
                "Queued",
                number,
                &format!("POST {}/messages?{}", queue.0, queue.1),
                &[],
                &message,
            ) && self.is_taken(
                "entities",
                number,
                &format!("POST {}?{}", table.0, table.1),
                &[("content-type", "application/json")],
                &entity,
            );
            if !is_done {
                return;
            }
        }
    }

    fn is_taken(
        &self,
        of: &'static str,
        number: u64,
        request: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> bool {
        let Some((status, answer)) = ask(&self.cluster, request, headers, body) else {
            return false;
        };
        assert!((200..300).contains(&status), "{of} {status} {answer}");
        self.note(of, number);
        true
    }
}

type Place = (String, String);

/// The numbers of the blobs that are listed.
fn blobs(cluster: &str, (path, sas): &Place) -> Vec<u64> {
    let list = format!("GET {path}?restype=container&comp=list&{sas}");
    let (status, told) = ask(cluster, &list, &[], "").expect("they are told");
    assert_eq!(status, 200, "{told}");
    assert!(told.contains("<NextMarker></NextMarker>"), "they are on one page");
    let names = told.split("<Name>").skip(1);
    names
        .map(|name| {
            let number = name.split_once(".csv</Name>").expect("only these were put").0;
            number.parse().expect("it is a number")
        })
        .collect()
}

/// All that was acknowledged is there, and no row twice. The blobs behind the first `read` are read as well.
fn check(
    cluster: &str,
    acknowledged: &BTreeMap<&'static str, Vec<u64>>,
    places: Option<&[Place; 3]>,
    read: usize,
) {
    let (status, _) = ask(cluster, "GET /__emulator/drained", &[], "").expect("it is answered");
    assert_eq!(status, 204);
    for (of, numbers) in acknowledged {
        let found: Vec<u64> = match *of {
            "Rows" | "Queued" => {
                let rows = rows(cluster, "query", &format!("{of} | order by a asc")).expect("they are told");
                rows.iter().filter_map(|row| row[0].as_u64()).collect()
            }
            "tables" => {
                let shown = rows(cluster, "mgmt", ".show tables").expect("they are told");
                let name = |row: &Value| row[0].as_str()?.strip_prefix('T')?.parse().ok();
                shown.iter().filter_map(name).collect()
            }
            "blobs" => {
                let [container, ..] = places.expect("they were issued");
                let (path, sas) = container;
                for number in &numbers[read..] {
                    let got = ask(cluster, &format!("GET {path}/{number}.csv?{sas}"), &[], "");
                    assert_eq!(got, Some((200, number.to_string())));
                }
                blobs(cluster, container)
            }
            _ => {
                let [.., (path, sas)] = places.expect("they were issued");
                let (_, told) = ask(
                    cluster,
                    &format!("GET {path}()?{sas}"),
                    &[("accept", "application/json")],
                    "",
                )
                .expect("told");
                let told: Value = serde_json::from_str(&told).expect("it is JSON");
                let value = told["value"].as_array().expect("a list");
                value
                    .iter()
                    .filter_map(|row| row["RowKey"].as_str()?.parse().ok())
                    .collect()
            }
        };
        let mut once = found.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), found.len(), "{of}: some are there twice");
        let missing: Vec<&u64> = numbers
            .iter()
            .filter(|number| once.binary_search(number).is_err())
            .collect();
        assert!(
            missing.is_empty(),
            "{of}: {missing:?} were acknowledged and are gone"
        );
    }
}

#[test]
fn what_was_acknowledged_is_there_after_a_kill_at_fifty_points() {
    let folder = Folder::new("persisted");
    let kept = format!("{}/kept", folder.path());
    let acknowledged = Acknowledged::default();
    let mut places: Option<[Place; 3]> = None;
    let mut read = 0;
    for point in 0..=POINTS {
        let mut served = Served::start(&[
            "--table",
            "D.Rows(a:long)",
            "--table",
            "D.Queued(a:long)",
            "--persist",
            &kept,
        ]);
        let cluster = served.cluster().to_owned();
        let known = acknowledged.lock().expect("nobody panicked").clone();
        // In the end all of them once more.
        let from = if point < POINTS { read } else { 0 };
        check(&cluster, &known, places.as_ref(), from);
        read = known.get("blobs").map_or(0, Vec::len);
        let of_kind = |kind| issued(&cluster, kind);
        let [container, queue, table] = &*places.get_or_insert_with(|| {
            [
                "TempStorage",
                "SecuredReadyForAggregationQueue",
                "IngestionsStatusTable",
            ]
            .map(of_kind)
        });
        let token = rows(&cluster, "mgmt", ".get kusto identity token").expect("told")[0][0]
            .as_str()
            .expect("a text")
            .to_owned();
        let (told, heard) = mpsc::channel();
        let sender = Sender {
            cluster,
            acknowledged: Arc::clone(&acknowledged),
            told,
        };
        let from = 1000 * point as u64;
        std::thread::scope(|scope| {
            scope.spawn(|| sender.rows(from));
            scope.spawn(|| sender.tables(from));
            scope.spawn(|| sender.queued(from, (container, queue, table, &token)));
            // Another number of acknowledgements at each point, and so another place in what comes after.
            for _ in 0..1 + point * 7 % 23 {
                heard.recv_timeout(PATIENCE).expect("they go on");
            }
            served.child.kill().expect("it runs");
            served.child.wait().expect("it ends");
        });
    }
    let counts: Vec<usize> = acknowledged
        .lock()
        .expect("nobody panicked")
        .values()
        .map(Vec::len)
        .collect();
    assert!(
        counts.iter().sum::<usize>() > 10 * POINTS && counts.len() == 5,
        "{counts:?}"
    );
}

#[test]
fn a_seed_is_taken_once_and_a_folder_has_one_emulator() {
    let folder = Folder::new("persisted-seed");
    let script = folder.write(
        "tables.kql",
        ".create table T (a:long)\n.ingest inline into table T <| 1\n",
    );
    let kept = format!("{}/kept", folder.path());
    let arguments = ["--persist", &kept, "--seed", &script];
    for _ in 0..2 {
        let served = Served::start(&arguments);
        assert_eq!(served.count("NetDefaultDB"), 1);
        run(&["emulator", "--persist", &kept]).refused(2, "another emulator has it");
    }
    std::fs::write(format!("{kept}/emulator.log"), "of something else altogether").expect("written");
    run(&["emulator", "--persist", &kept]).refused(2, "another version");
}
