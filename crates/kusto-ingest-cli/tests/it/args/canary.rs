//! Every kind of secret in every place where a person can type it, wrong places included: none is printed.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use kusto_emulator::Emulator;
use serde_json::{Value, json};

use crate::setup::command::{CommandOutput, feed, kusto_ingest, run};
use crate::setup::folder::Folder;
use crate::setup::kusto::Kusto;

/// What stands for the secret.
const CANARY: &str = "C4NARY.s3cr3t";

/// Every kind of secret, as it is typed or pasted. `H` stands for a cluster that nobody asks.
const SECRETS: [&str; 15] = [
    "https://acct.blob.core.windows.net/c/a.csv?sv=1&sp=r&sig=C4NARY.s3cr3t%3D",
    "acct.blob.core.windows.net/c/a.csv?sv=1&sig=C4NARY.s3cr3t",
    "https://acct.blob.core.windows.net/c/my a.csv;C4NARY.s3cr3t==",
    "acct.blob.core.windows.net/c/a.csv;C4NARY.s3cr3t==",
    "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=C4NARY.s3cr3t==",
    "Data Source=H;Fed=True;AppClientId=a;AppKey=x y'C4NARY.s3cr3t;Authority Id=t.com;Nonsense=1",
    "H;Application Key=\"C4NARY.s3cr3t;x\";tid=t.com;No equals",
    "h.kusto.windows.net;Fed=True;User ID=me;Password=p C4NARY.s3cr3t",
    "Pwd=C4NARY.s3cr3t",
    "Bearer C4NARY.s3cr3t",
    "Authorization: Bearer C4NARY.s3cr3t",
    "eyJ0eXAiOiJKV1QiLCJh.C4NARY.s3cr3t.x",
    "client_secret=C4NARY.s3cr3t",
    "https://me:C4NARY.s3cr3t@127.0.0.1:1/Db",
    "me:C4NARY.s3cr3t@127.0.0.1:1",
];

/// A command line in which `@` stands for the secret, and `FILE` for a file that there is.
const PLACES: [&[&str]; 26] = [
    &["@"],
    &["ingest", "@"],
    &["ingest", "FILE", "@"],
    &["ingest", "FILE", "--cluster", "@"],
    &["ingest", "FILE", "--cluster=@", "--nonsense"],
    &["ingest", "FILE", "-d", "@"],
    &["ingest", "FILE", "-t", "@"],
    &["ingest", "FILE", "--format", "@"],
    &["ingest", "FILE", "--mapping-file", "@"],
    &["ingest", "FILE", "--wait-timeout", "@"],
    &["ingest", "FILE", "--output=@"],
    &["ingest", "FILE", "--emulator", "@"],
    &["ingest", "FILE", "--app-key=@"],
    &["ingest", "FILE", "--@"],
    &["ingest", "FILE", "--auth", "@"],
    &[
        "ingest",
        "FILE",
        "--auth",
        "client-secret",
        "--client-id",
        "a",
        "--tenant-id",
        "@",
        "--client-secret-file",
        "FILE",
    ],
    &[
        "ingest",
        "FILE",
        "--auth",
        "client-secret",
        "--client-id",
        "a",
        "--tenant-id",
        "t.com",
        "--client-secret-file",
        "@",
    ],
    &[
        "ingest",
        "FILE",
        "--auth",
        "client-certificate",
        "--client-id",
        "@",
        "--tenant-id",
        "t.com",
        "--certificate-file",
        "@",
    ],
    &["ingest", "FILE", "--auth", "token", "--token-file", "@"],
    &["stream", "--from-uri", "FILE", "@"],
    &["direct", "@", "--batch-files", "@"],
    &["inline", "@"],
    &["status", "@"],
    &["query", "T", "-d", "@"],
    &["query", "T", "@"],
    &["emulator", "--table", "@", "--port", "@"],
];

/// A cluster that nobody asks.
const NOBODY: &str = "http://127.0.0.1:1";

/// A cluster that is refused as soon as it is opened, so that nothing is ever sent.
const REFUSED: &str = "https://h.kusto.windows.net;Nonsense=1";

fn holds_none(ran: &CommandOutput, what: &str) {
    let printed = format!("{} {}", ran.out, ran.err);
    assert!(
        !printed.contains(CANARY) && !printed.contains("C4NARY"),
        "{what}: {printed}"
    );
}

