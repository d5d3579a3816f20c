//! What an emulator has and does from its start: data, faults, where it listens, and how it says so.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;
use kusto_emulator::{EmulatorBuilder, FaultPreset};

const HEADING: &str = "At the start";

/// What an emulator has and does from its start.
#[derive(Args, Debug)]
pub(crate) struct EmulatorStartArgs {
    /// A script of commands to run, or a folder: its scripts *.kql are run, other files go into the tables that they are
    /// named after (T.csv, T.json.gz), folders in it are databases; may be given again. Not where --persist goes on with
    /// what there is.
    #[arg(long = "seed", value_name = "FOLDER|SCRIPT.kql", help_heading = HEADING)]
    pub(crate) seeds: Vec<PathBuf>,

    /// Keep all data in FOLDER, and go on with what is kept there: what was acknowledged is there after a kill -9. One
    /// emulator at a time has it.
    #[arg(long, value_name = "FOLDER", help_heading = HEADING)]
    persist: Option<PathBuf>,

    /// Ingest also blobs of another store on this machine, such as Azurite at http://127.0.0.1:10000; may be given again.
    #[arg(long = "allow-store", value_name = "URL", help_heading = HEADING)]
    stores: Vec<String>,

    /// Something that goes wrong until it is cleared; may be given again.
    #[arg(
        long = "fault",
        value_name = "PRESET",
        value_parser = PossibleValuesParser::new(FaultPreset::ALL.map(FaultPreset::name)),
        help_heading = HEADING
    )]
    faults: Vec<String>,

    /// Listen on this address instead of the loopback ones. Everybody who reaches it may do everything.
    #[arg(long, value_name = "ADDRESS", help_heading = HEADING)]
    pub(crate) host: Option<IpAddr>,

    /// Print variables for a shell in place of JSON: the cluster's address, and what makes the clients of each language
    /// believe the certificate.
    #[arg(long, help_heading = HEADING)]
    pub(crate) print_env: bool,
}

impl EmulatorStartArgs {
    /// Has the emulator listen so.
    pub(crate) fn set(&self, builder: EmulatorBuilder) -> EmulatorBuilder {
        let builder = match &self.persist {
            Some(folder) => builder.with_persistence(folder),
            None => builder,
        };
        let stores = self.stores.iter();
        let builder = stores.fold(builder, |builder, store| builder.with_store(store));
        match self.host {
            Some(address) => builder.with_address(address),
            None => builder,
        }
    }

    /// What whoever starts it must know of the address that it listens at.
    pub(crate) fn warning(&self) -> Option<&'static str> {
        let is_open = self.host.is_some_and(|host| !host.is_loopback());
        is_open.then_some("everybody who reaches this address may do everything")
    }

    /// What goes wrong.
    pub(crate) fn presets(&self) -> impl Iterator<Item = FaultPreset> {
        self.faults.iter().filter_map(|name| FaultPreset::named(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_warned_of_every_address_but_those_of_this_machine_alone() {
        let warned = |host: Option<&str>| {
            let start = EmulatorStartArgs {
                seeds: Vec::new(),
                persist: None,
                stores: Vec::new(),
                faults: Vec::new(),
                host: host.map(|host| host.parse().expect("an address")),
                print_env: false,
            };
            start.warning().is_some()
        };
        for here in [None, Some("127.0.0.1"), Some("127.9.9.9"), Some("::1")] {
            assert!(!warned(here), "{here:?}");
        }
        for open in ["0.0.0.0", "::", "10.0.0.1", "192.168.1.2", "fe80::1"] {
            assert!(warned(Some(open)), "{open}");
        }
    }
}
