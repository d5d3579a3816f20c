//! Kustos for the command, each with a table `D.T` as most tests have it.

use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kusto_emulator::{Emulator, EmulatorBuilder};
use kusto_ingest::storage::{BlobName, ResourceUri};
use kusto_ingest::testing::{BlobWrite, MemoryStorage, OnConflict, ResourcePath};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::setup::command::{CommandOutput, end, feed, kusto_ingest, run, start};

const EMBEDDED: [&str; 7] = ["--emulator", "-d", "D", "-t", "T", "--output", "json"];

/// A Kusto in this process, beside the command.
pub(crate) struct Kusto {
    pub(crate) emulator: Emulator,
    pub(crate) cluster: String,
    runtime: Runtime,
}

impl Kusto {
    /// One with tables such as `D.T(a:long)`.
    pub(crate) fn with(tables: &[&str]) -> Self {
        Self::of(tables.iter().fold(Emulator::builder(), |builder, table| {
            let (name, columns) = table.split_at(table.find('(').expect("it has columns"));
            let (database, table) = name.split_once('.').expect("it has a database");
            builder.with_table(
                database.try_into().expect("it is a name"),
                table.try_into().expect("it is a name"),
                columns.parse().expect("they are columns"),
            )
        }))
    }

    /// One with a database `D`, whose queue keeps what is in it.
    pub(crate) fn held() -> Self {
        Self::of(
            Emulator::builder()
                .with_database("D".try_into().expect("it is a name"))
                .with_ingestion_paused(),
        )
    }

    pub(crate) fn of(builder: EmulatorBuilder) -> Self {
        let runtime = Runtime::new().expect("there are threads");
        let emulator = runtime.block_on(builder.start()).expect("there is a port");
        Self {
            cluster: emulator.cluster(),
            emulator,
            runtime,
        }
    }

    /// Waits until the queues are empty and worked off.
    pub(crate) fn drained(&self) {
        self.runtime.block_on(self.emulator.drained());
    }

    /// How many requests changed something: put a blob, a row or a message.
    pub(crate) fn changes(&self) -> usize {
        let requests = self.emulator.requests();
        let storage = requests
            .iter()
            .filter(|request| request.path.contains("devstoreaccount1"));
        storage.filter(|request| request.method != "GET").count()
    }

    /// Puts a blob into a container that is issued, and gives its address, SAS included.
    pub(crate) fn put_blob(&self, name: &str, body: &'static str) -> String {
        let (storage, container) = self.container();
        storage
            .put_blob(
                &ResourcePath::from(&container),
                name,
                body.into(),
                &BlobWrite::new(OnConflict::Replace),
            )
            .expect("memory takes it");
        let name = BlobName::parse(name).expect("it is a name");
        container
            .blob(&name)
            .expect("it is an address")
            .expose()
            .to_owned()
    }

    /// The address of the container that blobs are put into, SAS included.
    pub(crate) fn container_address(&self) -> String {
        self.container().1.expose().to_string()
    }

    /// What it issues that is secret: its identity token, and the signatures of its containers and queues, in both spellings.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let fake = self.emulator.fake();
        let mut secrets = vec![fake.identity_token().expose().to_owned()];
        let issued = fake.issued_resources().expect("it issues");
        for resource in [issued.containers, issued.queues].concat() {
            let address = resource.expose();
            let spelled = address.query().into_iter().flat_map(|query| query.split('&'));
            secrets.extend(
                spelled
                    .filter_map(|pair| pair.strip_prefix("sig="))
                    .map(str::to_owned),
            );
            let pairs = address.query_pairs().filter(|(name, _)| name == "sig");
            secrets.extend(pairs.map(|(_, value)| value.into_owned()));
        }
        secrets
    }

    pub(crate) fn has_blob(&self, name: &str) -> bool {
        let (storage, container) = self.container();
        storage.blob(&ResourcePath::from(&container), name).is_ok()
    }

    fn container(&self) -> (&MemoryStorage, ResourceUri) {
        let fake = self.emulator.fake();
        (
            fake.storage(),
            fake.issued_resources().expect("it issues").containers[0].clone(),
        )
    }

    /// A command into `D.T` of it.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let name = "they are names";
        let (database, table) = ("D".try_into().expect(name), "T".try_into().expect(name));
        let is_missing = self.emulator.fake().schema(&database, &table).is_none();
        // What becomes of sources whose table is missing is told by the service, and no sooner.
        let more: &[&str] = match arguments.first() {
            Some(&"ingest") if is_missing => &["--no-preflight"],
            _ => &[],
        };
        kusto_ingest(
            &[
                arguments,
                more,
                &["--cluster", &self.cluster, "-d", "D", "-t", "T"],
            ]
            .concat(),
        )
    }

    /// What a command into `D.T` says in JSON.
    pub(crate) fn run(&self, arguments: &[&str]) -> CommandOutput {
        self.tell(&[arguments, &["--output", "json"]].concat())
    }

    /// What a command into `D.T` says to people.
    pub(crate) fn tell(&self, arguments: &[&str]) -> CommandOutput {
        end(start(&mut self.command(arguments)))
    }

    /// What a command into `D.T` says in JSON, with something on its standard input.
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &[u8]) -> CommandOutput {
        let arguments = [arguments, &["--output", "json"]].concat();
        feed(&mut self.command(&arguments), input)
    }

    /// The only message that is in a queue.
    pub(crate) fn message(&self) -> Value {
        let issued = self.emulator.fake().issued_resources().expect("it issues");
        let storage = self.emulator.fake().storage();
        let all = issued.queues.iter().flat_map(|queue| {
            let messages = storage.peek_messages(&ResourcePath::from(queue), 32);
            messages.expect("the queue is there")
        });
        let texts: Vec<String> = all.map(|message| message.text).collect();
        assert_eq!(texts.len(), 1, "one source, one message");
        let json = STANDARD.decode(&texts[0]).expect("messages are base64");
        serde_json::from_slice(&json).expect("messages are JSON")
    }

    /// The tags of the only extent of `D.T`.
    pub(crate) fn tags(&self) -> Vec<String> {
        let name = "they are names";
        let (database, table) = ("D".try_into().expect(name), "T".try_into().expect(name));
        let extents = self.emulator.fake().extents(&database, &table);
        assert_eq!(extents.len(), 1);
        extents[0].tags.clone()
    }

    /// The rows of `D.T`, as `query` shows them.
    pub(crate) fn rows(&self) -> Value {
        self.query("D", "T")["rows"].clone()
    }

    pub(crate) fn query(&self, database: &str, query: &str) -> Value {
        let of = ["--cluster", &self.cluster, "-d", database, "--output", "json"];
        let ran = run(&[&["query", query], &of[..]].concat());
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.json()
    }
}

/// What a command into `D.T` of an embedded Kusto says in JSON.
pub(crate) fn embedded(arguments: &[&str]) -> CommandOutput {
    run(&[arguments, &EMBEDDED].concat())
}

/// The same, with something on its standard input.
pub(crate) fn embedded_with_input(arguments: &[&str], input: &[u8]) -> CommandOutput {
    feed(&mut kusto_ingest(&[arguments, &EMBEDDED].concat()), input)
}

/// An address where nobody listens.
pub(crate) fn nowhere() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let address = listener.local_addr().expect("it is bound");
    format!("http://{address}")
}
