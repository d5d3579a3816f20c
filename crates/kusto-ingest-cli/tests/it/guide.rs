//! The guide: every command in it runs, and its table of exit codes is complete.

#[path = "../../../../tests/guide/blocks.rs"]
mod blocks;
mod explained;
mod jobs;
mod options;
#[cfg(unix)]
mod workflow;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use blocks::{Block, blocks};

use crate::setup::command::{CommandOutput, end, kusto_ingest, signal, start};
use crate::setup::folder::Folder;
use crate::setup::kusto::Kusto;
#[cfg(unix)]
use crate::setup::terminal::run_at_terminal;

/// The addresses that the guide writes, in the place of which a command gets that of its emulator.
const PLACEHOLDERS: [&str; 2] = [
    "http://localhost:8080",
    "https://mycluster.westeurope.kusto.windows.net",
];

/// The container that the guide writes, in the place of which a command gets one of its emulator.
const CONTAINER: &str = "https://mystorage.blob.core.windows.net/archive";

/// What a signed-in Azure CLI answers.
const AZ: &str =
    "#!/bin/sh\necho '{\"accessToken\":\"a.b.c\",\"expires_on\":4102444800,\"tokenType\":\"Bearer\"}'\n";

fn guide() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide")
}

fn page(name: &str) -> String {
    fs::read_to_string(guide().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A folder with the files that the guide mentions, and an Azure CLI somebody is signed in to.
#[cfg(unix)]
fn folder(page: &str) -> Folder {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = Folder::new(&format!("guide/{page}"));
    for (name, text) in [
        ("weather.csv", "2012-01-01,4.7\n2012-01-02,4.5\n"),
        ("weather.json", "{\"at\":\"2012-01-01\",\"wind\":4.7}\n"),
        (
            "mapping.json",
            r#"[{"Column":"at","Properties":{"Path":"$.at"}},{"Column":"wind","Properties":{"Path":"$.wind"}}]"#,
        ),
    ] {
        folder.write(name, text);
    }
    let authority = Path::new(env!("CARGO_MANIFEST_DIR")).join("../kusto-auth/tests/data/issuer-first.pem");
    folder.write(
        "corp-ca.pem",
        fs::read(authority).expect("it is beside this crate"),
    );
    let az = folder.write("bin/az", AZ);
    fs::set_permissions(az, fs::Permissions::from_mode(0o755)).expect("it is ours");
    folder
}

/// A block with the address of a container in the place of that of the guide.
fn with_container<'b>(block: &Block<'b>, container: &str) -> Block<'b> {
    let (path, sas) = container.split_once('?').expect("it is signed");
    let code = block
        .code
        .replace(CONTAINER, path)
        .replace("?SAS", &format!("?{sas}"));
    Block {
        code,
        words: block.words.clone(),
        line: block.line,
    }
}

/// A shell that runs a block beside an emulator, with the built binary as `kusto-ingest`.
fn shell(block: &Block<'_>, folder: &Folder, cluster: &str) -> Command {
    let script = PLACEHOLDERS
        .iter()
        .fold(block.code.clone(), |code, address| code.replace(address, cluster));
    let binary = kusto_ingest(&[]);
    let built = Path::new(binary.get_program())
        .parent()
        .expect("it is in a folder");
    let path = format!("{}/bin:{}:/usr/bin:/bin", folder.path(), built.display());
    let mut shell = Command::new("sh");
    for (name, value) in binary.get_envs().filter(|(_, value)| value.is_none()) {
        debug_assert!(value.is_none());
        shell.env_remove(name);
    }
    shell
        .args(["-eu", "-c", &script])
        .current_dir(folder.path())
        .stdin(Stdio::null());
    shell.env("PATH", path).env("SECRET_TOKEN", "a.b.c");
    shell
}

/// The exit code that a block says; 0 if it says none.
fn expected(block: &Block<'_>) -> i32 {
    let words = block.words[1..].iter();
    let code = words.filter_map(|word| word.strip_prefix("exit=")).next_back();
    code.map_or(0, |code| code.parse().expect("it is a number"))
}

/// Whether the programs of others that a block needs are on this machine.
#[cfg(unix)]
fn has_what_it_needs(block: &Block<'_>) -> bool {
    let mut needed = block.words.iter().filter_map(|word| word.strip_prefix("needs="));
    needed.all(|program| Command::new(program).arg("--version").output().is_ok())
}

