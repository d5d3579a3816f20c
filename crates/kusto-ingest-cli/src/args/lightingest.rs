//! The command line of LightIngest, translated into ours.
//!
//! After "Use LightIngest to ingest data into Azure Data Explorer" of Microsoft's documentation.

mod arguments;

use std::ffi::OsString;

use kusto_ingest::azure_core::http::Url;
use kusto_ingest::connection::ConnectionString;

use crate::report::{self, CommandError};
use arguments::Arguments;

/// What `-help` says.
pub(crate) const LIGHTINGEST_HELP: &str = "\
LightIngest \"CONNECTION STRING\" -table:T -sourcePath:PATH [-NAME:VALUE ...]

Arguments, as LightIngest has them (short names in parentheses):
  -database (db), -table, -sourcePath (source), -pattern, -prefix, -limit (l), -listOnly (list)
  -format (f), -ingestionMappingPath (mappingPath), -ingestionMappingRef (mappingRef), -ignoreFirstRow (ignoreFirst)
  -tag, -creationTimePattern, -zipPattern, -compression (cr), -noSizeLimit
  -managedIdentity (mi), -azCli, -ingestWithManagedIdentity (ingestmi)
  -ConnectToStorageWithUserAuth (storageUserAuth), -ConnectToStorageLoginUri (storageLoginUri),
  -connectToStorageWithManagedIdentity (storageMi)
  -dontWait, -ingestTimeout, -ingestionRateCount (rateCount), -listingRateCount (listRateCount)
  -forceSync, -dataBatchSize (batch), -filesInBatch, -parallelRequests (parallel)
  -repeatCount (repeat), -repeatPause (pause), -devTracing (trace), -interactive (i), -wamless (nowam)
and of ours:
  -legacyExitCodes   0 for a run to its end even where all failed, as LightIngest ends

`kusto-ingest ingest --help` has more.

The guide, in the sources of kusto-ingest: docs/guide/lightingest.md";

/// How a LightIngest command line is run.
#[derive(Debug)]
pub(crate) struct Translation {
    /// The same for us, without the name of the program: a command and its arguments. They may hold secrets.
    pub(crate) arguments: Vec<OsString>,
    /// How often the whole is done again; -1 for ever.
    pub(crate) repeat: i64,
    /// How many seconds lie between.
    pub(crate) pause: u64,
    /// Whether exit codes are LightIngest's.
    pub(crate) has_legacy_exit_codes: bool,
    /// Whether only names are taken that end in `.csv`, as nobody says otherwise.
    pub(crate) is_pattern_implied: bool,
}

/// Whether a program of this name is LightIngest.
pub(crate) fn is_name(program: &OsString) -> bool {
    let stem = std::path::Path::new(program).file_stem().unwrap_or_default();
    stem.eq_ignore_ascii_case("lightingest")
}

/// Translates a command line; none where it asks for help.
///
/// # Errors
/// What LightIngest would not take either.
pub(crate) fn translate(given: &[OsString]) -> Result<Option<Translation>, CommandError> {
    let Some(mut given) = Arguments::parse(given)? else {
        return Ok(None);
    };
    let mut ours = TranslatedArguments::default();
    let connection = given.connection()?;
    let is_direct = !is_data_management(&connection)?;
    let is_list = given.flag("listOnly")?;
    let mut waiting = TranslatedArguments::default();
    let waits = waiting.waiting(&mut given, is_direct)?;
    if !is_list {
        ours.arguments.append(&mut waiting.arguments);
    }
    let has_legacy_exit_codes = given.flag("legacyExitCodes")?;
    let is_pattern_implied = ours.what(&mut given, has_legacy_exit_codes)?;
    ours.properties(&mut given, is_list)?;
    // A list is checked as the ingestion would be that it stands for.
    let mut of_cluster = TranslatedArguments::default();
    of_cluster.option("--cluster", Some(connection));
    of_cluster.option("--database", given.value("database"));
    of_cluster.option("--table", Some(given.required("table")?));
    of_cluster.sign_in(&mut given)?;
    of_cluster.pace(&mut given, is_direct)?;
    if is_list {
        ours.log(&mut of_cluster);
        report::note(
            "-listOnly asks no cluster: what is said of it, of the sign-in there and of waiting plays no part",
        );
    } else {
        ours.arguments.append(&mut of_cluster.arguments);
    }
    let pause = given.number("repeatPause")?.unwrap_or(-1);
    let repeat = given.number("repeatCount")?.unwrap_or(0);
    for ignored in ["wamless", "interactive"] {
        if given.flag(ignored)? {
            report::note(&format!(
                "-{ignored} is not needed: nobody is asked, and no window is opened"
            ));
        }
    }
    given.finish()?;
    let command: &[&str] = match (is_list, is_direct, waits) {
        (true, ..) => &["list"],
        (false, true, _) => &["direct"],
        (false, false, true) => &["ingest", "--wait"],
        (false, false, false) => &["ingest", "--no-wait"],
    };
    let arguments = command.iter().map(OsString::from).chain(ours.arguments).collect();
    Ok(Some(Translation {
        arguments,
        // A pause below zero is none, and so is what would come behind it.
        repeat: if pause < 0 { 0 } else { repeat },
        pause: u64::try_from(pause).unwrap_or_default(),
        has_legacy_exit_codes,
        is_pattern_implied,
    }))
}

