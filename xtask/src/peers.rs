//! What others publish, pinned: their clients against the emulator, and Microsoft's parser on our commands and queries.

mod installed;

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use xshell::{Shell, cmd};

use self::installed::{PYTHON, install, install_node, present, program};

/// Where the scripts and the pinned versions lie.
const FOLDER: &str = "tests/peers";

/// Installs the clients and runs the tests that need them.
pub(crate) fn run(sh: &Shell) -> Result<()> {
    let root = sh.current_dir();
    let _clients = install(sh)?;
    cmd!(sh, "cargo build --quiet --package kusto-ingest-cli").run()?;
    let _command = sh.push_env("KUSTO_TEST_COMMAND", command(&root));
    let browser = browser(sh);
    let missing = browser.is_none().then(|| "there is no Chromium".to_owned());
    let _page = present("browser", missing, || install_node(sh, "page"))?
        .then(|| sh.push_env("KUSTO_TEST_PAGE", root.join(FOLDER).join("page")));
    let _browser = browser.map(|program| sh.push_env("KUSTO_TEST_BROWSER", program));
    read_commands(sh)?;
    read_queries(sh)?;
    cmd!(sh, "cargo test --package kusto-ingest-tests --test it peers::").run()?;
    if crate::native::can_be_built()? {
        let members = "compression::peers::";
        cmd!(
            sh,
            "cargo test --package kusto-ingest-tests --features isal --test it {members}"
        )
        .run()?;
    }
    beside_duckdb(sh)
}

/// Installs the clients, and prints what an ingestion costs with each.
pub(crate) fn bench(sh: &Shell, turns: &[&str]) -> Result<()> {
    let _clients = install(sh)?;
    let _without = sh.push_env("RUST_BACKTRACE", "0");
    Ok(cmd!(
        sh,
        "cargo bench --package kusto-ingest-tests --bench peers -- {turns...}"
    )
    .run()?)
}

/// Prints what queries over a million rows take, as ratios to DuckDB on the same rows.
fn beside_duckdb(sh: &Shell) -> Result<()> {
    let python = Path::new(PYTHON).join(program());
    let script = Path::new(FOLDER).join("python/duckdb_queries.py");
    let taken = cmd!(sh, "{python} {script}").quiet().read();
    let taken = taken.context("DuckDB does not answer")?;
    let _taken = sh.push_env("KUSTO_BENCH_DUCKDB", taken);
    Ok(cmd!(sh, "cargo bench --package kusto-fake --bench queries").run()?)
}

/// Has Microsoft's own parser read every command of direct ingestion.
fn read_commands(sh: &Shell) -> Result<()> {
    install_node(sh, "grammar")?;
    let corpus = cmd!(
        sh,
        "cargo run --quiet --package kusto-ingest-direct --example corpus"
    )
    .quiet()
    .read()?;
    let check = Path::new(FOLDER).join("grammar/check.cjs");
    cmd!(sh, "node {check}")
        .stdin(corpus)
        .quiet()
        .run()
        .context("Microsoft's parser refuses a command")
}

/// Has Microsoft's own parser read the corpus of queries, and say what columns each has.
fn read_queries(sh: &Shell) -> Result<()> {
    let check = Path::new(FOLDER).join("grammar/queries.cjs");
    let tests = Path::new("crates/kusto-query/tests");
    cmd!(sh, "node {check} {tests}")
        .quiet()
        .run()
        .context("Microsoft's parser refuses a query of the corpus, or sees other columns")
}

/// The command that is built, which tests of other languages start.
fn command(root: &Path) -> PathBuf {
    let target =
        env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |folder| root.join(folder));
    target
        .join("debug")
        .join(format!("kusto-ingest{}", env::consts::EXE_SUFFIX))
}

/// The program of a browser, by the names that it has.
fn browser(sh: &Shell) -> Option<&'static str> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    names.into_iter().find(|name| {
        let version = cmd!(sh, "{name} --version");
        version.quiet().ignore_stderr().ignore_stdout().run().is_ok()
    })
}
