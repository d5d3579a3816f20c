//! What a person reads at a terminal, where results and errors come together.

use crate::setup::command::kusto_ingest;
use crate::setup::folder::Folder;
use crate::setup::kusto::Kusto;
use crate::setup::terminal::{run_at_raw_terminal, run_at_terminal};

const WHY: &str = "the source is empty";

#[test]
fn a_failure_is_printed_once_at_a_terminal() {
    let folder = Folder::new("terminal");
    let (file, empty) = (folder.write("a.csv", "1\n"), folder.write("empty.csv", ""));
    let kusto = Kusto::with(&["D.T(a:long)"]);
    for more in [&[][..], &["--output", "json"], &["--output", "ndjson"]] {
        let arguments = [&["ingest", &*file, &empty, "--wait"], more].concat();
        let (code, said) = run_at_terminal(&mut kusto.command(&arguments), 120);
        assert_eq!((code, said.matches(WHY).count()), (4, 1), "{said}");
        // Where they are read apart, each has it.
        let ran = kusto.tell(&arguments);
        let counts = [&ran.out, &ran.err].map(|text| text.matches(WHY).count());
        assert_eq!((ran.code, counts), (4, [1, 1]), "{ran:?}");
    }
}

#[test]
fn all_that_failed_in_a_long_run_is_listed_at_a_terminal_and_why_is_told_once() {
    let folder = Folder::new("terminal_long");
    for at in 0..30 {
        folder.write(&format!("{at:02}.csv"), if at % 2 == 0 { "" } else { "1\n" });
    }
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let (code, said) = run_at_terminal(&mut kusto.command(&["ingest", folder.path(), "--wait"]), 60);
    assert_eq!((code, said.matches(WHY).count()), (4, 1), "{said}");
    let listed = (0..30).filter(|at| said.contains(&format!("{at:02}.csv  ")));
    assert_eq!(listed.count(), 15, "{said}");
    assert!(
        said.contains("and 14 more") && said.contains("15 succeeded, 15 failed"),
        "{said}"
    );
}

#[test]
fn colours_are_for_terminals_and_no_color_takes_them_away() {
    let red = "\u{1b}[1m\u{1b}[31merror:";
    for (variables, has_colours) in [
        (&[("TERM", "xterm")][..], true),
        (&[("TERM", "xterm"), ("NO_COLOR", "1")], false),
        (&[("TERM", "xterm"), ("NO_COLOR", "")], true),
        (&[("TERM", "dumb")], false),
    ] {
        let mut command = kusto_ingest(&["ingest", "missing.csv", "-d", "D", "-t", "T", "--emulator"]);
        command.envs(variables.iter().copied());
        let (code, said) = run_at_raw_terminal(&mut command, 60);
        assert!(code == 2 && said.contains("failed to find missing.csv"), "{said}");
        let marks = (said.contains(red), said.contains("\u{1b}["));
        assert_eq!(marks, (has_colours, has_colours), "{variables:?}: {said:?}");
        // Help is clap's, and heeds the same.
        let mut command = kusto_ingest(&["--help"]);
        command.envs(variables.iter().copied());
        let (_, said) = run_at_raw_terminal(&mut command, 60);
        assert_eq!(said.contains("\u{1b}["), has_colours, "{variables:?}");
    }
}

#[test]
fn the_live_line_fits_a_narrow_terminal_and_has_a_bar_on_a_wide_one() {
    let folder = Folder::new("terminal_live");
    folder.write("a.csv", "1\n".repeat(200_000));
    folder.write("b.csv", "1\n");
    for columns in [60, 120] {
        let kusto = Kusto::with(&["D.T(a:long)"]);
        let mut command = kusto.command(&["ingest", folder.path(), "--parallel", "1"]);
        let (code, said) = run_at_raw_terminal(command.env("TERM", "xterm"), columns);
        let drawn: Vec<String> = said
            .split(['\r', '\n'])
            .map(crate::setup::terminal::plain)
            .filter(|line| line.contains(" left, "))
            .collect();
        assert!(code == 0 && !drawn.is_empty(), "{said:?}");
        for line in &drawn {
            assert!(line.chars().count() <= columns.into(), "{line:?}");
            assert!(
                line.contains("/s, ") && line.contains(" of 2 sources"),
                "{line:?}"
            );
            assert_eq!(line.contains(" of 390.63 KiB"), columns == 120, "{line:?}");
        }
    }
}

#[test]
fn a_list_and_a_container_read_the_same_at_a_narrow_and_at_a_wide_terminal() {
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let long = format!("{}.csv", "long/".repeat(30));
    for name in [&*long, "short.csv"] {
        kusto.put_blob(name, "1\n");
    }
    let container = kusto.container_address();
    for columns in [60, 120] {
        let (code, said) = run_at_terminal(&mut kusto_ingest(&["list", &container]), columns);
        let lines: Vec<&str> = said.lines().collect();
        assert!(code == 0 && lines[0].starts_with("       bytes"), "{said}");
        assert!(
            lines[1].ends_with(&long) && lines[2].ends_with("/short.csv"),
            "{said}"
        );
        assert_eq!(lines[4], "2 sources; 4 B", "{columns}: {said}");
        let (code, said) = run_at_terminal(&mut kusto.command(&["ingest", &container]), columns);
        assert_eq!(
            (code, said.matches("2 sources into D.T: 2 queued").count()),
            (0, 1),
            "{columns}: {said}"
        );
    }
}
