//! Who ingests: the headers of requests and the message of one ingestion say the same.

use kusto_emulator::RequestRecord;
use kusto_fake::testing::messages;
use kusto_ingest::{IngestClient, Kusto, KustoBuilder};

use crate::setup::{emulator, paused, properties, row};

/// What the requests and the message of one ingestion say of application and version.
async fn told(
    set: impl FnOnce(KustoBuilder) -> KustoBuilder,
    keywords: &str,
) -> (Vec<RequestRecord>, [String; 2]) {
    let emulator = emulator(paused()).await;
    let builder = Kusto::builder(&format!("{}{keywords}", emulator.cluster())).expect("a good address");
    let kusto = set(builder).connect().expect("good settings");
    let ingested = kusto.queued().ingest_source(row().into(), &properties()).await;
    ingested.expect("it is queued");
    let message = messages(emulator.fake()).remove(0);
    let text = |name: &str| message[name].as_str().expect("the message says it").to_owned();
    let commands = emulator
        .requests()
        .into_iter()
        .filter(|request| request.path.ends_with("/mgmt"))
        .collect();
    (
        commands,
        [text("ApplicationForTracing"), text("ClientVersionForTracing")],
    )
}

#[tokio::test]
async fn without_a_word_of_the_caller_headers_and_message_name_program_user_and_compiler() {
    let (commands, [application, version]) = told(|builder| builder, "").await;
    assert_eq!(commands.len(), 2, "resources and identity token");
    for command in commands {
        assert_eq!(command.application.as_ref(), Some(&application));
        assert_eq!(command.client_version.as_ref(), Some(&version));
        assert!(command.user.is_some(), "the header is always there");
    }
    let program = std::env::current_exe().expect("it runs");
    assert_eq!(
        program.file_stem().and_then(|name| name.to_str()),
        Some(&*application)
    );
    let library = concat!(
        "Kusto.Rust.Ingest:{",
        env!("CARGO_PKG_VERSION"),
        "}|Runtime.Rust:{1."
    );
    assert!(version.starts_with(library), "{version}");
}

#[tokio::test]
async fn the_tracing_keywords_of_a_connection_string_are_told_in_both_places() {
    let keywords =
        ";Application Name for Tracing=loader;User Name for Tracing=ann;Client Version for Tracing=Mine:{7}";
    let (commands, [application, version]) = told(|builder| builder, keywords).await;
    assert_eq!(application, "loader");
    assert!(version.ends_with("|Mine:{7}"), "{version}");
    for command in commands {
        let said = [command.application, command.user, command.client_version];
        assert_eq!(said.map(Option::unwrap_or_default), ["loader", "ann", &version]);
    }
}

#[tokio::test]
async fn what_the_program_says_of_itself_beats_the_connection_string() {
    let set = |builder: KustoBuilder| builder.with_application("mine").with_application_version("2.1");
    let (commands, [application, _]) = told(set, ";Application Name for Tracing=loader").await;
    assert_eq!(application, "mine/2.1");
    assert!(
        commands
            .iter()
            .all(|command| command.application.as_deref() == Some("mine/2.1"))
    );
}
