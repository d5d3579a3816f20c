//! What others publish, pinned: their clients against the emulator, and Microsoft's parser on our commands and queries.

use std::path::Path;

use anyhow::{Context, Result};
use xshell::{Shell, cmd};

/// Where the scripts and the pinned versions lie.
const FOLDER: &str = "tests/peers";

/// Where the Python client is installed; `cargo clean` removes it.
const PYTHON: &str = "target/peers/python";

/// Installs both clients and runs the tests that need them.
pub(crate) fn run(sh: &Shell) -> Result<()> {
    let root = sh.current_dir();
    install_python(sh)?;
    install_node(sh, "node")?;
    let _python = sh.push_env("KUSTO_TEST_PYTHON", root.join(PYTHON).join(program()));
    let _node = sh.push_env("KUSTO_TEST_NODE_PEER", root.join(FOLDER).join("node"));
    read_commands(sh)?;
    read_queries(sh)?;
    cmd!(sh, "cargo test --package kusto-ingest-tests --test it peers::").run()?;
    beside_duckdb(sh)
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

/// A virtual environment's own Python, relative to it.
fn program() -> &'static Path {
    Path::new(if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    })
}

fn install_python(sh: &Shell) -> Result<()> {
    let python = Path::new(PYTHON).join(program());
    cmd!(sh, "python3 -m venv {PYTHON}")
        .quiet()
        .run()
        .context("the Python client needs python3 with venv")?;
    let pinned = Path::new(FOLDER).join("python/requirements.txt");
    cmd!(
        sh,
        "{python} -m pip install --quiet --disable-pip-version-check --no-deps --requirement {pinned}"
    )
    .quiet()
    .run()
    .context("the Python client cannot be installed")
}

fn install_node(sh: &Shell, package: &str) -> Result<()> {
    let _inside = sh.push_dir(Path::new(FOLDER).join(package));
    cmd!(sh, "npm ci --ignore-scripts --loglevel=error")
        .quiet()
        .run()
        .with_context(|| format!("{FOLDER}/{package} cannot be installed"))
}
