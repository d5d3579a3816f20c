//! Errors of a service: what a client makes of them, however little came.

use std::time::Duration;

use kusto_endpoint::{
    ClientHeaders, EndpointRequest, EndpointResponse, RequestKind, RequestProperties, ServiceError,
    StreamingCall, StreamingRequest,
};
use kusto_ingest_core::{DataFormat, DatabaseName, Error, ErrorKind, TableName};
use serde_json::json;

fn asked(text: &str) -> EndpointRequest {
    let properties = RequestProperties::new().with_client_request_id("T;1");
    EndpointRequest::new(
        RequestKind::Management,
        &DatabaseName::net_default(),
        text,
        &properties,
        &ClientHeaders::default(),
    )
    .expect("the text is not blank")
}

fn answered(status: u16, headers: &[(&str, &str)], body: &str) -> Error {
    let header = |name: &'static str| {
        headers
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| *value)
    };
    EndpointResponse::new(status, header, body.as_bytes())
        .read(&asked(".show version"))
        .expect_err("it is no success")
}

#[test]
fn s01_w7_the_text_that_helps_and_the_code_are_kept() {
    let body = json!({"error": {
        "code": "General_BadRequest",
        "message": "Request is invalid and cannot be executed.",
        "@type": "Kusto.Data.Exceptions.KustoBadRequestException",
        "@message": "Request is invalid: Semantic error: SEM0100: no such table",
        "@context": {"clientRequestId": "T;1", "activityId": "a-1", "machineName": "KENGINE0"},
        "@permanent": true,
        "@text": ".show SECRET",
        "innererror": {"code": "SEM0100", "@message": "'where' failed to resolve"},
    }});
    let error = answered(400, &[("x-ms-activity-id", "from-header")], &body.to_string());
    assert!(error.is_permanent());
    assert_eq!(error.kind(), ErrorKind::Rejected);
    assert_eq!(error.code(), Some("General_BadRequest"));
    assert_eq!(
        error.chain(),
        "failed to run the command: Request is invalid: Semantic error: SEM0100: no such table \
         (activity id a-1, client request id T;1, code General_BadRequest, http status 400): \
         run the command: 'where' failed to resolve (code SEM0100)"
    );
}

#[test]
fn s01_w8_the_word_of_the_service_beats_the_status() {
    for (status, permanent) in [(400, false), (500, true)] {
        let body = json!({"error": {"code": "LimitsExceeded", "@permanent": permanent}}).to_string();
        assert_eq!(answered(status, &[], &body).is_permanent(), permanent, "{status}");
    }
}

/// What becomes of data that is streamed, of a command and of a query, as each is answered.
fn kinds(status: u16, body: &str) -> [ErrorKind; 3] {
    let answer = EndpointResponse::new(status, |_| None, body.as_bytes());
    let request = StreamingRequest::of_bytes(&b"1"[..], DataFormat::Csv);
    let (database, table) = (
        DatabaseName::net_default(),
        TableName::parse("T").expect("a name"),
    );
    let call = StreamingCall::new(&database, &table, &request, &ClientHeaders::default()).expect("a request");
    [
        answer.read_streaming(&call).expect_err("it is no success"),
        answer
            .read(&asked(".drop table T"))
            .expect_err("it is no success"),
        answer.read(&asked(".show tables")).expect_err("it is no success"),
    ]
    .map(|error| error.kind())
}

#[test]
fn what_may_be_done_twice_is_unknown_where_only_the_status_tells_why_it_failed() {
    use ErrorKind::{
        Forbidden, OutcomeUnknown, Protocol, Rejected, SizeLimitExceeded, Throttled, Timeout,
        Unauthenticated, Unavailable,
    };
    for (status, once, repeatable) in [
        (302, Protocol, Protocol),
        (400, Rejected, Rejected),
        (401, Unauthenticated, Unauthenticated),
        (403, Forbidden, Forbidden),
        (408, OutcomeUnknown, Timeout),
        (409, Rejected, Rejected),
        (413, SizeLimitExceeded, SizeLimitExceeded),
        (429, Throttled, Throttled),
        (500, OutcomeUnknown, Unavailable),
        (501, Unavailable, Unavailable),
        (502, OutcomeUnknown, Unavailable),
        (503, Unavailable, Unavailable),
        (504, OutcomeUnknown, Timeout),
        (505, OutcomeUnknown, Unavailable),
        (520, OutcomeUnknown, Unavailable),
        (599, OutcomeUnknown, Unavailable),
    ] {
        assert_eq!(kinds(status, "oh"), [once, once, repeatable], "{status}");
    }
    for status in [500, 520] {
        let told = |code: &str, permanent: bool| {
            let body = json!({"error": {"code": code, "@message": "no", "@permanent": permanent}});
            kinds(status, &body.to_string())
        };
        assert_eq!(told("General_InternalServerError", false)[0], OutcomeUnknown);
        assert_eq!(
            told("General_InternalServerError", true),
            [Unavailable; 3],
            "it failed for good"
        );
        assert_eq!(told("TooManyRequests", false), [Throttled; 3], "nothing was done");
    }
}

