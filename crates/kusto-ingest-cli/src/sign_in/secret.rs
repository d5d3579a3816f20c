//! Secrets, from files, standard input and the environment. No word about them repeats where they were looked for: it
//! may be the secret itself, in the wrong place.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use kusto_ingest::auth::Secret;

use crate::args::{Variables, is_standard_input};
use crate::report::CommandError;

/// How long a secret may be, in bytes: tokens of users in many groups have a few thousand.
const LONGEST: u64 = 64 * 1024;

/// The secret of an argument's file, else of a variable.
///
/// # Errors
/// The file cannot be read, or holds nothing that could be a secret.
pub(super) fn find(
    (argument, path): (&str, Option<&Path>),
    (variable, variables): (&str, Variables<'_>),
) -> Result<Option<Secret>, CommandError> {
    let Some(path) = path else {
        return Ok(variables(variable).map(|text| Secret::from(text.trim())));
    };
    let read = match is_standard_input(path) {
        true => read(io::stdin().lock()),
        false => File::open(path).and_then(read),
    };
    let unusable = |why: &str| CommandError::usage(format!("{argument} cannot be used: {why}"));
    let secret = read.map_err(|error| unusable(&error.to_string()))?;
    match secret.expose().len() as u64 {
        0 => Err(unusable("there is nothing in it")),
        LONGEST.. => Err(unusable("there is more in it than a secret")),
        _ => Ok(Some(secret)),
    }
}

/// The text without the line end that editors leave behind it.
fn read(from: impl Read) -> io::Result<Secret> {
    let mut text = String::new();
    from.take(LONGEST).read_to_string(&mut text)?;
    let secret = Secret::from(text);
    Ok(Secret::from(secret.expose().trim_ascii()))
}
