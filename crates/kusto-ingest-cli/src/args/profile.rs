//! Profiles: what a file says in the place of variables of the environment.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde::Deserialize;

use crate::report::CommandError;

/// What the profile says that was chosen; set once, before anything is read.
static CHOSEN: OnceLock<HashMap<&'static str, String>> = OnceLock::new();

/// The variable that names a file of profiles where the arguments do not.
const KUSTO_CONFIG: &str = "KUSTO_CONFIG";

/// The variable that names a profile where the arguments do not.
const KUSTO_PROFILE: &str = "KUSTO_PROFILE";

/// What a profile may say. No secret is among it: secrets have files and variables of their own.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Profile {
    cluster: Option<String>,
    database: Option<String>,
    table: Option<String>,
    auth: Option<String>,
    client_id: Option<String>,
    tenant_id: Option<String>,
}

impl Profile {
    /// As variables of the environment.
    fn variables(self) -> HashMap<&'static str, String> {
        let all = [
            ("KUSTO_CLUSTER", self.cluster),
            ("KUSTO_DATABASE", self.database),
            ("KUSTO_TABLE", self.table),
            ("KUSTO_AUTH", self.auth),
            ("AZURE_CLIENT_ID", self.client_id),
            ("AZURE_TENANT_ID", self.tenant_id),
        ];
        all.into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }
}

/// Reads a profile: what it says goes before the environment, and behind the arguments.
///
/// # Errors
/// A file that cannot be read, a profile that is not in it, and what no profile says.
pub(crate) fn choose(
    file: Option<&Path>,
    name: Option<&str>,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<(), CommandError> {
    let from_environment = variable(KUSTO_PROFILE);
    let Some(name) = name.map(str::to_owned).or(from_environment) else {
        return match file {
            Some(_) => Err(CommandError::usage(
                "--config wants the --profile in it that is meant",
            )),
            None => Ok(()),
        };
    };
    let file = file
        .map(Path::to_owned)
        .or_else(|| variable(KUSTO_CONFIG).map(PathBuf::from))
        .map_or_else(|| existing(usual_file(&variable)), Ok)?;
    let said = read(&file, &name)?;
    // A second one would be that of a translated command line, which has none.
    let _ = CHOSEN.set(said);
    Ok(())
}

/// Where profiles are unless somebody says otherwise: in the folder that the system has for the settings of a user.
fn usual_file(variable: impl Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let home = || variable("HOME").map(|home| Path::new(&home).join(".config"));
    let settings = match cfg!(windows) {
        true => variable("APPDATA").map(PathBuf::from),
        false => variable("XDG_CONFIG_HOME").map(PathBuf::from).or_else(home),
    };
    settings.map(|folder| folder.join("kusto-ingest").join("config.toml"))
}

/// The usual file, if it is there.
fn existing(file: Option<PathBuf>) -> Result<PathBuf, CommandError> {
    let missing = |why: String| {
        CommandError::usage(format!(
            "--profile wants the file of profiles{why}: give --config, or set {KUSTO_CONFIG}"
        ))
    };
    match file {
        None => Err(missing(String::new())),
        Some(file) if !file.exists() => Err(missing(format!(", and {} is not there", file.display()))),
        Some(file) => Ok(file),
    }
}

fn read(file: &Path, name: &str) -> Result<HashMap<&'static str, String>, CommandError> {
    let refused =
        |why: String| CommandError::usage(format!("--config {} cannot be used: {why}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| refused(error.to_string()))?;
    // What is wrong in the file is told without its text: somebody may have written a secret there.
    let mut profiles: HashMap<String, toml::Value> =
        toml::from_str(&text).map_err(|_| refused("it is no TOML".to_owned()))?;
    let Some(profile) = profiles.remove(name) else {
        let mut known: Vec<String> = profiles.into_keys().collect();
        known.sort();
        return Err(refused(format!(
            "it has no profile [{name}]; it has: {}",
            known.join(", ")
        )));
    };
    let profile: Profile = profile.try_into().map_err(|_| {
        refused(format!(
            "the profile [{name}] says something else than cluster, database, table, auth, client-id and tenant-id, each a text"
        ))
    })?;
    Ok(profile.variables())
}

/// What the chosen profile says of a variable.
pub(super) fn value(name: &str) -> Option<String> {
    CHOSEN.get()?.get(name).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Result<Vec<(&'static str, String)>, String> {
        // Each test has a thread of its own.
        let file = std::env::temp_dir().join(format!(
            "kusto-ingest-profile-{}-{:?}",
            std::process::id(),
            std::thread::current().id()
        ));
        std::fs::write(&file, text).unwrap();
        let read = read(&file, "prod");
        std::fs::remove_file(&file).unwrap();
        let mut said: Vec<_> = read.map_err(|error| error.message)?.into_iter().collect();
        said.sort();
        Ok(said)
    }

    #[test]
    fn a_profile_says_what_variables_say() {
        let text = "[prod]\ncluster = \"https://c\"\ntenant-id = \"t\"\n\n[other]\ndatabase = \"D\"\n";
        let expect = [
            ("AZURE_TENANT_ID", "t".to_owned()),
            ("KUSTO_CLUSTER", "https://c".to_owned()),
        ];
        assert_eq!(said(text).unwrap(), expect);
    }

    #[test]
    #[cfg(not(windows))]
    fn the_usual_file_is_among_the_settings_of_the_user() {
        let of = |known: &[(&str, &str)]| {
            let known = known.to_vec();
            let variable = move |name: &str| {
                known
                    .iter()
                    .find(|pair| pair.0 == name)
                    .map(|pair| pair.1.to_owned())
            };
            usual_file(variable).map(|file| file.display().to_string())
        };
        let home = ("HOME", "/home/me");
        assert_eq!(
            of(&[home]).as_deref(),
            Some("/home/me/.config/kusto-ingest/config.toml")
        );
        let both = [home, ("XDG_CONFIG_HOME", "/settings")];
        assert_eq!(of(&both).as_deref(), Some("/settings/kusto-ingest/config.toml"));
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn what_is_no_profile_is_refused_without_what_it_says() {
        for (text, why) in [
            ("[test]\n", "it has: test"),
            ("[prod]\npassword = \"SECRET\"\n", "cluster, database"),
            ("[prod]\ncluster = 1\n", "each a text"),
            ("cluster = SECRET", "no TOML"),
        ] {
            let refused = said(text).unwrap_err();
            assert!(refused.contains(why) && !refused.contains("SECRET"), "{refused}");
        }
    }
}
