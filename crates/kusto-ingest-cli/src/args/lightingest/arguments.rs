//! Arguments as LightIngest writes them: `-name:value`, names in any case, and short ones beside them.

use std::ffi::OsString;

use crate::report::CommandError;

/// All names, each with its short ones.
pub(super) const NAMES: [&[&str]; 35] = [
    &["managedIdentity", "mi"],
    &["azCli"],
    &["ingestWithManagedIdentity", "ingestmi"],
    &["database", "db"],
    &["table"],
    &["sourcePath", "source"],
    &["ConnectToStorageWithUserAuth", "storageUserAuth"],
    &["ConnectToStorageLoginUri", "storageLoginUri"],
    &["connectToStorageWithManagedIdentity", "storageMi"],
    &["pattern"],
    &["prefix"],
    &["tag"],
    &["creationTimePattern"],
    &["format", "f"],
    &["zipPattern"],
    &["ignoreFirstRow", "ignoreFirst"],
    &["ingestionMappingPath", "mappingPath"],
    &["ingestionMappingRef", "mappingRef"],
    &["dontWait"],
    &["interactive", "i"],
    &["compression", "cr"],
    &["noSizeLimit"],
    &["limit", "l"],
    &["listOnly", "list"],
    &["ingestTimeout"],
    &["wamless", "nowam"],
    &["forceSync"],
    &["dataBatchSize", "batch"],
    &["filesInBatch"],
    &["parallelRequests", "parallel"],
    &["devTracing", "trace"],
    &["repeatPause", "pause"],
    &["repeatCount", "repeat"],
    &["ingestionRateCount", "rateCount"],
    &["listingRateCount", "listRateCount"],
];

/// What asks for help.
const HELP: [&str; 14] = [
    "-h", "--help", "?", "/?", "-?", "/help", "-help", "help", "??", "/??", "-??", "/helpall", "-helpall",
    "helpall",
];

/// Ours beside LightIngest's.
const LEGACY_EXIT_CODES: &str = "legacyExitCodes";

/// What was given, and not yet taken.
#[derive(Default)]
pub(super) struct Arguments {
    connection: Option<String>,
    /// Names as they are in [`NAMES`], with their values.
    named: Vec<(&'static str, String)>,
}

impl Arguments {
    /// Reads a command line; none where it asks for help.
    ///
    /// # Errors
    /// A name that LightIngest does not know, what it cannot make anything of, and text that is none.
    pub(super) fn parse(given: &[OsString]) -> Result<Option<Self>, CommandError> {
        let mut arguments = Self::default();
        if given.is_empty() {
            return Ok(None);
        }
        for argument in given {
            let text = argument
                .to_str()
                .ok_or_else(|| CommandError::usage("an argument is no text"))?;
            if HELP.iter().any(|help| help.eq_ignore_ascii_case(text)) {
                return Ok(None);
            }
            match named(text)? {
                Some(pair) => arguments.named.push(pair),
                None if arguments.connection.is_none() => {
                    arguments.connection = Some(unquoted(text).to_owned())
                }
                // It may be a secret that was cut at a blank.
                None => {
                    return Err(CommandError::usage(
                        "there is a second argument without a name: the first one is the connection string",
                    ));
                }
            }
        }
        Ok(Some(arguments))
    }

    pub(super) fn connection(&self) -> Result<String, CommandError> {
        let missing =
            || CommandError::usage("the connection string is missing: it is the argument without a name");
        self.connection.clone().ok_or_else(missing)
    }

    /// Takes the last value of a name.
    pub(super) fn value(&mut self, name: &str) -> Option<String> {
        self.values(name).pop().filter(|value| !value.is_empty())
    }

    /// Takes all values of a name.
    pub(super) fn values(&mut self, name: &str) -> Vec<String> {
        let (taken, rest) = std::mem::take(&mut self.named)
            .into_iter()
            .partition(|(known, _)| *known == name);
        self.named = rest;
        let taken: Vec<(&str, String)> = taken;
        taken.into_iter().map(|(_, value)| value).collect()
    }

    pub(super) fn required(&mut self, name: &str) -> Result<String, CommandError> {
        self.value(name)
            .ok_or_else(|| CommandError::usage(format!("-{name} is missing")))
    }

    /// Takes a flag; one without a value is set.
    pub(super) fn flag(&mut self, name: &str) -> Result<bool, CommandError> {
        match self
            .value(name)
            .map(|value| value.to_ascii_lowercase())
            .as_deref()
        {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(CommandError::usage(format!("-{name} is true or false"))),
        }
    }

    pub(super) fn number(&mut self, name: &str) -> Result<Option<i64>, CommandError> {
        let refused = |_| CommandError::usage(format!("-{name} is a whole number"));
        self.value(name)
            .map(|value| value.parse().map_err(refused))
            .transpose()
    }

    /// Ends the taking.
    ///
    /// # Errors
    /// Something is left, which says nothing here.
    pub(super) fn finish(&self) -> Result<(), CommandError> {
        match self.named.first() {
            Some((name, _)) => Err(CommandError::usage(format!("-{name} says nothing here"))),
            None => Ok(()),
        }
    }
}

/// A name of LightIngest's with its value; none where it is no name.
fn named(text: &str) -> Result<Option<(&'static str, String)>, CommandError> {
    let Some(rest) = text.strip_prefix("--").or_else(|| text.strip_prefix(['-', '/'])) else {
        return Ok(None);
    };
    let (name, value) = rest
        .split_once([':', '='])
        .map_or((rest, None), |(name, value)| (name, Some(value)));
    let is_own = |known: &&str| known.eq_ignore_ascii_case(name);
    let known = NAMES.iter().find(|names| names.iter().any(&is_own));
    let full = match known {
        Some(names) => names[0],
        None if name.replace('-', "").eq_ignore_ascii_case(LEGACY_EXIT_CODES) => LEGACY_EXIT_CODES,
        None => {
            // What follows a colon may be a secret.
            return Err(CommandError::usage(format!(
                "LightIngest has no argument -{}; `-help` lists them",
                kusto_ingest::secrets::redact(name)
            )));
        }
    };
    Ok(Some((full, value.map_or("true", unquoted).to_owned())))
}

/// A value without the quotes around it that some shells leave.
fn unquoted(value: &str) -> &str {
    let inner = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    inner.unwrap_or(value)
}
