//! Signing in: every way reaches the requests, and no secret reaches anybody else.

use std::process::{Command, Stdio};

use serde_json::json;

use crate::setup::command::{CommandOutput, end, kusto_ingest, run, run_with_input, start};
use crate::setup::folder::Folder;
use crate::setup::kusto::Kusto;
use crate::setup::recording_server::RecordingServer;

/// What must be seen nowhere but in the header that it is for.
const CANARY: &str = "CANARY-7f3a";

fn query(cluster: &str, more: &[&str]) -> Command {
    let query = [
        "query",
        "T | count",
        "-d",
        "D",
        "--output",
        "json",
        "--cluster",
        cluster,
    ];
    kusto_ingest(&[&query[..], more].concat())
}

fn ended(command: &mut Command) -> CommandOutput {
    let ran = end(start(command));
    assert!(!format!("{ran:?}").contains(CANARY), "{ran:?}");
    ran
}

/// What `az account get-access-token` prints, by a script of that name in a folder of its own.
#[cfg(unix)]
fn az(name: &str, script: &str) -> String {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = Folder::new(name);
    let path = folder.write("az", format!("#!/bin/sh\n{script}\n"));
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("it is ours");
    format!("{}:/usr/bin:/bin", folder.path())
}

#[test]
fn a_token_is_taken_from_the_environment_a_file_or_standard_input() {
    let folder = Folder::new("token");
    let file = folder.write("token", format!("{CANARY}\r\n"));
    let server = RecordingServer::open();
    let ran = ended(query(&server.address, &["--auth", "token"]).env("KUSTO_TOKEN", CANARY));
    assert_eq!((ran.code, ran.out.as_str()), (3, ""), "{ran:?}");
    assert!(server.bearers(CANARY) > 0, "{:?}", server.heard());

    let server = RecordingServer::open();
    let ran = ended(query(&server.address, &["--token-file", &file]).env("KUSTO_AUTH", "token"));
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(server.bearers(CANARY) > 0, "{:?}", server.heard());

    let server = RecordingServer::open();
    let source = folder.write("a.csv", "1\n");
    let into = [
        "-d",
        "D",
        "-t",
        "T",
        "--cluster",
        &server.address,
        "--auth",
        "token",
        "--token-file",
        "-",
    ];
    let ran = run_with_input(&[&["ingest", &source], &into[..]].concat(), CANARY.as_bytes());
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(server.bearers(CANARY) > 0, "{:?}", server.heard());
    assert!(!format!("{ran:?}").contains(CANARY), "{ran:?}");
}

#[test]
fn with_a_token_data_arrives_and_is_queried() {
    let folder = Folder::new("token_works");
    let file = folder.write("a.csv", "1\n2\n");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let mut ingest = kusto.command(&["ingest", &file, "--wait", "--auth", "token"]);
    let ran = ended(ingest.env("KUSTO_TOKEN", CANARY));
    assert_eq!(ran.code, 0, "{ran:?}");
    let ran = ended(query(&kusto.cluster, &["--auth", "token"]).env("KUSTO_TOKEN", CANARY));
    assert_eq!((ran.code, &ran.json()["rows"]), (0, &json!([[2]])), "{ran:?}");
}

