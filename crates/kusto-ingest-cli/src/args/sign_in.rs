//! The arguments that say how to sign in.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::Args;

use super::SignInMethod;
use crate::report::CommandError;

const HEADING: &str = "Sign-in";

/// The arguments that say how to sign in. None of them is a secret.
#[derive(Args, Clone, Debug, Default)]
#[group(id = "sign-in", multiple = true)]
pub(crate) struct SignInArgs {
    /// How to sign in: az-cli, managed-identity, client-secret, client-certificate, device-code, token,
    /// workload-identity, developer-tools, pipelines or none; KUSTO_AUTH where it is not given. Without either, and
    /// where the connection string leaves it open: none on this machine, elsewhere az-cli, else managed-identity.
    #[arg(long, value_name = "WAY", help_heading = HEADING)]
    pub(crate) auth: Option<SignInMethod>,

    /// The application, or the managed identity; AZURE_CLIENT_ID where it is not given.
    #[arg(long, value_name = "ID", help_heading = HEADING)]
    pub(crate) client_id: Option<String>,

    /// The tenant, by id or domain; for applications AZURE_TENANT_ID where it is not given.
    #[arg(long, value_name = "ID", help_heading = HEADING)]
    pub(crate) tenant_id: Option<String>,

    /// The file with the application's secret, or `-` for standard input; AZURE_CLIENT_SECRET where it is not given.
    #[arg(long, value_name = "PATH", help_heading = HEADING)]
    pub(crate) client_secret_file: Option<PathBuf>,

    /// The application's certificate with its key, as PEM or PKCS#12; AZURE_CLIENT_CERTIFICATE_PATH where it is not
    /// given. Its password is taken from AZURE_CLIENT_CERTIFICATE_PASSWORD.
    #[arg(long, value_name = "PATH", help_heading = HEADING)]
    pub(crate) certificate_file: Option<PathBuf>,

    /// The file with a token, or `-` for standard input; KUSTO_TOKEN where it is not given.
    #[arg(long, value_name = "PATH", help_heading = HEADING)]
    pub(crate) token_file: Option<PathBuf>,
}

impl SignInArgs {
    /// The arguments that tell more of a way than its name, and are given.
    pub(crate) fn details(&self) -> Vec<&'static str> {
        [
            ("--client-id", self.client_id.is_some()),
            ("--tenant-id", self.tenant_id.is_some()),
            ("--client-secret-file", self.client_secret_file.is_some()),
            ("--certificate-file", self.certificate_file.is_some()),
            ("--token-file", self.token_file.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, is_given)| is_given.then_some(name))
        .collect()
    }

    /// Refuses arguments that say nothing to the way that was chosen.
    ///
    /// # Errors
    /// The first of them.
    pub(crate) fn refuse_strangers(&self, way: Option<SignInMethod>) -> Result<(), CommandError> {
        let welcome: &[&str] = match way {
            None => &["--client-id", "--tenant-id"],
            Some(SignInMethod::ClientSecret) => &["--client-id", "--tenant-id", "--client-secret-file"],
            Some(SignInMethod::ClientCertificate) => &["--client-id", "--tenant-id", "--certificate-file"],
            Some(SignInMethod::WorkloadIdentity | SignInMethod::Pipelines) => &["--client-id", "--tenant-id"],
            Some(SignInMethod::ManagedIdentity) => &["--client-id"],
            Some(SignInMethod::AzureCli | SignInMethod::DeviceCode) => &["--tenant-id"],
            Some(SignInMethod::Token) => &["--token-file"],
            Some(SignInMethod::DeveloperTools | SignInMethod::None) => &[],
        };
        let details = self.details();
        let Some(stranger) = details.iter().find(|detail| !welcome.contains(detail)) else {
            return Ok(());
        };
        Err(CommandError::usage(match (way, *stranger) {
            (Some(way), stranger) => format!("{stranger} says nothing to the sign-in by {way}"),
            (None, "--client-secret-file") => "--client-secret-file wants --auth client-secret".to_owned(),
            (None, "--certificate-file") => "--certificate-file wants --auth client-certificate".to_owned(),
            (None, stranger) => format!("{stranger} wants --auth token"),
        }))
    }

    /// Refuses standard input that is a secret and something else as well.
    ///
    /// # Errors
    /// One of the files is standard input, too.
    pub(crate) fn refuse_reading_twice(&self, files: &[OsString], what: &str) -> Result<(), CommandError> {
        match self.takes_standard_input() {
            Some(argument) if files.iter().any(|file| file == "-") => Err(CommandError::usage(format!(
                "standard input can be read only once: it cannot be {what} and {argument}"
            ))),
            _ => Ok(()),
        }
    }

    /// The argument by which standard input is a secret, if one is.
    fn takes_standard_input(&self) -> Option<&'static str> {
        let is_dash = |path: &Option<PathBuf>| path.as_deref().is_some_and(is_standard_input);
        if is_dash(&self.client_secret_file) {
            return Some("--client-secret-file");
        }
        is_dash(&self.token_file).then_some("--token-file")
    }
}

/// Whether a path is the word for standard input.
pub(crate) fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == OsStr::new("-")
}
