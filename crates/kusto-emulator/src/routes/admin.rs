//! The emulator's own addresses: what was asked, and waiting until all is worked off.

use bytes::Bytes;
use http::Method;
use kusto_ingest_core::Result;
use serde_json::{Value, json};

use crate::answer::{Answer, bare, json, status};
use crate::asked::Asked;
use crate::log::RequestRecord;
use crate::world::World;

pub(super) async fn answer(world: &World, asked: &Asked, _body: &Bytes) -> Result<Answer> {
    match (&asked.method, asked.path.as_str()) {
        (&Method::GET, "/__emulator/requests") => {
            let ended = world.log.ended();
            let requests: Value = ended.iter().map(described).collect();
            Ok(json(
                status(200),
                &json!({"accepted": world.log.accepted(), "requests": requests}),
            ))
        }
        (&Method::GET, "/__emulator/drained") => {
            world.worker.drained().await;
            Ok(bare(status(204)))
        }
        _ => Ok(bare(status(404))),
    }
}

fn described(record: &RequestRecord) -> Value {
    json!({
        "route": format!("{:?}", record.route),
        "method": record.method,
        "path": record.path,
        "clientRequestId": record.client_request_id,
        "bodyBytes": record.body_bytes,
        "status": record.status,
    })
}
