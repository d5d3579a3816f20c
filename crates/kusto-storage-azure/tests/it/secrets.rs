//! SAS tokens are shown nowhere, whatever happens.

use std::time::Duration;

use azure_core::error::ErrorKind as AzureKind;
use futures::executor::block_on;
use kusto_ingest_core::{Error, ErrorKind};
use kusto_storage::{BlobStore, BlockId, Entity, EntityKey, MessageHandle, QueueStore, TableStore};

use crate::script::{Reply, SAS, SECRET, Script, blob, container, queue, table};

/// Every way in which a call fails, each quoting the SAS wherever somebody else writes the text.
fn mishaps() -> Vec<Reply> {
    let quote = format!("The SAS {SAS} did not match");
    vec![
        Reply::body(403, quote.clone()),
        Reply::body(
            403,
            format!("<Error><Code>{SAS}</Code><Message>{quote}</Message></Error>"),
        ),
        Reply::body(400, format!(r#"{{"odata.error":{{"code":"{SAS}"}}}}"#)),
        Reply::body(400, format!(r#"{{"error":{{"code":"A","message":"{quote}"}}}}"#)),
        Reply::body(200, quote.clone()),
        Reply::code(404, SAS).header("x-ms-request-id", SAS),
        Reply::status(302).header("location", format!("https://elsewhere/?{SAS}")),
        Reply::Fails(azure_core::Error::with_message(AzureKind::Io, quote.clone())),
        Reply::Fails(azure_core::Error::new(
            AzureKind::Other,
            std::io::Error::other(quote),
        )),
        Reply::breaks(ErrorKind::OutcomeUnknown),
        Reply::Head(500, Error::new(ErrorKind::Io, "read the answer")),
    ]
}

fn errors(reply: impl Fn() -> Reply) -> Vec<Error> {
    let storage = || Script::new([reply()]).storage();
    let entity = Entity {
        key: EntityKey::new("p", "r"),
        properties: serde_json::Map::new(),
    };
    let handle = MessageHandle::new("id", "receipt");
    let id = BlockId::new(0);
    let body = || "a".into();
    let outcomes = [
        block_on(BlobStore::put(&storage(), &container(), &blob(), body())).err(),
        block_on(storage().stage(&container(), &blob(), id, body())).err(),
        block_on(storage().commit(&container(), &blob(), &[id])).err(),
        block_on(storage().length(&container(), &blob())).err(),
        block_on(QueueStore::put(&storage(), &queue(), "text")).err(),
        block_on(storage().peek(&queue(), 1)).err(),
        block_on(storage().receive(&queue(), 1, Duration::from_secs(1))).err(),
        block_on(storage().delete(&queue(), &handle)).err(),
        block_on(storage().insert(&table(), &entity)).err(),
        block_on(storage().get(&table(), &entity.key)).err(),
        block_on(storage().merge(&table(), &entity)).err(),
    ];
    outcomes.into_iter().flatten().collect()
}

#[test]
fn s02_c98_no_error_of_any_call_shows_the_sas() {
    let count = mishaps().len();
    let mut seen = 0;
    for place in 0..count {
        for error in errors(|| mishaps().swap_remove(place)) {
            seen += 1;
            let shown = format!("{error} {error:?} {error:#?} {}", error.chain());
            assert!(!shown.contains(SECRET) && !shown.contains("sig="), "{shown}");
        }
    }
    assert_eq!(seen, 11 * count, "each mishap fails each of the eleven calls");
}

#[test]
fn s02_c98_the_storage_shows_none_either() {
    let storage = Script::default().storage();
    assert_eq!(
        format!("{storage:?}"),
        "AzureStorage { service_version: \"2021-12-02\", block_limits: CallLimits { idle: Some(15s), overall: \
         Some(1800s), response: None }, call_limits: CallLimits { idle: None, overall: Some(60s), response: None }, .. }"
    );
}