#[test]
fn what_a_status_without_words_says_about_permanence() {
    for (status, permanent) in [
        (400, true),
        (401, true),
        (403, true),
        (404, true),
        (408, false),
        (409, true),
        (425, false),
        (429, false),
        (500, false),
        (502, false),
        (503, false),
        (504, false),
    ] {
        for body in ["", "no answer of Kusto's", r#"{"error":{"code":"X"}}"#] {
            assert_eq!(
                answered(status, &[], body).is_permanent(),
                permanent,
                "{status} {body}"
            );
        }
    }
}

#[test]
fn s01_w9_a_throttled_request_knows_how_long_to_wait() {
    let body = json!({"error": {"code": "TooManyRequests", "@message": "slow down", "@permanent": true}})
        .to_string();
    for (headers, wait) in [
        (vec![("retry-after", "7")], Some(Duration::from_secs(7))),
        (
            vec![("x-ms-retry-after-ms", "250"), ("retry-after", "7")],
            Some(Duration::from_millis(250)),
        ),
        (
            vec![
                ("retry-after", "Mon, 23 Nov 2026 10:00:07 GMT"),
                ("date", "Mon, 23 Nov 2026 10:00:00 GMT"),
            ],
            Some(Duration::from_secs(7)),
        ),
        (vec![("retry-after", "999999")], Some(Duration::from_secs(300))),
        (vec![("retry-after", "soon")], None),
    ] {
        for body in [body.as_str(), ""] {
            let error = answered(429, &headers, body);
            assert_eq!(error.kind(), ErrorKind::Throttled);
            assert_eq!(error.retry_after(), wait, "{headers:?}");
            assert!(!error.is_permanent());
        }
    }
    for exception in [
        "ControlCommandThrottledException",
        "QueryThrottledException",
        "QuotaExceededException",
    ] {
        let body = json!({"error": {"@type": format!("Kusto.Data.Exceptions.{exception}")}}).to_string();
        assert_eq!(
            answered(400, &[], &body).kind(),
            ErrorKind::Throttled,
            "{exception}"
        );
    }
}

