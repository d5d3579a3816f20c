//! What holds of any bytes, any names and any texts.

use std::future::Future;

use kusto_emulator::Emulator;
use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof};
use proptest::test_runner::TestCaseResult;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::runtime::{Builder, Runtime};

use crate::client::{World, below};

fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(256)
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

/// What a server answers to these bytes before the connection ends.
async fn answered(emulator: &Emulator, bytes: &[u8]) -> String {
    let (mut client, server) = duplex(64 << 10);
    let talk = async {
        // The server may have had enough before all is sent.
        drop(client.write_all(bytes).await);
        drop(client.shutdown().await);
        let mut text = Vec::new();
        drop(client.read_to_end(&mut text).await);
        String::from_utf8_lossy(&text).into_owned()
    };
    tokio::join!(talk, emulator.serve(server)).0
}

/// The service never fails: it understands, or says what it does not understand.
fn is_no_failure(answer: &str) -> bool {
    let status = answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3));
    match status.map(|status| (status, status.as_bytes()[0])) {
        None => answer.is_empty(),
        Some(("501", _)) => true,
        Some((_, first)) => (b'1'..=b'4').contains(&first),
    }
}

/// Pieces that requests are made of, and bytes that they are not.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        3 => prop_oneof![
            Just("GET "), Just("POST "), Just("PUT "), Just("PATCH "), Just("DELETE "), Just("HEAD "),
            Just("/devstoreaccount1/ingestdata-0"), Just("/devstoreaccount1/ingestionsstatus"),
            Just("/devstoreaccount1/readyforaggregation-secured-0/messages"), Just("/devstoreaccount1/$batch"),
            Just("/v1/rest/mgmt"), Just("/v2/rest/query"), Just("/v1/rest/ingest/Samples/T?streamFormat=csv"),
            Just("?comp=block&blockid="), Just("?restype=container&comp=list"), Just("%2F"), Just("%00"), Just("%ff"),
            Just(" HTTP/1.1\r\n"), Just("\r\n\r\n"), Just("content-length: 5\r\n"), Just("transfer-encoding: chunked\r\n"),
            Just("host: localhost\r\n"), Just("content-encoding: gzip\r\n"), Just("5\r\nhello\r\n0\r\n\r\n"), Just("{\"csl\":\"T\"}"),
            Just("(PartitionKey='a',RowKey='b')"), Just("x-ms-blob-type: BlockBlob\r\n"), Just("\u{1f}\u{8b}"),
        ].prop_map(|text| text.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 0..16),
    ]
}

/// Runs a property on an emulator, case by case.
fn hold<T, F>(runtime: &Runtime, strategy: T, property: impl Fn(T::Value) -> F) -> TestCaseResult
where
    T: Strategy,
    F: Future<Output = TestCaseResult>,
{
    let mut runner = proptest::test_runner::TestRunner::new(config());
    let outcome = runner.run(&strategy, |value| runtime.block_on(property(value)));
    outcome.map_err(|error| proptest::test_runner::TestCaseError::fail(error.to_string()))
}

#[test]
fn whatever_bytes_come_the_server_answers_or_closes_and_never_fails() {
    let runtime = runtime();
    let world = runtime.block_on(World::start());
    let bytes = vec(piece(), 1..14).prop_map(|pieces| pieces.concat());
    hold(&runtime, bytes, async |bytes: Vec<u8>| {
        let answer = answered(&world.emulator, &bytes).await;
        prop_assert!(is_no_failure(&answer), "{answer}");
        Ok(())
    })
    .expect("it never fails");
}

