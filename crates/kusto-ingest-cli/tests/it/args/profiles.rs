//! Profiles, and what is made of the definition of the arguments: completions and manual pages.

use crate::setup::command::{end, kusto_ingest, run, start};
use crate::setup::folder::Folder;
use crate::setup::kusto::Kusto;

#[test]
fn a_profile_names_cluster_database_and_table_and_arguments_go_before_it() {
    let folder = Folder::new("profiles");
    let file = folder.write("a.csv", "1\n");
    let kusto = Kusto::with(&["D.T(a:long)", "D.U(a:long)"]);
    let text = format!(
        "[here]\ncluster = \"{}\"\ndatabase = \"D\"\ntable = \"T\"\n",
        kusto.cluster
    );
    let config = folder.write("profiles.toml", text);
    let by_profile = ["--config", &config, "--profile", "here", "--wait"];
    let ran = run(&[&["ingest", &*file], &by_profile[..]].concat());
    assert!(ran.code == 0 && ran.out.contains("into D.T"), "{ran:?}");
    let ran = run(&[&["ingest", &*file, "-t", "U"], &by_profile[..]].concat());
    assert!(ran.code == 0 && ran.out.contains("into D.U"), "{ran:?}");

    run(&["ingest", &file, "--config", &config, "--profile", "there"]).refused(2, "it has: here");
    run(&["ingest", &file, "--config", &config]).refused(2, "--profile");
    let at_home = |settings: &str| {
        let mut ingest = kusto_ingest(&["ingest", &file, "--profile", "here", "--wait"]);
        end(start(
            ingest.env("XDG_CONFIG_HOME", settings).env("APPDATA", settings),
        ))
    };
    at_home(&format!("{}/none", folder.path())).refused(2, "KUSTO_CONFIG");
    std::fs::create_dir_all(format!("{}/kusto-ingest", folder.path())).expect("it can be made");
    std::fs::copy(&config, format!("{}/kusto-ingest/config.toml", folder.path())).expect("it can be copied");
    let ran = at_home(folder.path());
    assert!(ran.code == 0 && ran.out.contains("into D.T"), "{ran:?}");
}

#[test]
fn every_shell_has_its_completions() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = run(&["completions", shell]);
        let names_all = ["kusto-ingest", "lightingest", "creation-time-pattern"];
        assert!(
            ran.code == 0 && names_all.iter().all(|name| ran.out.contains(name)),
            "{shell}"
        );
    }
}

#[test]
fn every_command_has_a_manual_page_made_of_its_help() {
    let all = run(&["man"]);
    let help = run(&["--help"]);
    let commands = help.out.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands: Vec<&str> = commands
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|name| !name.is_empty() && *name != "help")
        .collect();
    assert!(commands.len() > 12, "{commands:?}");
    for name in &commands {
        assert!(
            all.out
                .contains(&format!("kusto\\-ingest\\-{}(1)", name.replace('-', "\\-"))),
            "{name}: {all:?}"
        );
    }
    let page = run(&["man", "ingest"]);
    let parts = [
        ".TH kusto-ingest-ingest 1",
        ".SH SYNOPSIS",
        "creation\\-time\\-pattern",
        "Exit codes",
    ];
    for part in parts {
        assert!(page.out.contains(part), "{part}: {page:?}");
    }
    run(&["man", "nonsense"]).refused(2, "there are ingest, list");
}
