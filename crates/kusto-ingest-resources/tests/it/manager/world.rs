//! A Data Management endpoint that takes its time by the clock of a test.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures::executor::block_on;
use kusto_endpoint::{Dataset, ManagementEndpoint, RequestProperties, Table};
use kusto_ingest_core::testing::SECOND;
use kusto_ingest_core::{Clock, DatabaseName, Error, ErrorKind, ManualClock, Result, Timestamp};
use kusto_ingest_resources::{ResourceManager, ResourceProvider};

pub(crate) const START: Timestamp = Timestamp::UNIX_EPOCH;

/// An endpoint that gives the scripted answers, and then one and the same. Each takes a second of the clock, or what was
/// said; one that takes longer than the client waits is none.
#[derive(Clone, Debug)]
pub(crate) struct SlowEndpoint {
    pub(crate) clock: ManualClock,
    script: Arc<Mutex<Script>>,
}

#[derive(Debug)]
struct Script {
    asked: Vec<(String, Option<Duration>)>,
    answers: VecDeque<Result<Dataset>>,
    always: Option<Result<Dataset>>,
    takes: Duration,
}

impl SlowEndpoint {
    pub(crate) fn new(clock: &ManualClock, answers: impl IntoIterator<Item = Result<Dataset>>) -> Self {
        let script = Script {
            asked: Vec::new(),
            answers: answers.into_iter().collect(),
            always: None,
            takes: SECOND,
        };
        Self {
            clock: clock.clone(),
            script: Arc::new(Mutex::new(script)),
        }
    }

    /// From now on this, after so long.
    pub(crate) fn always(&self, takes: Duration, answer: Result<Dataset>) {
        let mut script = self.script.lock().expect("unpoisoned");
        (script.takes, script.always) = (takes, Some(answer));
    }

    pub(crate) fn is_silent(&self) {
        self.always(Duration::from_secs(24 * 3_600), Err(unavailable()));
    }

    pub(crate) fn asked(&self) -> usize {
        self.script.lock().expect("unpoisoned").asked.len()
    }

    pub(crate) fn commands(&self) -> Vec<String> {
        let asked = &self.script.lock().expect("unpoisoned").asked;
        asked.iter().map(|(command, _)| command.clone()).collect()
    }

    /// The limits of the attempts.
    pub(crate) fn limits(&self) -> Vec<Option<Duration>> {
        let asked = &self.script.lock().expect("unpoisoned").asked;
        asked.iter().map(|(_, limit)| *limit).collect()
    }

    fn next(&self, command: &str, limit: Option<Duration>) -> (Duration, Result<Dataset>) {
        let mut script = self.script.lock().expect("unpoisoned");
        script.asked.push((command.to_owned(), limit));
        let scripted = script.answers.pop_front().or_else(|| script.always.clone());
        (script.takes, scripted.expect("the test scripted an answer"))
    }
}

#[async_trait]
impl ManagementEndpoint for SlowEndpoint {
    async fn execute(&self, _: &DatabaseName, command: &str, with: &RequestProperties) -> Result<Dataset> {
        let (takes, answer) = self.next(command, with.client_timeout);
        let limit = with.client_timeout.unwrap_or(Duration::MAX);
        if takes > limit {
            self.clock.sleep(limit).await;
            let late = Error::new(ErrorKind::Timeout, "run the command");
            return Err(late.with("endpoint", "https://ingest-c.kusto.windows.net/"));
        }
        if !takes.is_zero() {
            self.clock.sleep(takes).await;
        }
        answer
    }
}

/// The part of an address that opens it, until the given second.
fn sas(expiry: Option<u64>) -> String {
    expiry.map_or_else(
        || "sig=S".to_owned(),
        |at| format!("se={}&sig=S{at}", START + Duration::from_secs(at)),
    )
}

fn nothing() -> Table {
    Table::of(
        "Table_0",
        &[("ResourceTypeName", "string"), ("StorageRoot", "string")],
    )
}

pub(crate) fn queue(account: &str, expiry: Option<u64>) -> [String; 2] {
    let address = format!("https://{account}.queue.core.windows.net/q?{}", sas(expiry));
    ["SecuredReadyForAggregationQueue".to_owned(), address]
}

pub(crate) fn container(account: &str, expiry: Option<u64>) -> [String; 2] {
    let address = format!("https://{account}.blob.core.windows.net/c?{}", sas(expiry));
    ["TempStorage".to_owned(), address]
}

pub(crate) fn rows(rows: impl IntoIterator<Item = [String; 2]>) -> Dataset {
    Dataset::single(rows.into_iter().fold(nothing(), Table::with_row))
}

/// An answer that issues a queue and a container of each account, valid until the given second.
pub(crate) fn issuing(accounts: &[&str], expiry: Option<u64>) -> Dataset {
    rows(
        accounts
            .iter()
            .flat_map(|account| [queue(account, expiry), container(account, expiry)]),
    )
}

pub(crate) fn token(values: &[&str]) -> Dataset {
    let table = Table::of("Table_0", &[("AuthorizationContext", "string")]);
    Dataset::single(values.iter().fold(table, |table, value| table.with_row([*value])))
}

pub(crate) fn unavailable() -> Error {
    Error::new(ErrorKind::Unavailable, "ask")
}

pub(crate) fn manager(endpoint: &SlowEndpoint) -> ResourceManager {
    ResourceManager::new(Arc::new(endpoint.clone()), Arc::new(endpoint.clock.clone())).with_random(|| 7)
}

/// The accounts of the queues that are given now.
pub(crate) fn accounts(manager: &ResourceManager) -> Vec<String> {
    let issued = block_on(manager.resources()).expect("resources are issued");
    issued
        .queues()
        .expect("queues are issued")
        .iter()
        .map(|queue| queue.account().to_owned())
        .collect()
}
