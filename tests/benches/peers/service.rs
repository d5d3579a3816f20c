//! The emulator as a sink in a process of its own: it takes blobs and messages, and ingests nothing.

use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use kusto_emulator::Emulator;

use crate::client::Wire;

/// The word on the command line that makes this program the service.
pub(crate) const ROLE: &str = "service";

/// Another process of this program; ended when dropped.
pub(crate) struct Service {
    child: Child,
    pub(crate) address: String,
    /// The certificate that is to be believed, over TLS.
    pub(crate) root: Option<PathBuf>,
}

impl Service {
    pub(crate) fn start(folder: &Path, wire: Wire) -> Self {
        let scheme = match wire {
            Wire::Http => "http",
            Wire::Https => "https",
        };
        let mut child = Command::new(std::env::current_exe().expect("this program has a path"))
            .arg(ROLE)
            .arg(folder)
            .arg(scheme)
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program starts again");
        let mut address = String::new();
        let stdout = child.stdout.take().expect("it is a pipe");
        BufReader::new(stdout).read_line(&mut address).expect("it speaks");
        Self {
            child,
            address: address.trim_end().to_owned(),
            root: (wire == Wire::Https).then(|| root(folder)),
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Both fail only if the process has ended by itself.
        let _already_gone = self.child.kill();
        let _already_gone = self.child.wait();
    }
}

fn root(folder: &Path) -> PathBuf {
    folder.join("ca.pem")
}

/// What the other process does: says its address, and serves until it is ended.
pub(crate) fn serve(folder: &Path, is_tls: bool) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let builder = Emulator::builder()
            .with_database("Samples".try_into().expect("a good name"))
            .with_ingestion_paused();
        let builder = if is_tls { builder.with_tls() } else { builder };
        let emulator = builder.start().await.map_err(io::Error::other)?;
        if let Some(authority) = emulator.certificate_authority() {
            std::fs::write(root(folder), authority)?;
        }
        println!("{}", emulator.cluster());
        std::future::pending().await
    })
}
