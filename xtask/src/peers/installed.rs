//! The clients that are installed, and why others are not.

use std::env;
use std::path::Path;

use anyhow::{Context, Result, bail};
use xshell::{PushEnv, Shell, cmd};

use super::FOLDER;

/// Where the Python client is installed; `cargo clean` removes it.
pub(super) const PYTHON: &str = "target/peers/python";

/// Where the programs of the Go client are built.
const GO: &str = "target/peers/go";

/// Where the class path of the Java client is written.
const JAVA: &str = "target/peers/java-classpath";

/// Where what is compiled of Java lies, beside that.
const JAVA_CLASSES: &str = "target/peers/java-classes";

/// The oldest Go that builds the client, and the oldest Java that runs the programs.
const OLDEST_GO: (u32, u32) = (1, 24);
const OLDEST_JAVA: u32 = 17;

/// Installs the clients of all languages that are there, and names them in the environment.
pub(super) fn install(sh: &Shell) -> Result<Vec<PushEnv<'_>>> {
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

/// A virtual environment's own Python, relative to it.
pub(super) fn program() -> &'static Path {
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
pub(super) fn present(
    subject: &str,
    missing: Option<String>,
    install: impl FnOnce() -> Result<()>,
) -> Result<bool> {
    let Some(why) = missing else {
        install()?;
        return Ok(true);
    };
    println!("{}", skipped(subject, &why, crate::in_ci())?);
    Ok(false)
}

/// What is said about a subject that is not tested; an error in an automated run.
fn skipped(subject: &str, why: &str, is_ci: bool) -> Result<String> {
    if is_ci {
        bail!("the tests of the {subject} cannot run: {why}");
    }
    Ok(format!("SKIPPED: the tests of the {subject}, because {why}"))
}

/// Why the Go client cannot be built.
fn missing_go(sh: &Shell) -> Option<String> {
    // Where the module is: there, an older Go fetches the one that it asks for.
    let _module = sh.push_dir(format!("{FOLDER}/go"));
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

pub(super) fn install_node(sh: &Shell, package: &str) -> Result<()> {
    let _inside = sh.push_dir(Path::new(FOLDER).join(package));
    cmd!(sh, "npm ci --ignore-scripts --loglevel=error")
        .quiet()
        .run()
        .with_context(|| format!("{FOLDER}/{package} cannot be installed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_is_not_there_is_told_of_and_fails_an_automated_run() {
        let why = "it needs Go 1.24, and this is go1.22.3";
        let said = skipped("Go client", why, false).expect("a person may go without");
        assert_eq!(
            said,
            "SKIPPED: the tests of the Go client, because it needs Go 1.24, and this is go1.22.3"
        );
        let error = skipped("Go client", why, true).expect_err("an automated run may not");
        assert_eq!(
            error.to_string(),
            "the tests of the Go client cannot run: it needs Go 1.24, and this is go1.22.3"
        );
    }

    #[test]
    fn versions_are_compared_by_their_numbers() {
        assert_eq!(numbers("go1.24.3"), [1, 24, 3]);
        assert!(numbers("javac 17.0.15") > numbers("javac 8"));
    }
}
