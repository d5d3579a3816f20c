//! The clients, and how a program of each is started.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::ours;
use crate::service::Service;

/// What is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Wire {
    Http,
    Https,
}

/// A client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Client {
    Ours,
    Go,
    Java,
    Node,
    Python,
}

impl Client {
    /// Those that are installed and speak so, in the order of the table.
    pub(crate) fn installed(wire: Wire) -> impl Iterator<Item = Self> {
        let all = [Self::Ours, Self::Go, Self::Java, Self::Node, Self::Python];
        // Go's client refuses plain http.
        let speaks = move |client: &Self| *client != Self::Go || wire == Wire::Https;
        all.into_iter()
            .filter(speaks)
            .filter(|client| *client == Self::Ours || client.place().is_some())
    }

    /// What the table calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ours => "kusto-ingest",
            Self::Go => "Go azkustoingest 1.2.0",
            Self::Java => "Java kusto-ingest 7.0.6",
            Self::Node => "Node azure-kusto-ingest 7.0.1",
            Self::Python => "Python azure-kusto-ingest 6.0.4",
        }
    }

    /// How many ingestions make a figure: ours is done with few before the kernel's clock has moved.
    pub(crate) fn count(self) -> usize {
        match self {
            Self::Ours => 5_000,
            _ => 500,
        }
    }

    /// Where it is installed.
    fn place(self) -> Option<PathBuf> {
        let variable = match self {
            Self::Ours => return std::env::current_exe().ok(),
            Self::Go => "KUSTO_TEST_GO_PEER",
            Self::Java => "KUSTO_TEST_JAVA_PEER",
            Self::Node => "KUSTO_TEST_NODE_PEER",
            Self::Python => "KUSTO_TEST_PYTHON",
        };
        std::env::var_os(variable).map(PathBuf::from)
    }

    /// The program that speaks to a service, and has the bytes of a small source in a file.
    pub(crate) fn command(self, service: &Service, small: &Path) -> Command {
        let place = self.place().expect("it is installed");
        let peers = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/peers"));
        let mut command = match self {
            Self::Ours => Command::new(&place),
            Self::Go => Command::new(place.join("bench")),
            Self::Java => java(&place, service),
            Self::Node => Command::new("node"),
            Self::Python => Command::new(&place),
        };
        match self {
            Self::Ours => command.arg(ours::ROLE),
            Self::Go | Self::Java => &mut command,
            Self::Node => command.arg(place.join("bench.js")),
            Self::Python => command.arg(peers.join("python/bench.py")),
        };
        command.arg(&service.address).arg(small);
        if let Some(root) = &service.root {
            if self == Self::Ours {
                command.arg(root);
            }
            for variable in ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"] {
                command.env(variable, root);
            }
        }
        command
    }
}

/// The program is compiled before it is measured, as its libraries are.
fn java(classpath: &Path, service: &Service) -> Command {
    let libraries = std::fs::read_to_string(classpath).expect("a class path");
    let classes = classpath.with_file_name("java-classes");
    let mut command = Command::new("java");
    if let Some(root) = &service.root {
        let store = trust_store(root);
        command
            .arg(format!("-Djavax.net.ssl.trustStore={}", store.display()))
            .arg("-Djavax.net.ssl.trustStorePassword=changeit");
    }
    command
        .arg("-Dorg.slf4j.simpleLogger.defaultLogLevel=error")
        .args(["-cp", &format!("{}:{libraries}", classes.display()), "Bench"]);
    command
}

/// A root as Java keeps it.
fn trust_store(root: &Path) -> PathBuf {
    let store = root.with_extension("p12");
    let _not_there_yet = std::fs::remove_file(&store);
    let made = Command::new("keytool")
        .args(["-importcert", "-noprompt", "-alias", "emulator"])
        .args(["-storetype", "PKCS12", "-storepass", "changeit"])
        .arg("-file")
        .arg(root)
        .arg("-keystore")
        .arg(&store)
        .output();
    assert!(
        made.expect("keytool comes with Java").status.success(),
        "no store"
    );
    store
}
