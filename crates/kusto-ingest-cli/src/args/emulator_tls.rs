//! How an emulator speaks TLS, and under which names.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use kusto_emulator::{EmulatorBuilder, StorageAddresses};

const HEADING: &str = "TLS and names";

/// How an emulator speaks TLS, and under which names.
#[derive(Args, Debug)]
pub(crate) struct EmulatorTlsArgs {
    /// Speak TLS, with a certificate that is made now, for localhost, names below it, and loopback addresses. Clients of
    /// Go need it.
    #[arg(long, help_heading = HEADING)]
    tls: bool,

    /// Write the certificate of the authority that clients must believe to FILE, in PEM, before the address is printed.
    #[arg(long, value_name = "FILE", requires = "tls", help_heading = HEADING)]
    pub(crate) tls_ca: Option<PathBuf>,

    /// Want a token in every request, and give one to every application that asks for it with any secret: the authority is
    /// the emulator itself. Without a token the answer is 401.
    #[arg(long, requires = "tls", help_heading = HEADING)]
    auth: bool,

    /// A further name of this machine, such as emu.kusto.windows.net in its hosts file; may be given again. Names below it
    /// and ingest-NAME belong to it.
    #[arg(long = "tls-name", value_name = "NAME", requires = "tls", help_heading = HEADING)]
    tls_names: Vec<String>,

    /// How storage is addressed: with the account in the path, in the host of tables alone, or in each host.
    #[arg(long, value_enum, default_value_t = Addresses::Paths, help_heading = HEADING)]
    storage_addresses: Addresses,
}

/// Where an address of storage has its account.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Addresses {
    /// In the path: no name but localhost is needed.
    Paths,
    /// In the host of tables, in the path of all else: for older table libraries; needs --tls.
    TablesByHost,
    /// In each host, as Azure has it; needs --tls.
    Hosts,
}

impl EmulatorTlsArgs {
    /// Has the emulator speak so.
    pub(crate) fn set(&self, builder: EmulatorBuilder) -> EmulatorBuilder {
        let addresses = match self.storage_addresses {
            Addresses::Paths => StorageAddresses::Paths,
            Addresses::TablesByHost => StorageAddresses::TablesByHost,
            Addresses::Hosts => StorageAddresses::Hosts,
        };
        let builder = builder.with_storage_addresses(addresses);
        let builder = match self.tls {
            true => builder.with_tls(),
            false => builder,
        };
        let builder = match self.auth {
            true => builder.with_sign_in(),
            false => builder,
        };
        let names = self.tls_names.iter();
        names.fold(builder, |builder, name| builder.with_host_name(name))
    }
}