/// Runs a place with a secret in it, with all that it needs to be refused for nothing else.
fn typed(place: &[&str], secret: &str, file: &str) -> CommandOutput {
    let secret = secret.replace('H', "http://127.0.0.1:1");
    let mut arguments: Vec<String> = place
        .iter()
        .map(|argument| argument.replace("FILE", file).replace('@', &secret))
        .collect();
    let needs = |name: &str| !place.iter().any(|argument| argument.starts_with(name));
    let ingests = ["ingest", "stream", "direct", "inline"].contains(&place[0]);
    for (name, value) in [("-d", "D"), ("-t", "T")] {
        if ingests && needs(name) {
            arguments.extend([name, value].map(str::to_owned));
        }
    }
    if ingests && needs("--cluster") && needs("--emulator") {
        arguments.extend(["--cluster", NOBODY].map(str::to_owned));
    }
    if ingests {
        // Refused last of all, so that nothing is ever sent.
        arguments.extend(["--receipts", env!("CARGO_TARGET_TMPDIR")].map(str::to_owned));
    }
    if ["status", "query"].contains(&place[0]) {
        arguments.extend(["--cluster", REFUSED].map(str::to_owned));
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    run(&arguments)
}

#[test]
fn no_secret_is_printed_wherever_it_was_typed() {
    let folder = Folder::new("canary");
    let file = folder.write("a.csv", "1\n");
    let mut runs = 0;
    for place in PLACES {
        for secret in SECRETS {
            let ran = typed(place, secret, &file);
            holds_none(&ran, &format!("{place:?} {secret}"));
            assert_eq!(ran.code, 2, "{place:?} {secret}: {ran:?}");
            assert!(
                ran.err.starts_with("error: ") || ran.err.contains("error: "),
                "{ran:?}"
            );
            runs += 1;
        }
    }
    assert!(runs >= 60, "{runs}");
}

#[test]
fn no_secret_of_the_environment_is_printed() {
    let folder = Folder::new("canary_environment");
    let file = folder.write("a.csv", "1\n");
    for variable in ["KUSTO_CLUSTER", "KUSTO_AUTH", "KUSTO_DATABASE", "KUSTO_TABLE"] {
        for secret in SECRETS {
            let mut command = kusto_ingest(&["ingest", &file]);
            for (name, value) in [
                ("KUSTO_CLUSTER", REFUSED),
                ("KUSTO_DATABASE", "D"),
                ("KUSTO_TABLE", "T"),
                (variable, &secret.replace('H', "http://127.0.0.1:1")),
            ] {
                command.env(name, value);
            }
            let ran = feed(&mut command, b"");
            holds_none(&ran, &format!("{variable} {secret}"));
            assert_eq!(ran.code, 2, "{variable} {secret}: {ran:?}");
        }
    }
}

#[test]
fn no_secret_of_a_file_or_of_standard_input_is_printed() {
    let folder = Folder::new("canary_files");
    let csv = folder.write("a.csv", "1\n");
    for secret in SECRETS {
        let file = folder.write("secret.json", secret);
        let into = ["--cluster", NOBODY, "-d", "D", "-t", "T"];
        for arguments in [
            &["ingest", &csv, "--mapping-file", &file][..],
            &["status", &file, "--cluster", REFUSED],
        ] {
            let more = if arguments[0] == "status" { &[][..] } else { &into };
            let ran = run(&[arguments, more].concat());
            holds_none(&ran, &format!("{arguments:?} {secret}"));
            assert_eq!(ran.code, 2, "{arguments:?} {secret}: {ran:?}");
        }
        let status = ["status", "-", "--cluster", REFUSED];
        let ran = feed(&mut kusto_ingest(&status), secret.as_bytes());
        holds_none(&ran, &format!("status - {secret}"));
    }
}

/// A service that refuses every request, and repeats what it was sent but for the first letter.
fn parrot() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let address = format!("http://{}", listener.local_addr().expect("it is bound"));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A client that goes away has said all that it wanted.
            let _ = repeat(stream);
        }
    });
    address
}

fn repeat(stream: TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let (mut line, mut length) = (String::new(), 0);
    while reader.read_line(&mut line)? > 2 {
        let head = line.trim_end().to_ascii_lowercase();
        if let Some(value) = head.strip_prefix("content-length: ") {
            length = value.parse().unwrap_or(0);
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let sent: Value = serde_json::from_slice(&body).unwrap_or_default();
    let words = sent["csl"]
        .as_str()
        .unwrap_or_default()
        .get(1..)
        .unwrap_or_default();
    let said =
        json!({"error": {"code": "General_BadRequest", "@message": words, "@permanent": true}}).to_string();
    let answer = format!(
        "HTTP/1.1 400 Bad Request\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{said}",
        said.len()
    );
    reader.get_mut().write_all(answer.as_bytes())
}

#[test]
fn no_secret_that_the_service_repeats_is_printed() {
    let service = parrot();
    for secret in SECRETS {
        let query = format!("print repeated = 'it was', {secret}");
        let ran = run(&["query", &query, "--cluster", &service, "-d", "D"]);
        ran.refused(5, "repeated");
        holds_none(&ran, &query);
    }
    let blob = format!("https://acct.blob.core.windows.net/c/a.csv;{CANARY}==");
    let into = ["--cluster", &service, "-d", "D", "-t", "T"];
    let ran = run(&[&["direct", &blob, "--sync"][..], &into].concat());
    assert!(ran.err.contains("ngest into table"), "{ran:?}");
    holds_none(&ran, &blob);
}

#[test]
fn the_words_of_a_query_that_fails_stay() {
    let kusto = Kusto::of(Emulator::builder().with_database("D".try_into().expect("it is a name")));
    let ran = run(&[
        "query",
        "Missing | take 5",
        "--cluster",
        &kusto.cluster,
        "-d",
        "D",
    ]);
    ran.refused(5, "Missing");
}
