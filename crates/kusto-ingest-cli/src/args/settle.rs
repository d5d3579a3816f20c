//! Which files a command line says that the command itself writes or reads.

use std::ffi::OsString;
use std::path::Path;

use super::own_files::OwnFiles;
use super::{Cli, Command, IntoArgs, NetworkArgs, SelectArgs, SignInArgs};
use crate::report::CommandError;

impl Cli {
    /// Has the command leave its own files out of what it finds.
    ///
    /// # Errors
    /// One of them is another one of them, or one of the sources.
    pub(super) fn settled(mut self) -> Result<Self, CommandError> {
        let mut own = self.command.own_files();
        own.written("--log-file", self.log.log_file.as_deref());
        own.read("--config", self.profile.config.as_deref());
        own.refuse_shared()?;
        let (named, select) = self.command.sources();
        let list = select.as_ref().and_then(|select| select.from_file.clone());
        own.refuse_sources(named, list.as_deref())?;
        if let Some(select) = select {
            select.own_files = own;
        } else if let Command::Watch(watch) = &mut self.command {
            watch.own_files = own;
        }
        Ok(self)
    }
}

impl Command {
    /// What is named to be ingested or looked at, and what says which of what is found is taken.
    fn sources(&mut self) -> (&[OsString], Option<&mut SelectArgs>) {
        let sources = match self {
            Self::Ingest(args) => &mut args.sources,
            Self::Stream(args) => &mut args.sources,
            Self::Managed(args) => &mut args.sources,
            Self::Direct(args) => &mut args.sources,
            Self::Inline(args) => return (std::slice::from_ref(&args.source), None),
            Self::List(args) => return (&args.sources, Some(&mut args.select)),
            Self::Check(args) => return (&args.sources, Some(&mut args.select)),
            _ => return (&[], None),
        };
        (&sources.sources, Some(&mut sources.select))
    }

    fn own_files(&self) -> OwnFiles {
        let mut own = OwnFiles::default();
        match self {
            Self::Ingest(args) => {
                let (run, shard) = (&args.long_run, args.sources.select.shard);
                own.written_by("--report", run.report(shard).as_deref(), ".partial");
                own.written_by("--journal", run.journal(shard).as_deref(), ".new");
                of_ingestion(&mut own, &args.into, Some(&args.sources.select));
            }
            Self::Stream(args) => of_ingestion(&mut own, &args.into, Some(&args.sources.select)),
            Self::Managed(args) => of_ingestion(&mut own, &args.into, Some(&args.sources.select)),
            Self::Direct(args) => of_ingestion(&mut own, &args.into, Some(&args.sources.select)),
            Self::Inline(args) => of_ingestion(&mut own, &args.into, None),
            Self::List(args) => own.read("--from-file", args.select.from_file.as_deref()),
            Self::Check(args) => {
                own.read("--from-file", args.select.from_file.as_deref());
                own.read("--mapping-file", args.mapping_file.as_deref());
                of_sign_in(&mut own, &args.ask.sign_in, &args.ask.network);
            }
            Self::Watch(args) => {
                own.written_by("--journal", Some(&args.journal), ".new");
                own.read("--targets", Some(&args.targets));
                of_sign_in(&mut own, &args.sign_in, &args.network);
            }
            Self::Merge(args) => {
                own.written_by("--report", args.report.as_deref(), ".partial");
                for journal in &args.journals {
                    own.read("the journals", Some(journal));
                }
            }
            Self::Status(args) => of_receipts(&mut own, &args.receipts.files),
            Self::Wait(args) => of_receipts(&mut own, &args.files),
            _ => {}
        }
        own
    }
}

fn of_ingestion(own: &mut OwnFiles, into: &IntoArgs, select: Option<&SelectArgs>) {
    own.written("--receipts", into.receipts.as_deref());
    own.read("--mapping-file", into.mapping_file.as_deref());
    own.read(
        "--from-file",
        select.and_then(|select| select.from_file.as_deref()),
    );
    of_sign_in(own, &into.sign_in, &into.network);
}

fn of_sign_in(own: &mut OwnFiles, sign_in: &SignInArgs, network: &NetworkArgs) {
    own.read("--client-secret-file", sign_in.client_secret_file.as_deref());
    own.read("--certificate-file", sign_in.certificate_file.as_deref());
    own.read("--token-file", sign_in.token_file.as_deref());
    own.read("--ca-file", network.ca_file.as_deref());
}

fn of_receipts(own: &mut OwnFiles, files: &[OsString]) {
    for file in files {
        own.read("the receipts", Some(Path::new(file)));
    }
}