/// Whether a connection string names the Data Management service, which queues; an engine ingests directly.
fn is_data_management(connection: &str) -> Result<bool, CommandError> {
    let unusable = |error: &dyn std::fmt::Display| {
        CommandError::usage(format!("the connection string cannot be used: {error}"))
    };
    let connection = ConnectionString::parse(connection).map_err(|error| unusable(&error))?;
    let engine = connection.engine_endpoint().map_err(|error| unusable(&error))?;
    let ingestion = connection
        .ingestion_endpoint()
        .map_err(|error| unusable(&error))?;
    let is_one = host(engine.url()) == host(ingestion.url());
    Ok(is_one || host(connection.data_source()) == host(ingestion.url()))
}

fn host(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_ascii_lowercase()
}

/// Our arguments, one behind the other.
#[derive(Default)]
struct TranslatedArguments {
    arguments: Vec<OsString>,
}

impl TranslatedArguments {
    fn option(&mut self, name: &str, value: Option<String>) {
        if let Some(value) = value {
            self.arguments.push(format!("{name}={value}").into());
        }
    }

    fn flag(&mut self, name: &str, is_given: bool) {
        if is_given {
            self.arguments.push(name.into());
        }
    }

    /// What is ingested, and how it is found; whether its names are to end in `.csv`, as nobody says otherwise.
    fn what(&mut self, given: &mut Arguments, has_legacy_exit_codes: bool) -> Result<bool, CommandError> {
        let source = given.required("sourcePath")?;
        self.option("--prefix", given.value("prefix"));
        self.arguments.push("--legacy-patterns".into());
        let pattern = given.value("pattern");
        let is_pattern_implied = pattern.is_none();
        self.option("--pattern", Some(pattern.unwrap_or_else(|| "*.csv".to_owned())));
        let limit = given.number("limit")?;
        match limit {
            Some(limit) if limit >= 0 => self.option("--limit", Some(limit.to_string())),
            _ => {}
        }
        self.option("--list-rate", positive(given.number("listingRateCount")?));
        self.storage(given)?;
        // Who limits them to none finds none.
        self.flag("--allow-empty", has_legacy_exit_codes || limit == Some(0));
        self.arguments.push(source.into());
        Ok(is_pattern_implied)
    }

    /// How containers are opened.
    fn storage(&mut self, given: &mut Arguments) -> Result<(), CommandError> {
        let user = given.value("ConnectToStorageWithUserAuth");
        let identity = given.value("connectToStorageWithManagedIdentity");
        match (user.as_deref().map(str::to_ascii_uppercase).as_deref(), identity) {
            (None, None) => {}
            (Some(_), Some(_)) => {
                return Err(CommandError::usage(
                    "-ConnectToStorageWithUserAuth and -connectToStorageWithManagedIdentity exclude one another",
                ));
            }
            (Some("AZ_CLI"), None) => self.option("--storage-auth", Some("az-cli".to_owned())),
            // No window is opened: the user enters a code in any browser.
            (Some("PROMPT" | "DEVICE_CODE"), None) => {
                self.option("--storage-auth", Some("device-code".to_owned()))
            }
            (Some(other), None) => {
                return Err(CommandError::usage(format!(
                    "-ConnectToStorageWithUserAuth:{other} is none of PROMPT, DEVICE_CODE and AZ_CLI"
                )));
            }
            (None, Some(identity)) => {
                self.option("--storage-auth", Some("managed-identity".to_owned()));
                let id = Some(identity).filter(|id| !id.eq_ignore_ascii_case("system"));
                self.option("--storage-client-id", id);
            }
        }
        self.option("--storage-authority", given.value("ConnectToStorageLoginUri"));
        self.option("--service-identity", given.value("ingestWithManagedIdentity"));
        Ok(())
    }

