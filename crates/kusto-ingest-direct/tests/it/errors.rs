//! What the service says, as the caller meets it.

use kusto_endpoint::{ClientHeaders, EndpointRequest, EndpointResponse, RequestKind, RequestProperties};
use kusto_ingest_core::{BlobSource, Error, ErrorKind};

use crate::world::{World, properties};

/// The error that an endpoint makes of an answer to a command.
fn refused(command: &str, status: u16, body: &str) -> Error {
    let database = properties().database;
    let kind = RequestKind::Management;
    let request = EndpointRequest::new(
        kind,
        &database,
        command,
        &RequestProperties::new(),
        &ClientHeaders::default(),
    );
    let answer = EndpointResponse::new(status, |_| None, body.as_bytes());
    answer
        .read(&request.expect("a request"))
        .expect_err("the status says so")
}

#[test]
fn secrets_of_addresses_are_in_no_error_although_the_service_repeats_the_command() {
    for (address, secrets) in [
        (
            "https://a.blob.core.windows.net/c/f.csv?sv=1&sig=SEC'RET%2B",
            &["SEC", "RET"][..],
        ),
        (
            "https://a.blob.core.windows.net/c/f.csv;KEY+SECRET/==",
            &["SECRET"],
        ),
        (
            "https://b.s3.amazonaws.com/k.csv;AwsCredentials=WHOAMI,SE/CRET)+",
            &["WHOAMI", "CRET"],
        ),
        (
            "abfss://f@a.dfs.core.windows.net/p.csv;sharedkey=SEC\"RET",
            &["SEC", "RET"],
        ),
    ] {
        let literal = address.replace('\'', "''");
        let command = format!(".ingest into table ['T'] (h@'{literal}') with (format=@'csv')");
        let escaped = serde_json::Value::from(command.as_str()).to_string();
        let body = format!(
            r#"{{"error":{{"code":"BadRequest_X","message":"bad","@message":"Request is invalid: {}","@permanent":true}}}}"#,
            &escaped[1..escaped.len() - 1]
        );
        let plain = Error::new(ErrorKind::Rejected, "run the command")
            .because(format!("cannot read {address}"))
            .with("command", &command)
            .caused_by(std::io::Error::other(format!("refused: {command}")));
        // The first error hides the command by itself, the others do not.
        for told in [
            refused(&command, 400, &body),
            refused("another", 400, &body),
            plain,
        ] {
            let world = World::new();
            world.engine.once(".ingest", Err(told));
            let source = BlobSource::parse(address).expect("an address").with_raw_size(1);
            let error = world.ingest(source).expect_err("refused");
            let shown = format!("{error} {error:?} {}", error.chain());
            for secret in secrets {
                assert!(!shown.contains(secret), "{secret} of {address} in {shown}");
            }
            assert!(error.is_permanent());
        }
    }
}

#[test]
fn s03_g19_the_wrong_endpoint_is_told_with_the_right_one_and_not_asked_again() {
    let body = r#"{"error":{"code":"BadRequest","message":"no","@type":"Kusto.Common.Svc.Exceptions.AdminCommandWrongEndpointException","@message":"Cannot get ingestion here. The appropriate endpoint is most likely 'https://c.kusto.windows.net/'.","@permanent":false}}"#;
    let world = World::new();
    world.engine.once(".ingest", Err(refused(".ingest", 400, body)));
    let error = world
        .ingest(crate::world::blob("f.csv"))
        .expect_err("the wrong endpoint");
    assert_eq!(
        (error.kind(), error.is_permanent()),
        (ErrorKind::WrongEndpoint, true)
    );
    assert!(
        error.to_string().contains("https://c.kusto.windows.net"),
        "{error}"
    );
    assert_eq!(world.sent().len(), 1);
}

#[test]
fn an_unknown_outcome_is_told_without_secrets_too() {
    let world = World::new();
    let source = crate::world::blob("f.csv");
    let lost =
        Error::new(ErrorKind::OutcomeUnknown, "run the command").because(source.uri().expose().to_owned());
    world.engine.once(".ingest", Err(lost));
    let error = world.ingest(source).expect_err("nobody knows");
    let written = serde_json::to_string(&error.receipt().expect("it carries one")).expect("data");
    let shown = format!("{written} {error:?} {}", error.chain());
    assert!(
        written.contains("unknown") && !shown.contains("SECRET"),
        "{shown}"
    );
}
