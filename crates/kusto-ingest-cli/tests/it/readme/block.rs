//! The blocks of code in the READMEs of the workspace, and the commands in them.

use std::path::Path;

/// A block between two fences.
#[derive(Debug)]
pub(super) struct Block {
    /// Its file, from the root of the workspace.
    pub(super) readme: String,
    /// What follows the first fence.
    pub(super) language: String,
    pub(super) text: String,
}

/// All blocks of all READMEs, in their order.
pub(super) fn all() -> Vec<Block> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let crates = root.join("crates").read_dir().expect("it is there");
    // A folder of crates that are built apart is none itself.
    let folders = crates.map(|entry| entry.expect("it can be read"));
    let names = folders
        .filter(|folder| folder.path().join("Cargo.toml").is_file())
        .map(|folder| folder.file_name());
    let mut readmes: Vec<String> = names
        .map(|name| format!("crates/{}/README.md", name.to_string_lossy()))
        .collect();
    readmes.push("README.md".to_owned());
    readmes.sort();
    let read = |readme: &String| {
        let text = std::fs::read_to_string(root.join(readme));
        blocks(readme, &text.unwrap_or_else(|error| panic!("{readme}: {error}")))
    };
    readmes.iter().flat_map(read).collect()
}

fn blocks(readme: &str, text: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(language) = line.strip_prefix("```") else {
            continue;
        };
        let inside: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        found.push(Block {
            readme: readme.to_owned(),
            language: language.to_owned(),
            text: inside.join("\n"),
        });
    }
    found
}

impl Block {
    /// Whether it is in the documentation of a library, all of whose blocks are its tests.
    pub(super) fn is_of_a_documented_library(&self) -> bool {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let library = self.readme.replace("README.md", "src/lib.rs");
        let text = std::fs::read_to_string(root.join(library)).unwrap_or_default();
        text.starts_with("#![doc = include_str!(\"../README.md\")]")
    }

    /// Its lines of shell, as words. A line goes on after a backslash.
    pub(super) fn commands(&self) -> Vec<Vec<String>> {
        let whole = self.text.replace("\\\n", " ");
        whole
            .lines()
            .map(words)
            .filter(|words| !words.is_empty())
            .collect()
    }
}

/// The words of a line, of which one may be in quotes; what follows a `#` is a comment.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (number, part) in line.split('\'').enumerate() {
        if number % 2 == 1 {
            words.push(part.to_owned());
            continue;
        }
        let (code, is_over) = match part.split_once('#') {
            Some((code, _)) => (code, true),
            None => (part, false),
        };
        words.extend(code.split_whitespace().map(str::to_owned));
        if is_over {
            break;
        }
    }
    words
}

#[test]
fn blocks_and_words_are_read_as_they_stand() {
    let readme = "A\n```sh\nq 'a | b' \\\n    -d D # says so\n\n```\nB\n```\nx\n```\n";
    let found = blocks("README.md", readme);
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].language.as_str(), found[1].text.as_str()), ("sh", "x"));
    assert_eq!(found[0].commands(), [["q", "a | b", "-d", "D"]]);
}
