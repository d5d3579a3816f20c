//! What others publish, pinned: their clients against the emulator, and Microsoft's parser on our commands and queries.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use xshell::{PushEnv, Shell, cmd};

/// Where the scripts and the pinned versions lie.
const FOLDER: &str = "tests/peers";

/// Where the Python client is installed; `cargo clean` removes it.
const PYTHON: &str = "target/peers/python";

/// Where the programs of the Go client are built.
const GO: &str = "target/peers/go";

/// Where the class path of the Java client is written.
const JAVA: &str = "target/peers/java-classpath";

/// Where what is compiled of Java lies, beside that.
const JAVA_CLASSES: &str = "target/peers/java-classes";

/// The oldest Go that builds the client, and the oldest Java that runs the programs.
const OLDEST_GO: (u32, u32) = (1, 24);
const OLDEST_JAVA: u32 = 17;

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

/// Installs the clients of all languages that are there, and names them in the environment.
fn install(sh: &Shell) -> Result<Vec<PushEnv<'_>>> {
    let root = sh.current_dir();
    install_python(sh)?;
    install_node(sh, "node")?;
    let mut named = vec![
        sh.push_env("KUSTO_TEST_PYTHON", root.join(PYTHON).join(program())),
        sh.push_env("KUSTO_TEST_NODE_PEER", root.join(FOLDER).join("node")),
    ];
    if present("Go client", missing_go(sh), || install_go(sh))? {
        named.push(sh.push_env("KUSTO_TEST_GO_PEER", root.join(GO)));
    }
    if present("Java client", missing_java(sh), || install_java(sh))? {
        named.push(sh.push_env("KUSTO_TEST_JAVA_PEER", root.join(JAVA)));
    }
    Ok(named)
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

/// Whether a subject can be tested; an automated run must be able to.
fn present(subject: &str, missing: Option<String>, install: impl FnOnce() -> Result<()>) -> Result<bool> {
    let Some(why) = missing else {
        install()?;
        return Ok(true);
    };
    if crate::in_ci() {
        bail!("the tests of the {subject} cannot run: {why}");
    }
    println!("SKIPPED: the tests of the {subject}, because {why}");
    Ok(false)
}

/// Why the Go client cannot be built.
fn missing_go(sh: &Shell) -> Option<String> {
    let Ok(version) = cmd!(sh, "go env GOVERSION").quiet().ignore_stderr().read() else {
        return Some("there is no go".to_owned());
    };
    let numbers = numbers(&version);
    let is_new = numbers.first().zip(numbers.get(1)) >= Some((&OLDEST_GO.0, &OLDEST_GO.1));
    (!is_new).then(|| {
        format!(
            "it needs Go {}.{}, and this is {version}",
            OLDEST_GO.0, OLDEST_GO.1
        )
    })
}

/// Why the Java client cannot be run.
fn missing_java(sh: &Shell) -> Option<String> {
    let Ok(version) = cmd!(sh, "javac -version").quiet().ignore_stderr().read() else {
        return Some("there is no javac, or an old one".to_owned());
    };
    if numbers(&version).first() < Some(&OLDEST_JAVA) {
        return Some(format!("it needs JDK {OLDEST_JAVA}, and this is {version}"));
    }
    let maven = cmd!(sh, "mvn --version")
        .quiet()
        .ignore_stderr()
        .ignore_stdout()
        .run();
    maven.is_err().then(|| "there is no mvn".to_owned())
}

/// The program of a browser, by the names that it has.
fn browser(sh: &Shell) -> Option<&'static str> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    names.into_iter().find(|name| {
        let version = cmd!(sh, "{name} --version");
        version.quiet().ignore_stderr().ignore_stdout().run().is_ok()
    })
}

/// The numbers in a version.
fn numbers(version: &str) -> Vec<u32> {
    let numbers = version.split(|letter: char| !letter.is_ascii_digit());
    numbers.filter_map(|number| number.parse().ok()).collect()
}

/// Builds the Go client; `go.sum` pins what it is made of.
fn install_go(sh: &Shell) -> Result<()> {
    let program = sh.current_dir().join(GO);
    sh.create_dir(&program)?;
    let _inside = sh.push_dir(Path::new(FOLDER).join("go"));
    cmd!(sh, "go build -mod=readonly -o {program}/ ./...")
        .quiet()
        .run()
        .context("the Go client cannot be built")?;
    cmd!(sh, "go test -mod=readonly -c -o {program}/fixture.test ./fixture")
        .quiet()
        .run()
        .context("the fixture for Go cannot be built")
}

/// Fetches the Java client, and makes sure that it is made of what is pinned.
fn install_java(sh: &Shell) -> Result<()> {
    let written = sh.current_dir().join(JAVA);
    let inside = sh.push_dir(Path::new(FOLDER).join("java"));
    cmd!(
        sh,
        "mvn --quiet --batch-mode dependency:build-classpath -Dmdep.outputFile={written}"
    )
    .quiet()
    .run()
    .context("the Java client cannot be fetched")?;
    let pinned = sh.read_file("dependencies.txt")?;
    drop(inside);
    let classpath = sh.read_file(&written)?;
    let mut found: Vec<String> = env::split_paths(classpath.trim())
        .filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()))
        .collect();
    found.sort_unstable();
    if found.join("\n") != pinned.trim_end() {
        bail!(
            "the Java client is made of other libraries than dependencies.txt pins:\n{}",
            found.join("\n")
        );
    }
    let (program, libraries) = (Path::new(FOLDER).join("java/bench/Bench.java"), classpath.trim());
    cmd!(sh, "javac -cp {libraries} -d {JAVA_CLASSES} {program}")
        .quiet()
        .run()
        .context("the benchmark of the Java client cannot be compiled")
}

fn install_node(sh: &Shell, package: &str) -> Result<()> {
    let _inside = sh.push_dir(Path::new(FOLDER).join(package));
    cmd!(sh, "npm ci --ignore-scripts --loglevel=error")
        .quiet()
        .run()
        .with_context(|| format!("{FOLDER}/{package} cannot be installed"))
}
