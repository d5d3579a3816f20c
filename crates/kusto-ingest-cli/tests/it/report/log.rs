//! What is told while a command runs: the log by `-v`, `--log-file` and `RUST_LOG`, and nothing by `--quiet`.

use std::process::Command;

use crate::setup::command::{CommandOutput, end, start};
use crate::setup::folder::Folder;
use crate::setup::kusto::Kusto;

/// What stands for a token.
const CANARY: &str = "C4NARY-s3cr3t";

fn ran(command: &mut Command) -> CommandOutput {
    end(start(command))
}

/// Whether a log tells that a span of this name has ended.
fn tells(log: &str, span: &str) -> bool {
    let ended = |line: &&str| line.contains("close");
    let names = |line: &str| line.contains(&format!(" {span}{{")) || line.contains(&format!(":{span}{{"));
    log.lines().filter(ended).any(names)
}

#[test]
fn v_shows_the_steps_and_vv_what_they_are_made_of() {
    let folder = Folder::new("verbose");
    let file = folder.write("a.csv", "1\n");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    for (arguments, variable, ingest, post) in [
        (&[][..], None, false, false),
        (&["-v"], None, true, false),
        (&["-vv"], None, true, true),
        (&["--verbose", "--verbose", "-v"], None, true, true),
        (&[], Some("kusto_ingest=info"), true, false),
        (&[], Some("debug,hyper=off"), true, true),
        // The argument goes before the variable.
        (&["-v"], Some("trace"), true, false),
    ] {
        let mut command = kusto.command(&[&["ingest", &*file], arguments].concat());
        if let Some(variable) = variable {
            command.env("RUST_LOG", variable);
        }
        let ran = ran(&mut command);
        assert_eq!(ran.code, 0, "{ran:?}");
        for (span, is_told) in [
            ("ingest", ingest),
            ("upload", post),
            ("post", post),
            ("command", post),
        ] {
            assert_eq!(
                tells(&ran.err, span),
                is_told,
                "{arguments:?} {variable:?} {span}: {ran:?}"
            );
        }
        let says_where = ran.err.contains("table=T") && ran.err.contains("account=");
        assert_eq!(says_where, post, "{ran:?}");
    }
}

#[test]
fn a_log_file_has_it_all_and_standard_error_nothing() {
    let folder = Folder::new("log_file");
    let (file, log) = (folder.write("a.csv", "1\n"), folder.write("kept.log", "before\n"));
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let ran = kusto.tell(&["ingest", &file, "--log-file", &log, "--wait"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    let text = std::fs::read_to_string(&log).expect("it is there");
    assert!(text.starts_with("before\n") && tells(&text, "post"), "{text}");
}

#[test]
fn a_log_that_cannot_be_kept_ends_with_2_and_repeats_no_secret() {
    let folder = Folder::new("log_refused");
    let file = folder.write("a.csv", "1\n");
    let kusto = Kusto::held();
    for path in [folder.path(), "-", "/nowhere/at/all?sig=C4NARY-s3cr3t"] {
        let ran = kusto.tell(&["ingest", &file, "--log-file", path]);
        ran.refused(2, "--log-file");
        assert!(!ran.err.contains(CANARY), "{ran:?}");
    }
    let mut command = kusto.command(&["ingest", &file]);
    let ran = ran(command.env("RUST_LOG", format!("Bearer {CANARY}=loud")));
    ran.refused(2, "RUST_LOG");
    assert!(!ran.err.contains(CANARY), "{ran:?}");
    assert_eq!(kusto.changes(), 0);
}

#[test]
fn no_secret_is_logged_at_any_level_by_any_crate() {
    let folder = Folder::new("log_secrets");
    let file = folder.write("a.csv", "1\n");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let mut secrets = kusto.secrets();
    secrets.push(CANARY.to_owned());
    for command in ["ingest", "stream", "managed", "direct"] {
        let mut command = kusto.command(&[command, &file, "--auth", "token"]);
        let ran = ran(command.env("RUST_LOG", "trace").env("KUSTO_TOKEN", CANARY));
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(tells(&ran.err, "token") && ran.err.contains("TRACE"), "{ran:?}");
        for secret in &secrets {
            assert!(!ran.err.contains(secret.as_str()), "{secret}: {ran:?}");
        }
    }
}

#[test]
fn quiet_leaves_errors_and_results_alone() {
    let folder = Folder::new("quiet");
    let header = folder.write("a.csv", "name,age\nann,1\nbob,2\n");
    let empty = folder.write("empty.csv", "");
    let kusto = Kusto::with(&["D.T(name:string,age:long)"]);
    let loud = kusto.tell(&["ingest", &header, "--wait"]);
    assert!(loud.err.starts_with("warning: the first record of "), "{loud:?}");
    let quiet = kusto.tell(&["ingest", &header, "--wait", "--quiet"]);
    assert_eq!((quiet.code, quiet.err.as_str()), (0, ""), "{quiet:?}");
    assert!(quiet.out.contains("1 succeeded"), "{quiet:?}");
    let failed = kusto.tell(&["-q", "ingest", &empty]);
    assert!(
        failed.code == 5 && failed.err.starts_with("error: "),
        "{failed:?}"
    );
    let both = kusto.tell(&["ingest", &header, "-q", "-v"]);
    both.refused(2, "cannot be used with");
}

#[test]
#[cfg(target_os = "linux")]
fn a_log_that_cannot_be_written_is_told_once() {
    let folder = Folder::new("full_log");
    let file = folder.write("a.csv", "1\n");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let ran = kusto.tell(&["ingest", &file, "-vv", "--log-file", "/dev/full"]);
    let told = "warning: the log is not complete: failed to write to /dev/full";
    assert_eq!((ran.code, ran.err.matches(told).count()), (0, 1), "{ran:?}");
}