#[test]
fn whatever_body_a_route_gets_it_answers_and_never_fails() {
    let runtime = runtime();
    let world = runtime.block_on(World::start());
    let table = below(&world.status_table(), "", "");
    let batch = table.replace("ingestionsstatus", "$batch");
    let container = |query: &str| below(&world.container(0), "/b", query);
    let routes = [
        ("POST", format!("{}/v1/rest/mgmt", world.emulator.cluster())),
        ("POST", format!("{}/v2/rest/query", world.emulator.cluster())),
        (
            "POST",
            format!(
                "{}/v1/rest/ingest/Samples/T?streamFormat=json",
                world.emulator.cluster()
            ),
        ),
        ("POST", format!("{}/__emulator/faults", world.emulator.cluster())),
        ("PUT", container("comp=blocklist")),
        ("POST", below(&world.queue(), "/messages", "")),
        ("POST", table),
        ("POST", batch),
    ];
    let divided = [("content-type", "multipart/mixed; boundary=b")];
    let word = prop_oneof![
        Just("{\"csl\":\""),
        Just("\"}"),
        Just("T | count"),
        Just(".show tables"),
        Just("| where"),
        Just("'"),
        Just("{"),
        Just("["),
        Just("--b\r\n"),
        Just("--b--"),
        Just("\r\n\r\n"),
        Just("POST http://h/devstoreaccount1/ingestionsstatus HTTP/1.1\r\n"),
        Just("<BlockList><Latest>"),
        Just("</Latest></BlockList>"),
        Just("&#"),
        Just("&amp;"),
        Just("]]>"),
        Just("<!DOCTYPE"),
        Just("{\"PartitionKey\":\"p\",\"RowKey\":\"r\""),
        Just("\u{0}"),
        Just("{\"fault\":\"status\"}"),
    ];
    let text = vec(word, 0..8).prop_map(|words| words.concat());
    let strategy = (0..routes.len(), prop_oneof![text, "\\PC{0,40}"]);
    hold(&runtime, strategy, async |(route, body): (usize, String)| {
        let (method, url) = &routes[route];
        let answer = world.send(method, url, &divided, body).await;
        world.emulator.clear_faults();
        prop_assert!(
            answer.status < 500 || answer.status == 501,
            "{}: {}",
            answer.status,
            answer.text()
        );
        Ok(())
    })
    .expect("it never fails");
}

#[test]
fn any_name_that_xml_can_hold_is_a_blobs_own_and_listed_as_it_is() {
    let runtime = runtime();
    let world = runtime.block_on(World::start());
    let name = "[^\\p{C}./\\\\]{1,20}";
    hold(&runtime, name, async |name: String| {
        let encoded: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let url = below(&world.container(0), &format!("/{encoded}"), "");
        let put = world
            .send("PUT", &url, &[("x-ms-blob-type", "BlockBlob")], "x")
            .await;
        prop_assert_eq!(put.status, 201);
        let query = format!("restype=container&comp=list&prefix={encoded}&maxresults=1");
        let listed = world
            .send("GET", &below(&world.container(0), "", &query), &[], "")
            .await;
        let shown = listed.element("Name").unwrap_or_default();
        let unescaped = [
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&quot;", "\""),
            ("&apos;", "'"),
            ("&amp;", "&"),
        ];
        let shown = unescaped
            .iter()
            .fold(shown, |text, (escaped, letter)| text.replace(escaped, letter));
        prop_assert_eq!(shown, name);
        prop_assert_eq!(world.send("DELETE", &url, &[], "").await.status, 202);
        Ok(())
    })
    .expect("names are kept");
}

#[test]
fn an_entity_of_any_text_is_read_as_written_and_found_by_it() {
    let runtime = runtime();
    let world = runtime.block_on(World::start());
    hold(
        &runtime,
        ("[^\\p{C}/\\\\#?]{1,12}", "\\PC{0,20}"),
        async |(row, text): (String, String)| {
            let entity = json!({"PartitionKey": "p", "RowKey": row, "Text": text}).to_string();
            let inserted = world
                .send("POST", &below(&world.status_table(), "", ""), &[], entity)
                .await;
            prop_assert_eq!(inserted.status, 201, "{}", inserted.text());
            let encoded = |text: &str| {
                text.bytes()
                    .map(|byte| format!("%{byte:02X}"))
                    .collect::<String>()
            };
            let filter = format!("PartitionKey eq 'p' and Text eq '{}'", text.replace('\'', "''"));
            let url = below(
                &world.status_table(),
                "()",
                &format!("$filter={}", encoded(&filter)),
            );
            let found = world.send("GET", &url, &[], "").await.json();
            let rows: Vec<&Value> = found["value"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|found| &found["RowKey"])
                .collect();
            prop_assert!(rows.contains(&&json!(row)), "{found}");
            let key = format!(
                "(PartitionKey='p',RowKey='{}')",
                encoded(&row.replace('\'', "''"))
            );
            let removed = world
                .send(
                    "DELETE",
                    &below(&world.status_table(), &key, ""),
                    &[("if-match", "*")],
                    "",
                )
                .await;
            prop_assert_eq!(removed.status, 204);
            Ok(())
        },
    )
    .expect("texts are kept");
}
