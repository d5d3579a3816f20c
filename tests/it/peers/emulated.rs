//! An emulator for one client of another language: started, given to the client's program, and gone with its files.

use std::path::PathBuf;

use kusto_emulator::{Emulator, EmulatorBuilder, RequestRecord};
use kusto_ingest::properties::{DatabaseName, TableName};
use kusto_ingest_tokio::testing::TestFolder;
use kusto_storage::{BlobName, BlobStore};
use serde_json::Value;
use tokio::process::Command;

use super::program::succeeded;
use crate::setup::folder;

/// An emulator with the table `Peers.T`, and a folder for what a client must find on the disk.
pub(super) struct Emulated {
    emulator: Emulator,
    folder: TestFolder,
}

impl Emulated {
    pub(super) async fn plain() -> Self {
        Self::start(|builder| builder).await
    }

    pub(super) async fn over_tls() -> Self {
        Self::start(EmulatorBuilder::with_tls).await
    }

    /// One that wants a sign-in.
    pub(super) async fn signed_in() -> Self {
        Self::start(|builder| builder.with_tls().with_sign_in()).await
    }

    async fn start(more: impl FnOnce(EmulatorBuilder) -> EmulatorBuilder) -> Self {
        let database = DatabaseName::parse("Peers").expect("a good name");
        let table = TableName::parse("T").expect("a good name");
        let schema = "a:long, b:string".parse().expect("a good schema");
        let builder = Emulator::builder().with_table(database, table, schema);
        let emulator = more(builder).start().await.expect("a free port");
        let folder = folder(&format!("peer-{}", uuid::Uuid::new_v4()));
        folder.write("rows.csv", "1,file\n2,\"a, b\"\n");
        if let Some(authority) = emulator.certificate_authority() {
            folder.write("ca.pem", authority);
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
