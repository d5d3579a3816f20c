//! Commands and queries as they are sent.

use std::time::Duration;

use kusto_endpoint::{EndpointRequest, RequestKind, RequestProperties};
use kusto_ingest_core::{ClientDetails, DatabaseName, ErrorKind};
use serde_json::{Value, json};

fn request(properties: &RequestProperties, details: &ClientDetails) -> EndpointRequest {
    EndpointRequest::new(
        RequestKind::Management,
        &DatabaseName::net_default(),
        " .show version\n",
        properties,
        &details.into(),
    )
    .expect("the text is not blank")
}

fn header<'a>(request: &'a EndpointRequest, name: &str) -> &'a str {
    let found = request.headers().iter().find(|(known, _)| *known == name);
    found.map_or("absent", |(_, value)| value)
}

fn body(request: &EndpointRequest) -> Value {
    serde_json::from_str(request.body()).expect("it was just written")
}

fn sent_timeout(properties: &RequestProperties) -> (Value, Duration) {
    let request = request(properties, &ClientDetails::default());
    let options = body(&request)["properties"]["Options"].clone();
    (options, request.time_limit())
}

#[test]
fn s01_w1_a_command_without_options_is_sent_as_documented() {
    let request = request(
        &RequestProperties::new(),
        &ClientDetails::new("Kusto.Rust.Ingest", "1"),
    );
    assert_eq!(request.path(), "/v1/rest/mgmt");
    assert_eq!(
        request.body(),
        r#"{"db":"NetDefaultDB","csl":".show version","properties":{"Options":{"servertimeout":"00:10:00"}}}"#
    );
    for (name, value) in [
        ("accept", "application/json"),
        ("content-type", "application/json; charset=utf-8"),
        ("x-ms-version", "2024-12-12"),
        ("x-ms-app", "[none]"),
        ("x-ms-user", "[none]"),
        ("x-ms-client-version", "Kusto.Rust.Ingest:{1}"),
        ("x-ms-client-request-id", request.client_request_id()),
    ] {
        assert_eq!(header(&request, name), value);
    }
    assert!(request.client_request_id().starts_with("KRC.execute;"));
}

#[test]
fn data_behind_a_command_keeps_its_blanks() {
    let command = ".ingest inline into table ['T'] with (format=@'tsv') <|\n\ta\t\n";
    let request = EndpointRequest::new(
        RequestKind::Management,
        &DatabaseName::net_default(),
        &format!(" {command}"),
        &RequestProperties::new(),
        &ClientDetails::default().into(),
    );
    let request = request.expect("the text is not blank");
    assert_eq!(body(&request)["csl"], command);
}

#[test]
fn each_request_without_a_name_gets_one_of_its_own() {
    let [first, second] = [(); 2].map(|()| request(&RequestProperties::new(), &ClientDetails::default()));
    assert_ne!(first.client_request_id(), second.client_request_id());
    let named = RequestProperties::new().with_client_request_id("App.Load;7");
    assert_eq!(
        request(&named, &ClientDetails::default()).client_request_id(),
        "App.Load;7"
    );
}

#[test]
fn s01_w2_the_service_gets_between_a_second_and_an_hour_and_the_client_waits_a_little_longer() {
    for (asked, sent, seconds) in [
        (15, "00:00:15", 45),
        (0, "00:00:01", 31),
        (7_200, "01:00:00", 3_630),
    ] {
        let properties = RequestProperties::new().with_server_timeout(Duration::from_secs(asked));
        let expect = (json!({"servertimeout": sent}), Duration::from_secs(seconds));
        assert_eq!(sent_timeout(&properties), expect);
    }
    let as_option = RequestProperties::new().with_option("servertimeout", "00:00:15");
    assert_eq!(sent_timeout(&as_option).1, Duration::from_secs(45));
    let impatient = as_option.with_client_timeout(Duration::from_secs(2));
    assert_eq!(sent_timeout(&impatient).1, Duration::from_secs(2));
    let unlimited = RequestProperties::new().with_option("norequesttimeout", true);
    assert_eq!(
        sent_timeout(&unlimited),
        (json!({"norequesttimeout": true}), Duration::from_secs(3_630))
    );
}

#[test]
fn s01_w4_no_text_of_the_caller_can_break_a_header() {
    let raw = "ab\r\nc|é{}";
    let connector = ClientDetails::of_connector(("k", raw), ("app", None), &[("empty", "")]);
    let sent = request(&RequestProperties::new(), &connector.with_application(raw));
    assert_eq!(header(&sent, "x-ms-app"), "ab__c|?{}");
    assert_eq!(
        header(&sent, "x-ms-client-version"),
        "Kusto.k:{ab_c_?_}|App.{app}:{[none]}"
    );
    let long = ClientDetails::default()
        .with_user("x".repeat(1_000))
        .with_application(" \u{1} ");
    let sent = request(&RequestProperties::new(), &long);
    assert_eq!(header(&sent, "x-ms-user").len(), 512);
}

#[test]
fn s01_w5_a_connector_names_itself_its_application_and_more() {
    let fields = [("myField", "myValue")];
    let connector = ClientDetails::of_connector(
        ("myConnector", "myVersion"),
        ("myApp", Some("myAppVersion")),
        &fields,
    );
    assert_eq!(
        header(
            &request(&RequestProperties::new(), &connector),
            "x-ms-client-version"
        ),
        "Kusto.myConnector:{myVersion}|App.{myApp}:{myAppVersion}|myField:{myValue}"
    );
}

#[test]
fn s01_w6_what_the_request_says_of_its_application_and_user_wins() {
    let details = ClientDetails::default()
        .with_application("endpoint")
        .with_user("service");
    let mut properties = RequestProperties::new();
    let sent = request(&properties, &details);
    assert_eq!(
        (header(&sent, "x-ms-app"), header(&sent, "x-ms-user")),
        ("endpoint", "service")
    );
    (properties.application, properties.user) = (Some("request".to_owned()), Some("caller".to_owned()));
    let sent = request(&properties, &details);
    assert_eq!(
        (header(&sent, "x-ms-app"), header(&sent, "x-ms-user")),
        ("request", "caller")
    );
}

#[test]
fn a_blank_text_is_refused_before_it_is_sent() {
    let error = EndpointRequest::new(
        RequestKind::Query,
        &DatabaseName::net_default(),
        " \n",
        &RequestProperties::new(),
        &ClientDetails::default().into(),
    )
    .expect_err("there is nothing to ask");
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[test]
fn a_query_sends_its_parameters_and_shows_no_text() {
    let properties = RequestProperties::new().with_parameter("since", "datetime(2026-01-01)");
    let query = EndpointRequest::new(
        RequestKind::Query,
        &DatabaseName::parse("Samples").expect("it is a name"),
        "declare query_parameters(since:datetime); SECRET",
        &properties,
        &ClientDetails::default().into(),
    )
    .expect("the text is not blank");
    let properties = &body(&query)["properties"];
    assert_eq!(query.path(), "/v2/rest/query");
    assert_eq!(properties["Options"]["servertimeout"], "00:04:00");
    assert_eq!(properties["Parameters"]["since"], "datetime(2026-01-01)");
    assert!(!format!("{query:?}").contains("SECRET"));
}
