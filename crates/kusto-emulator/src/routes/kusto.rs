//! Commands and queries, as the endpoints of a cluster answer them.

use bytes::Bytes;
use kusto_fake::wire::{self, AnswerContext, AnswerOptions, RequestBody};
use kusto_fake::{AnswerTable, FakeKusto};
use kusto_ingest_core::{Clock, DatabaseName, Error, ErrorKind, Result};
use kusto_ingest_decode::Value;
use tokio::task::spawn_blocking;

use crate::Route;
use crate::answer::{Answer, compressed, json, status};
use crate::content;
use crate::request_head::{Address, RequestHead};
use crate::state::ServerState;

/// What Data Management answers and an engine does not.
const OF_DATA_MANAGEMENT: [&str; 3] = [
    ".get ingestion resources",
    ".show ingestion resources",
    ".get kusto identity token",
];

pub(super) async fn answer(
    state: &ServerState,
    asked: &RequestHead,
    route: Route,
    body: Bytes,
) -> Result<Answer> {
    let client_request_id = asked.client_request_id().unwrap_or_default();
    let request = Request {
        fake: state.fake.clone(),
        ingestion: (asked.address == Address::Engine).then(|| state.cluster.clone()),
        route,
        is_v2: asked.path.trim_start_matches('/').starts_with("v2/"),
        takes_gzip: asked.takes_gzip(),
        context: AnswerContext::new(asked.id, client_request_id, state.clock.now()),
    };
    // A whole table may be asked for: others are answered meanwhile.
    let answered = spawn_blocking(move || request.run(body)).await;
    // A command may have queued what the worker is to ingest.
    state.worker.wake();
    answered.unwrap_or_else(|_| Err(Error::new(ErrorKind::Unavailable, "run the request")))
}

/// What one request needs, wherever it runs.
struct Request {
    fake: FakeKusto,
    /// Where Data Management is, for those who asked an engine.
    ingestion: Option<String>,
    route: Route,
    is_v2: bool,
    takes_gzip: bool,
    context: AnswerContext,
}

impl Request {
    fn run(self, body: Bytes) -> Result<Answer> {
        let body = content::plain(body, self.route.largest_body())?;
        let request = RequestBody::parse(&body)?;
        let database = match request.database.as_str() {
            "" => DatabaseName::net_default(),
            name => DatabaseName::parse(name)?,
        };
        let text = request.text.as_str();
        if let Some(right) = self.ingestion.as_ref().filter(|_| is_of_data_management(text)) {
            return Err(wrong_endpoint(right));
        }
        let options = AnswerOptions::of(&request.properties);
        let mut answer = match self.route {
            Route::Management => self.fake.answer_command(&database, text, &request.properties),
            _ => self
                .fake
                .answer_query(&database, text, &request.properties, &options),
        }?;
        if self.ingestion.is_some() {
            answer.tables.iter_mut().for_each(say_engine);
        }
        let context = self.context.with_options(options);
        let written = match (self.route, self.is_v2) {
            (_, true) => wire::to_v2(&answer, &context),
            (Route::Query, false) if !text.trim_start().starts_with('.') => {
                wire::query_to_v1(&answer, &context)
            }
            (_, false) => wire::to_v1(&answer),
        };
        let answer = json(status(200), written);
        Ok(if self.takes_gzip {
            compressed(answer)
        } else {
            answer
        })
    }
}

fn is_of_data_management(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ").to_lowercase();
    OF_DATA_MANAGEMENT.iter().any(|command| text.starts_with(command))
}

fn wrong_endpoint(right: &str) -> Error {
    Error::new(ErrorKind::WrongEndpoint, "run the command")
        .because("an engine does not run this command")
        .with("suggested", right)
}

/// An engine says that it is one: clients choose their way by it.
fn say_engine(table: &mut AnswerTable) {
    if let Some(place) = table.column("ServiceType") {
        for row in &mut table.rows {
            row[place] = Value::from("Engine");
        }
    }
}
