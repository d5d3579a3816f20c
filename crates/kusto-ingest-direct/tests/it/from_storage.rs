//! A container that the service ingests by itself: begun, followed, canceled.

use std::sync::Arc;

use futures::executor::block_on;
use kusto_endpoint::{Dataset, ScriptedEndpoint, Table};
use kusto_ingest_core::testing::{SECOND, clock};
use kusto_ingest_core::{
    Clock as _, DataFormat, DatabaseName, Error, ErrorKind, IngestionProperties, PollSchedule, Result,
};
use kusto_ingest_direct::{BlobSelection, StorageIngestion, StorageOperationState};

const CONTAINER: &str = "https://acct.blob.core.windows.net/c/2026?sig=SECRET'1";

fn service(endpoint: ScriptedEndpoint) -> StorageIngestion {
    StorageIngestion::new(Arc::new(endpoint), Arc::new(clock()))
}

/// An endpoint that answers so, one after the other.
fn script(answers: impl IntoIterator<Item = Result<Dataset>>) -> ScriptedEndpoint {
    let endpoint = ScriptedEndpoint::new();
    answers.into_iter().for_each(|answer| endpoint.once(".", answer));
    endpoint
}

fn properties() -> IngestionProperties {
    IngestionProperties::into_table("D", "T").expect("they are names")
}

fn database() -> DatabaseName {
    properties().database
}

/// An operation as the service shows it: with blanks in its headings.
fn shown(state: &str, counts: [i64; 4]) -> Dataset {
    let columns = [
        ("Ingestion Operation Id", "string"),
        ("State", "string"),
        ("Discovered", "long"),
        ("In Progress", "long"),
        ("INGESTED", "long"),
        ("Failed", "long"),
        ("Sample Failed Reasons", "string"),
    ];
    let row = [
        serde_json::json!("0;1;a"),
        state.into(),
        counts[0].into(),
        counts[1].into(),
        counts[2].into(),
        counts[3].into(),
        "at https://a/c/b?sig=SECRET".into(),
    ];
    Dataset::single(Table::of("Table_0", &columns).with_row(row))
}

#[test]
fn the_commands_are_written_with_every_text_as_a_literal_and_the_address_as_a_secret() {
    let started = Table::of("Table_0", &[("IngestionOperationId", "string")]).with_row(["0;1;a"]);
    let endpoint = script([Ok(Dataset::single(started)), Ok(shown("Canceled", [3, 0, 1, 0]))]);
    let service = service(endpoint.clone());
    let selection = BlobSelection::new(CONTAINER)
        .expect("it is an address")
        .with_suffix(".csv")
        .with_max_files(7);
    let id = block_on(service.start(&selection, &properties(), DataFormat::Csv)).expect("it begins");
    assert_eq!(id, "0;1;a");
    let canceled = block_on(service.cancel(&database(), &id))
        .expect("it is asked")
        .expect("it is known");
    assert_eq!(
        (canceled.state, canceled.ingested),
        (StorageOperationState::Canceled, 1)
    );
    let commands = endpoint.commands();
    assert_eq!(
        commands[0].text,
        ".ingest-from-storage-queued into table ['T'] EnableTracking=true with (format=@'csv') <|\n\
         .list blobs (h@'https://acct.blob.core.windows.net/c/2026?sig=SECRET''1') Suffix=@'.csv' MaxFiles=7"
    );
    assert_eq!(commands[1].text, ".cancel queued ingestion operation @'0;1;a'");
    assert!(!format!("{selection:?}").contains("SECRET"));
}

#[test]
fn a_tag_for_ingesting_only_once_is_refused_as_all_blobs_would_share_it() {
    let selection = BlobSelection::new(CONTAINER).expect("it is an address");
    let once = properties()
        .with_ingest_by_tags(["x"])
        .with_ingest_if_not_exists(["x"]);
    let refused = block_on(service(script([])).start(&selection, &once, DataFormat::Csv));
    let error = refused.expect_err("it is refused");
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("the ingest-by tag \"x\""), "{error}");
}