#[test]
#[cfg(unix)]
fn the_azure_cli_is_asked_for_a_token() {
    let tokens =
        format!(r#"echo '{{"accessToken":"{CANARY}","expires_on":4102444800,"tokenType":"Bearer"}}'"#);
    let path = az("az_works", &tokens);
    let server = RecordingServer::open();
    let ran = ended(query(&server.address, &["--auth", "az-cli"]).env("PATH", &path));
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(server.bearers(CANARY) > 0, "{:?}", server.heard());

    let folder = Folder::new("az_ingests");
    let file = folder.write("a.csv", "1\n");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let mut ingest = kusto.command(&["ingest", &file, "--wait", "--auth", "az-cli"]);
    let ran = ended(ingest.env("PATH", &path));
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[test]
#[cfg(unix)]
fn a_sign_in_that_fails_ends_with_3_before_anything_is_sent_and_says_why() {
    let folder = Folder::new("az_fails");
    let file = folder.write("a.csv", "1\n");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    for (name, script, why) in [
        (
            "az_signed_out",
            "echo \"Please run 'az login' to setup account.\" >&2; exit 1",
            "az login",
        ),
        ("az_speechless", "exit 1", "authentication failed"),
    ] {
        let path = az(name, script);
        let mut ingest = kusto.command(&["ingest", &file, "--auth", "az-cli"]);
        let ran = ended(ingest.env("PATH", &path));
        assert!(
            ran.err.matches(why).count() == 1 && !ran.err.contains("no sign-in was tried"),
            "{ran:?}"
        );
        assert_eq!(ran.code, 3, "{ran:?}");
        let ran = ended(query(&kusto.cluster, &["--auth", "az-cli"]).env("PATH", &path));
        assert_eq!((ran.code, ran.out.as_str()), (3, ""), "{ran:?}");
    }
    // What a tool prints that is no token may hold one all the same.
    let garbled = az(
        "az_garbled",
        &format!("echo '{{\"accessToken\":\"{CANARY}\"'; echo {CANARY} >&2"),
    );
    let ran = ended(query(&kusto.cluster, &["--auth", "az-cli"]).env("PATH", &garbled));
    assert_eq!((ran.code, ran.out.as_str()), (5, ""), "{ran:?}");
    assert_eq!(kusto.changes(), 0);
}

#[test]
fn whoever_signs_in_elsewhere_is_sent_there_and_nowhere_else() {
    let microsoft = "CONNECT login.microsoftonline.com:443";
    let id = [
        "--auth",
        "client-secret",
        "--client-id",
        "a",
        "--tenant-id",
        "contoso.com",
    ];
    // Each tries again after a while: they do so side by side.
    std::thread::scope(|side_by_side| {
        for (keywords, more) in [
            (";Fed=true", &[][..]),
            ("", &["--auth", "device-code"]),
            ("", &id),
        ] {
            side_by_side.spawn(move || {
                let (cluster, proxy) = (RecordingServer::open(), RecordingServer::open());
                let mut query = query(&format!("{}{keywords}", cluster.address), more);
                let query = query.env("HTTPS_PROXY", &proxy.address);
                let ran = ended(query.env("AZURE_CLIENT_SECRET", CANARY));
                assert_eq!(ran.code, 8, "{ran:?}");
                let (asked, tunnels) = (cluster.heard(), proxy.heard());
                let is_about_the_cloud = |asked: &String| asked.contains("/v1/rest/auth/metadata");
                assert!(asked.iter().all(is_about_the_cloud), "{asked:?}");
                assert!(!tunnels.is_empty(), "{ran:?}");
                let is_to_microsoft = |tunnel: &String| tunnel.starts_with(microsoft);
                assert!(tunnels.iter().all(is_to_microsoft), "{tunnels:?}");
            });
        }
    });
}

#[test]
fn a_cluster_elsewhere_is_asked_for_its_cloud_before_anybody_signs_in() {
    let proxy = RecordingServer::open();
    let cluster = "https://help.kusto.windows.net";
    let ran = ended(query(cluster, &[]).env("HTTPS_PROXY", &proxy.address));
    assert_eq!(ran.code, 8, "{ran:?}");
    let tunnels = proxy.heard();
    assert!(!tunnels.is_empty(), "{ran:?}");
    let engine = "CONNECT help.kusto.windows.net:443";
    assert!(
        tunnels.iter().all(|tunnel| tunnel.starts_with(engine)),
        "{tunnels:?}"
    );

    let proxy = RecordingServer::open();
    for (cluster, why) in [
        ("https://kusto.windows.net.example", "trusted"),
        ("http://help.kusto.windows.net", "https only"),
    ] {
        let mut query = query(cluster, &["--auth", "token"]);
        let query = query
            .env("HTTPS_PROXY", &proxy.address)
            .env("HTTP_PROXY", &proxy.address);
        let ran = ended(query.env("KUSTO_TOKEN", CANARY));
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
        assert!(ran.err.contains(why), "{ran:?}");
    }
    assert!(proxy.heard().is_empty(), "{:?}", proxy.heard());
}

#[test]
fn who_tells_the_identity_of_an_app_is_asked_without_the_proxy() {
    let (service, proxy) = (RecordingServer::open(), RecordingServer::open());
    let cluster = "https://help.kusto.windows.net;Fed=true";
    let more = ["--auth", "managed-identity", "--proxy", &proxy.address];
    let mut storage = kusto_ingest(&["list", "https://account.blob.core.windows.net/container/"]);
    storage.args(["--storage-auth", "managed-identity", "--proxy", &proxy.address]);
    for command in [&mut query(cluster, &more), &mut storage] {
        let endpoint = format!("{}/msi/token", service.address);
        let ran = ended(
            command
                .env("IDENTITY_ENDPOINT", endpoint)
                .env("IDENTITY_HEADER", CANARY),
        );
        assert_ne!(ran.code, 0, "{ran:?}");
    }
    let heard = service.heard();
    assert!(
        heard.iter().any(|asked| asked.starts_with("GET /msi/token")),
        "{heard:?}"
    );
    assert!(
        !format!("{:?}", proxy.heard()).contains("/msi/token"),
        "{:?}",
        proxy.heard()
    );
}

#[test]
fn a_secret_in_an_argument_works_and_is_warned_of_once() {
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let secret = format!("{};UserToken={CANARY}", kusto.cluster);
    let ran = ended(&mut query(&secret, &[]));
    assert_eq!(
        (ran.code, ran.err.matches("warning: ").count()),
        (0, 1),
        "{ran:?}"
    );
    assert!(ran.err.contains("KUSTO_CLUSTER"), "{ran:?}");

    let mut by_environment = kusto_ingest(&["query", "T | count", "-d", "D"]);
    let ran = ended(by_environment.env("KUSTO_CLUSTER", &secret));
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    let ran = ended(&mut query(&kusto.cluster, &[]));
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
}

/// What must not be combined, or lacks something: the arguments of `query`, and two words that the error must have.
const USAGE_ERRORS: [(&[&str], [&str; 2]); 7] = [
    (&["--auth", "interactive"], ["interactive", "device-code"]),
    (&["--auth", "password"], ["az-cli", "device-code"]),
    (
        &[
            "--auth",
            "client-secret",
            "--client-id",
            "a",
            "--tenant-id",
            "t.com",
        ],
        ["--client-secret-file", "AZURE_CLIENT_SECRET"],
    ),
    (&["--auth", "token"], ["--token-file", "KUSTO_TOKEN"]),
    (
        &["--auth", "token", "--token-file", CANARY],
        ["--token-file", "file"],
    ),
    (
        &[
            "--auth",
            "client-certificate",
            "--client-id",
            "a",
            "--tenant-id",
            "t.com",
            "--certificate-file",
            CANARY,
        ],
        ["certificate", "file"],
    ),
    (&["--token-file", CANARY], ["--token-file", "--auth token"]),
];

fn refused_as_usage(cluster: &str, arguments: &[&str], words: [&str; 2]) {
    let ran = ended(&mut query(cluster, arguments));
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}: {ran:?}");
    assert!(
        words.iter().all(|word| ran.err.contains(word)),
        "{arguments:?}: {ran:?}"
    );
}

#[test]
fn usage_errors_end_with_2_and_repeat_no_secret() {
    let kusto = Kusto::with(&["D.T(a:long)"]);
    for (arguments, words) in USAGE_ERRORS {
        refused_as_usage(&kusto.cluster, arguments, words);
    }
    let typed = format!("--client-secret={CANARY}");
    refused_as_usage(&kusto.cluster, &[&typed], ["--client-secret", "unexpected"]);
    let folder = Folder::new("sign_in_usage");
    let empty = folder.write("empty", "\n");
    let long = folder.write("long", "x".repeat(100_000));
    for (file, why) in [(empty, "nothing"), (long, "more")] {
        let arguments = ["--auth", "token", "--token-file", &file];
        refused_as_usage(&kusto.cluster, &arguments, ["--token-file", why]);
    }
    let secret = format!("{};UserToken={CANARY}", kusto.cluster);
    for other in ["az-cli", "none"] {
        refused_as_usage(&secret, &["--auth", other], ["user token", other]);
    }
    assert!(kusto.emulator.requests().is_empty());
}

#[test]
fn standard_input_is_a_source_or_a_secret() {
    let kusto = Kusto::with(&["D.T(a:long)"]);
    for (auth, argument) in [
        ("token", "--token-file"),
        ("client-secret", "--client-secret-file"),
    ] {
        let into = [
            "-d",
            "D",
            "-t",
            "T",
            "--format",
            "csv",
            "--cluster",
            &kusto.cluster,
        ];
        let ran = run_with_input(
            &[&["ingest", "-", "--auth", auth, argument, "-"], &into[..]].concat(),
            CANARY.as_bytes(),
        );
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
        assert!(
            ran.err.contains("only once") && ran.err.contains(argument),
            "{ran:?}"
        );
    }
}

#[test]
fn the_embedded_kusto_wants_no_sign_in() {
    let folder = Folder::new("embedded_sign_in");
    let file = folder.write("a.csv", "1\n");
    let arguments = ["ingest", &file, "--emulator", "-d", "D", "-t", "T"];
    let ran = end(start(
        kusto_ingest(&arguments)
            .env("KUSTO_AUTH", "az-cli")
            .stdin(Stdio::null()),
    ));
    assert_eq!(ran.code, 0, "{ran:?}");
    let ran = run(&[&arguments[..], &["--auth", "none"]].concat());
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
}