#[test]
fn s01_w10_whatever_comes_instead_of_an_error_is_told() {
    for (body, text) in [
        (r#"{"Message":"x is broken"}"#, "x is broken"),
        (r#""x is broken""#, "x is broken"),
        ("x is broken", "x is broken"),
        (
            "<html><head><title>502 Bad Gateway</title></head><body>…</body></html>",
            "502 Bad Gateway",
        ),
        ("", "the endpoint gave no reason"),
        (r#"{"error":"x is broken"}"#, "x is broken"),
        ("[1,2]", "[1,2]"),
    ] {
        let error = answered(500, &[], body);
        assert!(error.to_string().contains(text), "{error}");
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(!error.is_permanent());
        assert_eq!(error.http_status(), Some(500));
    }
    assert!(answered(500, &[], &"x".repeat(1_000_000)).to_string().len() < 5_000);
}

#[test]
fn s01_w12_a_redirect_is_an_error_that_names_the_host_only() {
    let error = answered(
        307,
        &[("location", "https://user:SECRET@evil.example/x?sig=SECRET")],
        "",
    );
    assert!(error.is_permanent());
    assert!(
        error
            .context()
            .any(|pair| pair == ("redirected to", "evil.example")),
        "{error}"
    );
    assert!(!error.to_string().contains("SECRET"), "{error}");
}

#[test]
fn s02_c76_an_engine_names_the_ingestion_endpoint() {
    for permanent in [true, false] {
        let body = json!({"error": {
            "code": "BadRequest",
            "@type": "Kusto.Common.Svc.Exceptions.AdminCommandWrongEndpointException",
            "@message": "Cannot get ingestion resources from this service endpoint. The appropriate endpoint is most \
                         likely 'https://ingest-somecluster.kusto.windows.net/'.",
            "@permanent": permanent,
        }});
        let error = answered(400, &[], &body.to_string());
        assert_eq!(error.kind(), ErrorKind::WrongEndpoint);
        assert!(error.is_permanent());
        let right = ("suggested", "https://ingest-somecluster.kusto.windows.net/");
        assert!(error.context().any(|pair| pair == right), "{error}");
    }
}

#[test]
fn kinds_follow_from_code_and_status() {
    for (status, code, kind) in [
        (401, "", ErrorKind::Unauthenticated),
        (403, "Forbidden", ErrorKind::Forbidden),
        (400, "BadRequest_TableNotExist", ErrorKind::NotFound),
        (400, "BadRequest_MappingReferenceWasNotFound", ErrorKind::NotFound),
        (400, "BadRequest_EntityAlreadyExists", ErrorKind::AlreadyExists),
        (404, "", ErrorKind::NotFound),
        (413, "", ErrorKind::SizeLimitExceeded),
        (422, "", ErrorKind::Rejected),
        (504, "RequestExecutionTimeout", ErrorKind::Timeout),
        (520, "", ErrorKind::Unavailable),
    ] {
        let error = answered(status, &[], &json!({"error": {"code": code}}).to_string());
        assert_eq!(error.kind(), kind, "{status} {code}");
        assert_eq!(error.is_permanent(), status < 500, "{status} {code}");
    }
}

#[test]
fn neither_the_request_nor_a_sas_is_repeated() {
    let command = ".ingest into table T (h@'https://a.blob/c/b?sig=SECRET') with (creationTime='x')";
    let message =
        format!("Syntax error: {command} is wrong near https://a.blob/c/b?sv=1&sig=SECRET and SIG=SECRET");
    for body in [
        json!({"error": {"code": "General_BadRequest", "@message": message, "@text": command}}).to_string(),
        json!({"error": {"innererror": {"message": message}}}).to_string(),
        message,
    ] {
        let header = |_| None;
        let request = asked(command);
        let error = EndpointResponse::new(400, header, body.as_bytes())
            .read(&request)
            .expect_err("it is no success");
        let shown = format!("{} {error:?} {request:?}", error.chain());
        assert!(
            !shown.contains("SECRET") && !shown.contains("creationTime"),
            "{shown}"
        );
    }
}

#[test]
fn a_query_that_fails_is_told_in_its_authors_own_words_unless_they_are_long_or_secret() {
    let long = format!("T | where a in ({})", "1, ".repeat(1_000));
    for (query, stays) in [
        ("Missing | where Length == 3", true),
        ("print h'S3CRET'", false),
        ("externaldata (a:string) [h@\"S3CRET\"]", false),
        ("print path'x'", true),
        (
            "T | where url has 'a.blob.core.windows.net/c/b?sv=1&sig=S3CRET'",
            false,
        ),
        (&*long, false),
    ] {
        let body = json!({"error": {"@message": format!("cannot resolve: {query}")}}).to_string();
        let error = EndpointResponse::new(400, |_| None, body.as_bytes())
            .read(&asked(query))
            .expect_err("it is no success");
        assert_eq!(error.to_string().contains(query), stays, "{error}");
        assert!(!format!("{error:?}").contains("S3CRET"), "{error:?}");
    }
}

#[test]
fn a_name_that_the_service_left_blank_is_the_clients_own() {
    let context = json!({"clientRequestId": "", "activityId": " "});
    let body = json!({"error": {"code": "x", "@message": "m", "@context": context}}).to_string();
    let error = answered(
        400,
        &[("x-ms-activity-id", "a-1"), ("x-ms-client-request-id", " ")],
        &body,
    );
    let names: Vec<_> = error.context().collect();
    assert_eq!(names, [("activity id", "a-1"), ("client request id", "T;1")]);
}

#[test]
fn an_error_that_repeats_half_a_letter_of_the_request_is_still_read() {
    let body = br#"{"error":{"code":"BadRequest_TableNotExist","@message":"no table \ud83d here","@permanent":true}}"#;
    let error = ServiceError::parse(body);
    assert_eq!(error.description.as_deref(), Some("no table \u{fffd} here"));
}

/// What is said of a request that is repeated by the service.
fn said_of(request: &str, message: &str) -> String {
    let body = json!({"error": {"code": "General_BadRequest", "@message": message}}).to_string();
    EndpointResponse::new(400, |_| None, body.as_bytes())
        .read(&asked(request))
        .expect_err("it is no success")
        .chain()
}

#[test]
fn the_users_own_words_stay_in_an_error() {
    let message =
        "Semantic error: 'where' operator: Failed to resolve column 'T.north' in: T | where T.north > 'h'";
    for request in [
        "T",
        "T | where T.north > 'h'",
        "print north='north'",
        "T | where a == 'h' and T.north > 'h'",
    ] {
        assert!(said_of(request, message).contains(message), "{request}");
    }
}

#[test]
fn words_that_are_many_or_private_are_not_repeated() {
    let long = format!("T | where x in ({})", "'abcdefgh',".repeat(100));
    for (request, secret) in [
        (long.as_str(), "abcdefgh"),
        ("evaluate f(h'SECRET')", "SECRET"),
        ("evaluate f(H@\"SECRET\", h'OTHER')", "SECRET"),
        (".ingest inline into table T <| 1,SECRET", "SECRET"),
        ("externaldata(x:string)['https://a/b?sig=SECRET']", "SECRET"),
    ] {
        let said = said_of(request, &format!("Syntax error in: {request}"));
        assert!(!said.contains(secret) && said.contains("Syntax error"), "{said}");
    }
    let said = said_of("evaluate f(h'SECRET')", "near 'SECRET'");
    assert!(!said.contains("SECRET"), "{said}");
}

#[test]
fn a_status_that_asks_to_come_back_passes_without_words() {
    for (status, permanent) in [
        (408, false),
        (425, false),
        (400, true),
        (429, false),
        (503, false),
    ] {
        assert_eq!(answered(status, &[], "").is_permanent(), permanent, "{status}");
    }
}