#[test]
fn an_operation_is_followed_to_its_end_and_its_reasons_show_no_secret() {
    let endpoint = script([
        Ok(shown("InProgress", [10, 4, 6, 0])),
        Err(Error::new(ErrorKind::Unavailable, "test")),
        Ok(shown("Completed", [10, 0, 9, 1])),
    ]);
    let mut seen = Vec::new();
    let schedule = PollSchedule::standard();
    let (service, database) = (service(endpoint), database());
    let waited = service.wait_for(&database, "0;1;a", &schedule, |operation| {
        seen.push(operation.pending)
    });
    let operation = block_on(waited).expect("it ends");
    assert_eq!((seen, operation.ingested, operation.failed), (vec![4], 9, 1));
    let reasons = operation.reasons.expect("one failed");
    assert!(
        reasons.contains("https://a/c/b") && !reasons.contains("SECRET"),
        "{reasons}"
    );
}

#[test]
fn an_operation_that_is_not_known_may_be_too_new_for_a_minute() {
    let unknown = || Ok(Dataset::default());
    let schedule = PollSchedule::standard();
    let follow = |endpoint| {
        let (service, database) = (service(endpoint), database());
        block_on(service.wait_for(&database, "0;1;a", &schedule, |_| {}))
    };
    let endpoint = script([unknown(), unknown(), Ok(shown("Completed", [1, 0, 1, 0]))]);
    assert_eq!(follow(endpoint).expect("it ends").ingested, 1);
    let endpoint = script((0..9).map(|_| unknown()));
    let error = follow(endpoint.clone()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(endpoint.commands().len(), 6, "a look every ten seconds");
}

#[test]
fn the_last_look_at_an_operation_is_made_at_the_very_end() {
    let running = || Ok(shown("InProgress", [1, 1, 0, 0]));
    let (database, clock) = (database(), clock());
    let follow = |endpoint, limit| {
        let service = StorageIngestion::new(Arc::new(endpoint), Arc::new(clock.clone()));
        let schedule = PollSchedule::standard().with_limit(limit);
        let begun = clock.monotonic();
        let followed = block_on(service.wait_for(&database, "0;1;a", &schedule, |_| {}));
        (followed, clock.monotonic() - begun)
    };
    let endpoint = script([running(), running(), Ok(shown("Completed", [1, 0, 1, 0]))]);
    let (followed, lasted) = follow(endpoint, SECOND * 25);
    assert_eq!((followed.expect("it ends").ingested, lasted), (1, SECOND * 25));
    for seconds in [5, 25] {
        let (followed, lasted) = follow(script((0..9).map(|_| running())), SECOND * seconds);
        assert_eq!(followed.unwrap_err().kind(), ErrorKind::Timeout);
        assert_eq!(lasted, SECOND * seconds);
    }
}

#[test]
fn what_may_have_begun_is_unknown_and_what_goes_on_too_long_is_told() {
    let lost = || Error::new(ErrorKind::Unavailable, "test").with_http_status(504);
    let selection = BlobSelection::new(CONTAINER).expect("it is an address");
    let started = block_on(service(script([Err(lost())])).start(&selection, &properties(), DataFormat::Csv));
    assert_eq!(started.unwrap_err().kind(), ErrorKind::OutcomeUnknown);
    let endpoint = script((0..9).map(|_| Ok(shown("InProgress", [1, 1, 0, 0]))));
    let schedule = PollSchedule::standard().with_limit(SECOND * 30);
    let waited = block_on(service(endpoint).wait_for(&database(), "0;1;a", &schedule, |_| {}));
    assert_eq!(waited.unwrap_err().kind(), ErrorKind::Timeout);
    assert!(BlobSelection::new("https://a/c;impersonate").is_err());
}
