//! Makes a test of every Rust block of the guide: a program, tests, or the body of a function that is given a client.

#[path = "blocks.rs"]
mod blocks;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use blocks::{Block, blocks};

const GUIDE: &str = "../../docs/guide";

/// The addresses that the guide writes, in the place of which an example gets that of its emulator.
const PLACEHOLDERS: [&str; 2] = [
    "\"http://localhost:8080\"",
    "\"https://mycluster.westeurope.kusto.windows.net\"",
];

fn main() {
    println!("cargo::rerun-if-changed={GUIDE}");
    println!("cargo::rerun-if-changed=blocks.rs");
    let mut tests = String::new();
    for page in pages(Path::new(GUIDE)) {
        let text = fs::read_to_string(&page).expect("a page can be read");
        let name = page
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .replace('-', "_");
        for block in blocks(&text).iter().filter(|block| block.is("rust")) {
            let says_nothing = block.words.len() == 1;
            assert!(
                says_nothing,
                "{}:{}: every example runs",
                page.display(),
                block.line
            );
            write_test(&mut tests, &name.to_lowercase(), block);
        }
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo says where"));
    fs::write(out.join("examples.rs"), tests).expect("the tests can be written");
}

fn pages(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("there is a guide");
    let paths = entries.map(|entry| entry.expect("it can be listed").path());
    let mut pages: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|it| it == "md"))
        .collect();
    pages.sort();
    pages
}

fn write_test(tests: &mut String, page: &str, block: &Block<'_>) {
    let name = format!("{page}_line_{}", block.line);
    let code = PLACEHOLDERS.iter().fold(block.code.clone(), |code, address| {
        code.replace(address, "&crate::world::cluster()")
    });
    let written = if code.contains("fn main(") {
        // A program: its `main` ends with an error or does not.
        let main = format!("\n#[test]\nfn {name}_runs() {{ crate::world::program({name}::main); }}\n");
        let code = code
            .replace("async fn main(", "pub async fn main(")
            .replace("\nfn main(", "\npub fn main(");
        writeln!(tests, "mod {name} {{\n{code}}}{main}")
    } else if code.contains("::test]") || code.contains("#[test]") {
        writeln!(tests, "mod {name} {{\n{code}}}")
    } else {
        let body = format!(
            "mod {name} {{ pub async fn run(kusto: ::kusto_ingest::Kusto, properties: ::kusto_ingest::IngestionProperties) \
             -> Result<(), Box<dyn std::error::Error>> {{\n{code}\nOk(())\n}} }}"
        );
        let test = format!("\n#[test]\nfn {name}_runs() {{ crate::world::example({name}::run); }}\n");
        writeln!(tests, "{body}{test}")
    };
    written.expect("text takes all");
}
