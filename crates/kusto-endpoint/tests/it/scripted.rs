//! The endpoint for tests, and the mocks.

use futures::executor::block_on;
use kusto_endpoint::{
    Dataset, ManagementEndpoint, MockManagementEndpoint, QueryEndpoint, RequestProperties, ScriptedEndpoint,
    Table,
};
use kusto_ingest_core::{DatabaseName, Error, ErrorKind};

fn number(number: i64) -> Dataset {
    Dataset::single(Table::of("t", &[("n", "long")]).with_row([number]))
}

#[test]
fn answers_for_once_come_in_order_and_then_the_standing_one() {
    let (database, nothing) = (DatabaseName::net_default(), RequestProperties::new());
    let endpoint = ScriptedEndpoint::new().with_response(".show", number(0));
    endpoint.once(".show version", Ok(number(1)));
    endpoint.once(".show version", Err(Error::new(ErrorKind::Throttled, "answer")));
    let handed_over = endpoint.clone();
    let ask = |text: &str| block_on(handed_over.execute(&database, text, &nothing));

    assert_eq!(ask(".show tables").expect("the standing answer"), number(0));
    assert_eq!(ask(".show version").expect("the first of two"), number(1));
    assert_eq!(
        ask(".show version").expect_err("the second of two").kind(),
        ErrorKind::Throttled
    );
    assert_eq!(ask(".show version").expect("the standing answer"), number(0));
    assert_eq!(
        ask(".drop").expect_err("nobody said").kind(),
        ErrorKind::Unsupported
    );
    assert_eq!(
        (endpoint.command_count(".show version"), endpoint.commands().len()),
        (3, 5)
    );
}

#[test]
fn queries_are_answered_from_the_same_script() {
    let endpoint = ScriptedEndpoint::new()
        .with_response("T", number(1))
        .with_response("T", number(2));
    let answer = block_on(endpoint.query(
        &DatabaseName::net_default(),
        "T | count",
        &RequestProperties::new(),
    ));
    assert_eq!(answer.expect("it is scripted"), number(2));
}

#[test]
fn a_mock_stands_in_for_an_endpoint() {
    let mut mock = MockManagementEndpoint::new();
    mock.expect_execute()
        .withf(|_, command, _| command == ".show version")
        .times(1)
        .returning(|_, _, _| Ok(number(1)));
    let endpoint: &dyn ManagementEndpoint = &mock;
    let answer = block_on(endpoint.execute(
        &DatabaseName::net_default(),
        ".show version",
        &RequestProperties::new(),
    ));
    assert_eq!(answer.expect("it is expected"), number(1));
}
