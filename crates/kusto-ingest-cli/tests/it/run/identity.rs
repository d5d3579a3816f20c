//! Who ingests: the headers and the message of one ingestion by the command say the same.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kusto_ingest::testing::ResourcePath;
use serde_json::Value;

use crate::setup::folder::Folder;
use crate::setup::kusto::Kusto;

#[test]
fn headers_and_message_of_the_command_name_the_same_application_user_and_version() {
    let folder = Folder::new("identity");
    let file = folder.write("a.csv", "1\n");
    let kusto = Kusto::held();
    let ran = kusto.run(&["ingest", &file]);
    ran.ended(0, "Queued");
    let message = message(&kusto);
    let said = |name: &str| message[name].as_str().expect("the message says it").to_owned();
    let (application, version) = (said("ApplicationForTracing"), said("ClientVersionForTracing"));
    assert_eq!(application, "kusto-ingest");
    assert!(version.starts_with("Kusto.Rust.Ingest:{"), "{version}");
    assert!(version.contains("|Runtime.Rust:{1."), "{version}");
    let requests = kusto.emulator.requests();
    let commands: Vec<_> = requests
        .iter()
        .filter(|one| one.path.ends_with("/mgmt"))
        .collect();
    assert!(!commands.is_empty());
    for command in commands {
        assert_eq!(command.application.as_ref(), Some(&application));
        assert_eq!(command.client_version.as_ref(), Some(&version));
        assert_eq!(command.user.as_deref(), Some(expected_user().as_str()));
    }
}

/// The user of the operating system, as the command sees it: the tests hand their environment on.
fn expected_user() -> String {
    let user = ["USER", "USERNAME"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok());
    user.filter(|user| !user.trim().is_empty())
        .unwrap_or_else(|| "[none]".to_owned())
}

fn message(kusto: &Kusto) -> Value {
    let issued = kusto
        .emulator
        .fake()
        .issued_resources()
        .expect("storage is issued");
    let storage = kusto.emulator.fake().storage();
    let all = issued.queues.iter().flat_map(|queue| {
        let messages = storage.peek_messages(&ResourcePath::from(queue), 32);
        messages.expect("the queue is there")
    });
    let texts: Vec<String> = all.map(|message| message.text).collect();
    assert_eq!(texts.len(), 1, "one source, one message");
    let json = STANDARD.decode(&texts[0]).expect("messages are base64");
    serde_json::from_slice(&json).expect("messages are JSON")
}