#[test]
#[cfg(unix)]
fn every_command_of_the_guide_runs_and_ends_as_it_says() {
    let entries = fs::read_dir(guide()).expect("there is a guide");
    let names = entries.map(|entry| {
        entry
            .expect("it is listed")
            .file_name()
            .to_string_lossy()
            .into_owned()
    });
    let mut ran = 0;
    for name in names.filter(|name| name.ends_with(".md")) {
        let text = page(&name);
        let all = blocks(&text);
        let commands: Vec<&Block<'_>> = all.iter().filter(|block| block.is("sh")).collect();
        if commands.is_empty() {
            continue;
        }
        let folder = folder(&name);
        let kusto = Kusto::with(&["Samples.Weather(at:datetime,wind:real)"]);
        let blobs = ["01.csv", "02.csv"].map(|name| kusto.put_blob(name, "2012-01-01,4.7\n"));
        folder.write("blobs.txt", blobs.join("\n"));
        for day in ["01", "02"] {
            kusto.put_blob(&format!("2012/01/{day}.csv"), "2012-01-01,4.7\n");
        }
        // What is to be pasted with programs of other languages is run with their clients, in the tests of those.
        let alone =
            |block: &&Block<'_>| !block.says("serves") && !block.says("pasted") && has_what_it_needs(block);
        for block in commands.into_iter().filter(alone) {
            let block = with_container(block, &kusto.container_address());
            let output: CommandOutput = end(start(&mut shell(&block, &folder, &kusto.cluster)));
            assert_eq!(output.code, expected(&block), "{name}:{}: {output:?}", block.line);
            ran += 1;
        }
    }
    assert!(ran > 10, "{ran} blocks ran");
}

/// What an emulator says first, once it serves; it is ended then.
#[cfg(unix)]
fn first_line_served(block: &Block<'_>, folder: &Folder) -> String {
    // On a port of the system's choice, and in the place of the shell, so that a signal reaches it.
    let code = block
        .code
        .replace("--port 8080", "--port 0")
        .replacen("kusto-ingest", "exec kusto-ingest", 1);
    let served = Block {
        code,
        words: block.words.clone(),
        line: block.line,
    };
    let mut child = start(&mut shell(&served, folder, ""));
    let mut first = String::new();
    let mut lines = BufReader::new(child.stdout.take().expect("it is piped"));
    lines.read_line(&mut first).expect("it says that it is ready");
    signal(&child, "-TERM");
    assert_eq!(child.wait().expect("it ends").code(), Some(0), "{first}");
    first
}

#[test]
#[cfg(unix)]
fn every_emulator_of_the_guide_serves() {
    let mut served = 0;
    for name in ["quickstart.md", "emulator.md"] {
        let text = page(name);
        let folder = folder("serves");
        for block in blocks(&text).iter().filter(|block| block.says("serves")) {
            let first = first_line_served(block, &folder);
            let is_tls = block.code.contains("--tls");
            let address = if is_tls {
                "https://localhost:"
            } else {
                "http://localhost:"
            };
            assert!(first.contains(address), "{name}:{}: {first}", block.line);
            served += 1;
        }
    }
    assert_eq!(served, 3);
}

/// A line without what differs from run to run: numbers with their units, ids, and how long the bar is.
fn masked(line: &str) -> String {
    let words = line.trim_start_matches(['█', '░', ' ']).split_whitespace();
    let masked = words.map(|word| {
        let is_id = word.len() == 36 && word.matches('-').count() == 4;
        let is_number = word.starts_with(|c: char| c.is_ascii_digit());
        match word.trim_end_matches([',', ';']) {
            "B" | "KiB" | "MiB" => "BYTES".to_owned(),
            "B/s" | "KiB/s" | "MiB/s" => "BYTES/s".to_owned(),
            seconds if is_seconds(seconds) => "TIME".to_owned(),
            _ if is_id => "ID".to_owned(),
            _ if is_number => "N".to_owned(),
            _ => word.to_owned(),
        }
    });
    masked.collect::<Vec<_>>().join(" ")
}

fn is_seconds(word: &str) -> bool {
    let number = word.strip_suffix('s').unwrap_or_default();
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}

