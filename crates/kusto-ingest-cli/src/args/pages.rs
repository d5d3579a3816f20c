//! The arguments of what is printed of the command itself: completions and manual pages.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::Cli;
use crate::report::{CommandError, Exit};

/// For which shell.
#[derive(Args, Clone, Copy, Debug)]
#[command(after_help = "The guide, in the sources of kusto-ingest: docs/guide/README.md")]
pub(crate) struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

impl CompletionsArgs {
    /// The script.
    pub(crate) fn script(self) -> Vec<u8> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "kusto-ingest", &mut script);
        script
    }
}

/// Which page.
#[derive(Args, Clone, Debug)]
#[command(after_help = "The guide, in the sources of kusto-ingest: docs/guide/README.md")]
pub(crate) struct ManArgs {
    /// The command, such as `ingest`; without it the page of all of them.
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

impl ManArgs {
    /// The page.
    ///
    /// # Errors
    /// There is no such command.
    pub(crate) fn page(&self) -> Result<Vec<u8>, CommandError> {
        let mut all = Cli::command();
        all.build();
        let page = match &self.command {
            None => all,
            Some(name) => {
                let known: Vec<&str> = all.get_subcommands().map(clap::Command::get_name).collect();
                let refused = || {
                    CommandError::usage(format!(
                        "there is no command {name:?}; there are {}",
                        known.join(", ")
                    ))
                };
                let one = all.find_subcommand(name).ok_or_else(refused)?;
                one.clone()
            }
        };
        let mut written = Vec::new();
        clap_mangen::Man::new(page)
            .source(concat!("kusto-ingest ", env!("CARGO_PKG_VERSION")))
            .render(&mut written)
            .map_err(|error| CommandError::new(Exit::Bug, format!("failed to write the page: {error}")))?;
        Ok(written)
    }
}
