//! Commands and queries, as the endpoints of a cluster answer them.

use bytes::Bytes;
use kusto_endpoint::{ManagementEndpoint, QueryEndpoint, RequestBody, RequestProperties};
use kusto_ingest_core::{DatabaseName, Error, ErrorKind, Result};
use serde_json::Value;

use crate::Route;
use crate::answer::{Answer, compress, json, status};
use crate::asked::{Asked, Side};
use crate::content;
use crate::world::World;

/// What Data Management answers and an engine does not.
const OF_DATA_MANAGEMENT: [&str; 3] = [
    ".get ingestion resources",
    ".show ingestion resources",
    ".get kusto identity token",
];

pub(super) async fn answer(world: &World, asked: &Asked, route: Route, body: Bytes) -> Result<Answer> {
    let body = content::plain(body, route.largest_body())?;
    let request = RequestBody::parse(&body)?;
    let database = match request.database.as_str() {
        "" => DatabaseName::net_default(),
        name => DatabaseName::parse(name)?,
    };
    let text = request.text.as_str();
    if asked.side == Side::Engine && is_of_data_management(text) {
        return Err(wrong_endpoint(world));
    }
    let properties = RequestProperties::new();
    let mut dataset = match route {
        Route::Management => world.fake.execute(&database, text, &properties).await?,
        _ => world.fake.query(&database, text, &properties).await?,
    };
    if asked.side == Side::Engine {
        dataset.tables.iter_mut().for_each(say_engine);
    }
    let is_v2 = asked.path.trim_start_matches('/').starts_with("v2/");
    let answer = if is_v2 { dataset.to_v2() } else { dataset.to_v1() };
    Ok(compress(asked, json(status(200), &answer)))
}

fn is_of_data_management(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ").to_lowercase();
    OF_DATA_MANAGEMENT.iter().any(|command| text.starts_with(command))
}

fn wrong_endpoint(world: &World) -> Error {
    Error::new(ErrorKind::WrongEndpoint, "run the command")
        .because("an engine does not run this command")
        .with("suggested", &world.cluster)
}

/// An engine says that it is one: clients choose their way by it.
fn say_engine(table: &mut kusto_endpoint::Table) {
    if let Some(place) = table.column("ServiceType") {
        for row in &mut table.rows {
            row[place] = Value::from("Engine");
        }
    }
}