    /// What is said of the data.
    fn properties(&mut self, given: &mut Arguments, is_list: bool) -> Result<(), CommandError> {
        let format = given.value("format");
        let mapping = (
            given.value("ingestionMappingPath"),
            given.value("ingestionMappingRef"),
        );
        if (mapping.0.is_some() || mapping.1.is_some()) && format.is_none() {
            return Err(CommandError::usage("a mapping wants its -format"));
        }
        let has_no_header = !given.flag("ignoreFirstRow")?;
        let (tags, pattern) = (given.values("tag"), given.value("creationTimePattern"));
        let (zip_pattern, ratio) = (given.value("zipPattern"), given.value("compression"));
        let is_unlimited = given.flag("noSizeLimit")?;
        self.option("--format", format);
        if is_list {
            return Ok(());
        }
        self.option("--mapping-file", mapping.0);
        self.option("--mapping-ref", mapping.1);
        self.flag("--ignore-first-record", !has_no_header);
        tags.into_iter().for_each(|tag| self.option("--tag", Some(tag)));
        self.flag("--creation-time-missing=ignore", pattern.is_some());
        self.option("--creation-time-pattern", pattern);
        self.option("--zip-pattern", zip_pattern);
        self.option("--compression-ratio", ratio);
        self.flag("--no-size-limit", is_unlimited);
        Ok(())
    }

    /// Who asks the cluster.
    fn sign_in(&mut self, given: &mut Arguments) -> Result<(), CommandError> {
        let identity = given.value("managedIdentity");
        match (identity, given.flag("azCli")?) {
            (Some(_), true) => {
                return Err(CommandError::usage(
                    "-managedIdentity and -azCli exclude one another",
                ));
            }
            (None, false) => {}
            (None, true) => self.option("--auth", Some("az-cli".to_owned())),
            (Some(identity), false) => {
                self.option("--auth", Some("managed-identity".to_owned()));
                let id = Some(identity).filter(|id| !id.eq_ignore_ascii_case("system"));
                self.option("--client-id", id);
            }
        }
        Ok(())
    }

    /// Whether the end is waited for; an engine's own commands always are.
    fn waiting(&mut self, given: &mut Arguments, is_direct: bool) -> Result<bool, CommandError> {
        let minutes = given.number("ingestTimeout")?;
        let is_quick = given.flag("dontWait")? || minutes.is_some_and(|minutes| minutes <= 0);
        if !is_direct && !is_quick {
            self.option("--wait-timeout", minutes.map(|minutes| format!("{minutes}m")));
        }
        self.flag("--async", is_direct && is_quick);
        Ok(!is_quick)
    }

    /// Takes from others where the log goes.
    fn log(&mut self, others: &mut Self) {
        let is_log = |argument: &OsString| {
            argument
                .to_str()
                .is_some_and(|text| text.starts_with("--log-file="))
        };
        self.arguments.extend(others.arguments.drain(..).filter(is_log));
    }

    /// How hard the cluster is asked.
    fn pace(&mut self, given: &mut Arguments, is_direct: bool) -> Result<(), CommandError> {
        let rate = positive(given.number("ingestionRateCount")?);
        if let Some(path) = given.value("devTracing") {
            self.option("--log-file", Some(path));
        }
        let is_synchronous = given.flag("forceSync")?;
        let (megabytes, files) = (given.number("dataBatchSize")?, given.number("filesInBatch")?);
        let parallel = given.number("parallelRequests")?;
        if !is_direct {
            self.option("--rate", rate);
            let is_any = is_synchronous || megabytes.or(files).or(parallel).is_some();
            return match is_any {
                true => Err(CommandError::usage(
                    "-forceSync, -dataBatchSize, -filesInBatch and -parallelRequests are for the engine's own commands: \
                     name the cluster without ingest- for these",
                )),
                false => Ok(()),
            };
        }
        self.flag("--sync", is_synchronous);
        let bytes = positive(Some(megabytes.unwrap_or(500).saturating_mul(1_000_000)));
        self.option("--batch-bytes", bytes);
        self.option("--batch-files", positive(files));
        self.option("--parallel", positive(Some(parallel.unwrap_or(8).min(256))));
        Ok(())
    }
}

fn positive(number: Option<i64>) -> Option<String> {
    number
        .filter(|number| *number > 0)
        .map(|number| number.to_string())
}

#[cfg(test)]
mod tests;
