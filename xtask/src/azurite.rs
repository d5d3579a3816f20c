//! Azurite on loopback for the length of a test run: installed from the pinned lock file, stopped by its own id.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use xshell::{Shell, cmd};

/// Where the package and its lock file lie.
const FOLDER: &str = "tests/azurite";

/// How long a busy machine may take to start it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Ports are the system's choice, nothing is kept on disk, and nothing is sent to anybody.
const OPTIONS: &[&str] = &[
    "--blobHost=127.0.0.1",
    "--blobPort=0",
    "--queueHost=127.0.0.1",
    "--queuePort=0",
    "--tableHost=127.0.0.1",
    "--tablePort=0",
    "--skipApiVersionCheck",
    "--inMemoryPersistence",
    "--extentMemoryLimit=1024",
    "--disableTelemetry",
    "--silent",
];

/// The services by the word that Azurite prints, and the variable that carries each address to the tests.
const SERVICES: [(&str, &str); 3] = [
    ("Blob", "KUSTO_TEST_AZURITE_BLOB"),
    ("Queue", "KUSTO_TEST_AZURITE_QUEUE"),
    ("Table", "KUSTO_TEST_AZURITE_TABLE"),
];

/// A running Azurite. Dropping it stops the process, and so does the death of this one.
#[derive(Debug)]
pub(crate) struct Azurite {
    process: Child,
    addresses: Vec<(&'static str, String)>,
}

impl Azurite {
    /// Installs what the lock file pins, unless it lies there already, and waits until all three services listen.
    pub(crate) fn start(sh: &Shell) -> Result<Self> {
        install(sh)?;
        let program = sh
            .current_dir()
            .join(FOLDER)
            .join("node_modules/azurite/dist/src/azurite.js");
        let mut process = Command::new("node")
            .arg(program)
            .args(OPTIONS)
            .current_dir(sh.current_dir())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("Azurite does not start")?;
        let stdout = process.stdout.take().context("the output is piped")?;
        let mut started = Self {
            process,
            addresses: Vec::new(),
        };
        let (sender, lines) = mpsc::channel();
        // The reader lives as long as the process: a full pipe would stop Azurite in the middle of a test.
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let _closed_once_all_listen = sender.send(line);
            }
        });
        while started.addresses.len() < SERVICES.len() {
            let line = lines
                .recv_timeout(PATIENCE)
                .context("Azurite did not say where it listens")?;
            started.addresses.extend(listening(&line));
        }
        Ok(started)
    }

    /// The environment of the tests: a variable and an address per service.
    pub(crate) fn addresses(&self) -> &[(&'static str, String)] {
        &self.addresses
    }
}

impl Drop for Azurite {
    fn drop(&mut self) {
        // Both fail only if the process has ended by itself.
        let _already_gone = self.process.kill();
        let _already_gone = self.process.wait();
    }
}

/// Why Azurite cannot run here, if it cannot: it needs Node.
pub(crate) fn missing(sh: &Shell) -> Option<String> {
    ["node", "npm"]
        .into_iter()
        .find(|program| {
            cmd!(sh, "{program} --version")
                .quiet()
                .ignore_stderr()
                .read()
                .is_err()
        })
        .map(|program| format!("there is no `{program}` on this machine"))
}

fn install(sh: &Shell) -> Result<()> {
    let folder = sh.current_dir().join(FOLDER);
    let pinned = version(
        &folder.join("package-lock.json"),
        "/packages/node_modules~1azurite/version",
    )?;
    let installed = version(&folder.join("node_modules/azurite/package.json"), "/version");
    if installed.is_ok_and(|installed| installed == pinned) {
        return Ok(());
    }
    println!("installing Azurite {pinned} from {FOLDER}/package-lock.json");
    let _inside = sh.push_dir(FOLDER);
    cmd!(sh, "npm ci --ignore-scripts --loglevel=error")
        .quiet()
        .run()
        .context("Azurite cannot be installed")
}

fn version(file: &Path, pointer: &str) -> Result<String> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let json: Value = serde_json::from_str(&text)?;
    match json.pointer(pointer).and_then(Value::as_str) {
        Some(version) => Ok(version.to_owned()),
        None => bail!("{} names no version of azurite", file.display()),
    }
}

/// The variable and its value, from `Azurite Blob service is successfully listening at http://127.0.0.1:37429`.
fn listening(line: &str) -> Option<(&'static str, String)> {
    let (service, address) = line
        .strip_prefix("Azurite ")?
        .split_once(" service is successfully listening at ")?;
    let (_, variable) = SERVICES.iter().find(|(name, _)| *name == service)?;
    Some((variable, format!("{}/devstoreaccount1", address.trim())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_service_that_listens_has_an_address() {
        let address = |url: &str| format!("{url}/devstoreaccount1");
        assert_eq!(
            listening("Azurite Queue service is successfully listening at http://127.0.0.1:43957"),
            Some(("KUSTO_TEST_AZURITE_QUEUE", address("http://127.0.0.1:43957")))
        );
        assert_eq!(
            listening("Azurite Blob service is starting at http://127.0.0.1:0"),
            None
        );
        assert_eq!(listening("In-memory extent storage is enabled"), None);
    }
}
