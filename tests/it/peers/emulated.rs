//! An emulator for one client of another language: started, given to the client's program, and gone with its files.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use kusto_emulator::{Emulator, EmulatorBuilder, RequestRecord};
use kusto_ingest::properties::{DatabaseName, TableName};
use kusto_storage::{BlobName, BlobStore};
use serde_json::Value;
use tokio::process::Command;

/// Where a client is installed, or nothing where `cargo xtask test --peers` did not install it.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
pub(crate) fn installed(variable: &str) -> Option<PathBuf> {
    let path = env::var_os(variable).map(PathBuf::from);
    if path.is_none() {
        eprintln!(
            "SKIPPED: {variable} is not set; `cargo xtask test --peers` installs the client and sets it"
        );
    }
    path
}

/// How long a program may take, its compilers included.
const PATIENCE: Duration = Duration::from_secs(300);

/// Runs a program of another language, which has to succeed; what it said.
pub(super) async fn succeeded(mut command: Command) -> String {
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output();
    let output = tokio::time::timeout(PATIENCE, output).await;
    let output = output
        .unwrap_or_else(|_| panic!("{:?} takes more than {PATIENCE:?}", command.as_std()))
        .expect("it starts");
    let (said, complained) = (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{said}\n{complained}");
    said
}

/// What `PATH` must be for these programs to be found by their names, before all others.
pub(super) fn beside(programs: &[&Path]) -> OsString {
    let known = env::var_os("PATH").unwrap_or_default();
    let folders = programs.iter().filter_map(|program| program.parent());
    let folders = folders.map(Path::to_owned).chain(env::split_paths(&known));
    env::join_paths(folders).expect("no folder has the separator in its name")
}

/// An emulator with the table `Peers.T`, and a folder for what a client must find on the disk.
pub(super) struct Emulated {
    emulator: Emulator,
    folder: PathBuf,
}

impl Emulated {
    pub(super) async fn plain() -> Self {
        Self::start(|builder| builder).await
    }

    pub(super) async fn over_tls() -> Self {
        Self::start(EmulatorBuilder::with_tls).await
    }

    async fn start(more: impl FnOnce(EmulatorBuilder) -> EmulatorBuilder) -> Self {
        let database = DatabaseName::parse("Peers").expect("a good name");
        let table = TableName::parse("T").expect("a good name");
        let schema = "a:long, b:string".parse().expect("a good schema");
        let builder = Emulator::builder().with_table(database, table, schema);
        let emulator = more(builder).start().await.expect("a free port");
        let folder = env::temp_dir().join(format!("kusto-ingest-peer-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir(&folder).expect("a folder for the client");
        std::fs::write(folder.join("rows.csv"), "1,file\n2,\"a, b\"\n").expect("a file for the client");
        if let Some(authority) = emulator.certificate_authority() {
            std::fs::write(folder.join("ca.pem"), authority).expect("a file for the client");
        }
        Self { emulator, folder }
    }

    pub(super) fn cluster(&self) -> String {
        self.emulator.cluster()
    }

    /// The file with the certificate that a client must believe.
    pub(super) fn authority(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// The same as Java keeps it.
    pub(super) async fn java_trust_store(&self) -> PathBuf {
        let store = self.folder.join("trust.p12");
        let mut command = Command::new("keytool");
        command
            .args(["-importcert", "-noprompt", "-alias", "emulator"])
            .args(["-storetype", "PKCS12", "-storepass", "changeit"])
            .arg("-file")
            .arg(self.authority())
            .arg("-keystore")
            .arg(&store);
        succeeded(command).await;
        store
    }

    /// The address of a blob with a row.
    async fn blob(&self) -> String {
        let fake = self.emulator.fake();
        let container = fake.issued_resources().expect("it issues").containers[0].clone();
        let name = BlobName::parse("peer.csv").expect("a name");
        fake.storage()
            .put(&container, &name, "7,blob\n".into())
            .await
            .expect("it is taken");
        container.blob(&name).expect("an address").expose().to_owned()
    }

    /// The latest requests.
    pub(super) fn requests(&self) -> Vec<RequestRecord> {
        self.emulator.requests()
    }

    /// What a client's program prints last, which ingests into the table.
    pub(super) async fn run(&self, mut command: Command) -> Value {
        command
            .arg(self.emulator.cluster())
            .args(["Peers", "T"])
            .arg(self.folder.join("rows.csv"))
            .arg(self.blob().await);
        let said = succeeded(command).await;
        let last = said.lines().last().unwrap_or_default();
        serde_json::from_str(last).unwrap_or_else(|_| panic!("no JSON: {said}"))
    }
}

impl Drop for Emulated {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
    }
}
