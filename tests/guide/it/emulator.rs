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

/// The pages that show programs of other languages, and how many files each shows.
const SHOWN: [(&str, usize); 2] = [("emulator.md", 6), ("emulator-fixtures.md", 12)];

#[test]
fn the_programs_of_other_languages_are_those_that_the_tests_run() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (name, count) in SHOWN {
        let text = page(name);
        let mut written = text.clone();
        let shown = files(&text);
        assert_eq!(shown.len(), count, "{name}");
        for (file, code) in shown {
            let program = fs::read_to_string(root.join(file)).expect("the file is there");
            written = written.replace(code, program.trim_end());
        }
        if std::env::var_os("GUIDE").is_some_and(|value| value == "write") {
            fs::write(guide().join(name), &written).expect("it can be written");
        } else {
            assert_eq!(
                written, text,
                "{name} shows other programs; GUIDE=write writes them anew"
            );
        }
    }
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
