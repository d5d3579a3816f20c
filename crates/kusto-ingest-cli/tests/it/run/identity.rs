//! Who ingests: the headers and the message of one ingestion by the command say the same.

use crate::setup::folder::Folder;
use crate::setup::kusto::Kusto;

#[test]
fn headers_and_message_of_the_command_name_the_same_application_user_and_version() {
    let folder = Folder::new("identity");
    let file = folder.write("a.csv", "1\n");
    let kusto = Kusto::held();
    let ran = kusto.run(&["ingest", &file]);
    ran.ended(0, "Queued");
    let message = kusto.message();
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
