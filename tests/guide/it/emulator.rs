//! The page about the emulator: its programs are the files that the tests of the published clients run, and its presets
//! are those of the code.

use std::fs;
use std::path::Path;

use kusto_emulator::FaultPreset;

use crate::page::{guide, page};

/// What is between a comment that names a file and the end of the block under it.
fn files(page: &str) -> Vec<(&str, &str)> {
    let parts = page.split("<!-- file: ").skip(1);
    let blocks = parts.filter_map(|part| {
        let (file, rest) = part.split_once(" -->\n```")?;
        let (_, code) = rest.split_once('\n')?;
        Some((file, code.split_once("\n```").map_or(code, |(code, _)| code)))
    });
    blocks.collect()
}

#[test]
fn the_programs_of_other_languages_are_those_that_the_tests_run() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut page = page("emulator.md");
    let shown: Vec<(String, String)> = files(&page)
        .iter()
        .map(|(file, code)| ((*file).to_owned(), (*code).to_owned()))
        .collect();
    assert_eq!(shown.len(), 4, "Python, Node, Java and Go");
    let mut is_other = false;
    for (file, code) in shown {
        let text = fs::read_to_string(root.join(&file)).expect("the file is there");
        is_other |= text.trim_end() != code;
        page = page.replace(&code, text.trim_end());
    }
    if is_other && std::env::var_os("GUIDE").is_some_and(|value| value == "write") {
        fs::write(guide().join("emulator.md"), &page).expect("it can be written");
        is_other = false;
    }
    assert!(
        !is_other,
        "emulator.md shows other programs; GUIDE=write writes them anew"
    );
}

#[test]
fn every_preset_of_a_fault_is_told() {
    let page = page("emulator.md");
    for preset in FaultPreset::ALL {
        assert!(
            page.contains(&format!("\n| `{preset}` |")),
            "emulator.md does not tell {preset}"
        );
    }
}