#[test]
#[cfg(unix)]
fn the_picture_of_a_run_shows_what_a_terminal_shows() {
    let picture = page("pictures/run.term");
    let folder = Folder::new("guide/run");
    for day in 1..=4 {
        folder.write(&format!("logs/2012-01-0{day}.csv"), "at,wind\n2012-01-01,4.7\n");
    }
    let command = picture
        .lines()
        .find_map(|line| line.strip_prefix("$ kusto-ingest "));
    let arguments: Vec<&str> = command.expect("something is typed").split(' ').collect();
    let mut command = kusto_ingest(&arguments);
    command.current_dir(folder.path()).env("TERM", "xterm");
    let (code, said) = run_at_terminal(&mut command, 110);
    assert_eq!(code, 0, "{said}");
    let shown: Vec<String> = said.split(['\r', '\n']).map(masked).collect();
    for line in picture.lines().filter(|line| !line.starts_with(['#', '$'])) {
        assert!(shown.contains(&masked(line)), "{line} is not in {shown:#?}");
    }
}

/// A file of this crate's report.
fn source(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/report")
        .join(name);
    fs::read_to_string(path).expect("the sources are beside the tests")
}

#[test]
fn every_state_and_kind_of_a_report_is_in_the_guide() {
    let (states, failures) = (source("outcome.rs"), source("source_failure.rs"));
    let (_, definition) = states.split_once("enum State {\n").expect("it is defined there");
    let (definition, _) = definition.split_once('}').expect("it ends");
    let states = definition
        .lines()
        .filter_map(|line| line.trim().strip_suffix(','));
    let made = [("here(\"", '"'), ("kind: \"", '"')];
    let kinds = made.iter().flat_map(|(before, after)| {
        let places = failures.split(before).skip(1);
        places.filter_map(|rest| rest.split(*after).next())
    });
    let words: Vec<&str> = states.chain(kinds).collect();
    assert!(words.len() > 9, "{words:?}");
    let text = page("exit-codes.md");
    for word in words {
        assert!(
            text.contains(&format!("\n| `{word}` | ")),
            "exit-codes.md has no row of {word}"
        );
    }
}

#[test]
fn every_exit_code_has_a_line_in_the_guide() {
    let source = source("exit.rs");
    let (_, definition) = source.split_once("enum Exit {").expect("it is defined there");
    let (definition, _) = definition.split_once('}').expect("it ends");
    let numbers = definition
        .lines()
        .filter_map(|line| line.trim().strip_suffix(',')?.split_once(" = "));
    let codes: Vec<&str> = numbers.map(|(_, code)| code).collect();
    assert!(codes.len() > 5, "{codes:?}");

    let text = page("exit-codes.md");
    let cells = text
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
    let told: Vec<&str> = cells.filter(|cell| cell.parse::<u8>().is_ok()).collect();
    assert_eq!(told, codes);
}

#[test]
fn every_way_to_sign_in_is_in_the_guide() {
    let help = end(start(&mut kusto_ingest(&["ingest", "--help"]))).out;
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    let (_, list) = help
        .split_once("How to sign in: ")
        .expect("there is such an option");
    let (list, _) = list.split_once(';').expect("the list ends");
    let names: Vec<&str> = list.split(", ").flat_map(|name| name.split(" or ")).collect();
    assert!(names.len() > 5, "{names:?}");
    let text = page("sign-in.md");
    for name in names {
        assert!(
            text.contains(&format!("`{name}`")),
            "sign-in.md says nothing of --auth {name}"
        );
    }
}

#[test]
fn every_option_beside_an_argument_of_lightingest_is_one_of_ours() {
    let helps =
        ["ingest", "direct", "list"].map(|command| end(start(&mut kusto_ingest(&[command, "--help"]))).out);
    let text = page("lightingest.md");
    let rows: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("| `-") || line.starts_with("| the first"))
        .collect();
    assert_eq!(rows.len(), 36, "35 arguments and the connection string");
    for row in rows {
        let ours = row.split('|').nth(3).expect("it has a third cell");
        let options = ours.split(['`', ' ', ',']).filter(|word| word.starts_with("--"));
        for option in options {
            assert!(helps.iter().any(|help| help.contains(option)), "{option}: {row}");
        }
    }
}
