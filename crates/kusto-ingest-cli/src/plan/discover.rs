//! What the named sources are: files, folders and what is in them, standard input, blobs.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use kusto_ingest::sources::{BlobSource, BlobUri, FileState};

use crate::report::{CommandError, Exit};

/// One thing to ingest.
#[derive(Clone, Debug)]
pub(crate) enum DiscoveredSource {
    /// A file, and what it looked like.
    File(PathBuf, FileState),
    /// Something with a path that cannot be replayed.
    Pipe(PathBuf),
    StandardInput,
    Blob(BlobSource),
}

impl DiscoveredSource {
    /// How it is shown: without secrets.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::File(path, _) | Self::Pipe(path) => path.display().to_string(),
            Self::StandardInput => "-".to_owned(),
            Self::Blob(blob) => blob.uri().redacted().to_owned(),
        }
    }

    /// Where it is, if it is a file.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path, _) => Some(path),
            Self::Pipe(_) | Self::StandardInput | Self::Blob(_) => None,
        }
    }

    /// How words about it call it.
    pub(crate) fn called(&self) -> String {
        match self {
            Self::StandardInput => "standard input".to_owned(),
            named => named.shown(),
        }
    }
}

/// Finds everything that is to be ingested, in the order in which it was named; folders are sorted by path.
///
/// # Errors
/// Something that was named does not exist or cannot be used, or nothing was found.
pub(super) fn discover(named: &[OsString]) -> Result<Vec<DiscoveredSource>, CommandError> {
    let mut found = Vec::new();
    for name in named {
        match name.to_str() {
            Some("-")
                if found
                    .iter()
                    .any(|known| matches!(known, DiscoveredSource::StandardInput)) =>
            {
                return Err(CommandError::usage("standard input can be read only once"));
            }
            Some("-") => found.push(DiscoveredSource::StandardInput),
            Some(address) if is_address(address) => found.push(blob(address)?),
            _ => local(Path::new(name), &mut found)?,
        }
    }
    if found.is_empty() {
        return Err(CommandError::new(
            Exit::NothingMatched,
            "there is nothing to ingest: the folder holds no files",
        ));
    }
    Ok(found)
}

/// Whether it is the address of a blob, also one that lacks its scheme and is no file.
fn is_address(name: &str) -> bool {
    name.contains("://") || (BlobUri::lacks_scheme(name) && !Path::new(name).exists())
}

fn blob(address: &str) -> Result<DiscoveredSource, CommandError> {
    if address.starts_with("file://") {
        return Err(CommandError::usage(
            "a file is named by its path, without file://",
        ));
    }
    BlobSource::parse(address)
        .map(DiscoveredSource::Blob)
        .map_err(|error| CommandError::unusable(&error))
}

fn local(path: &Path, found: &mut Vec<DiscoveredSource>) -> Result<(), CommandError> {
    let metadata = fs::metadata(path)
        .map_err(|error| CommandError::usage(format!("failed to find {}: {error}", path.display())))?;
    if metadata.is_dir() {
        return folder(path, found);
    }
    found.push(match metadata.is_file() {
        true => DiscoveredSource::File(path.to_owned(), FileState::of(&metadata)),
        false => DiscoveredSource::Pipe(path.to_owned()),
    });
    Ok(())
}

/// All files below a folder. Links to files are followed, links to folders are not: they may lead in circles.
fn folder(path: &Path, found: &mut Vec<DiscoveredSource>) -> Result<(), CommandError> {
    let unreadable =
        |error| CommandError::usage(format!("failed to read the folder {}: {error}", path.display()));
    let mut entries = fs::read_dir(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(unreadable)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        let entry_type = entry.file_type().map_err(unreadable)?;
        if is_hidden {
            continue;
        }
        if entry_type.is_dir() {
            folder(&entry.path(), found)?;
            continue;
        }
        let target = fs::metadata(entry.path());
        if let Some(file) = target.ok().filter(fs::Metadata::is_file) {
            found.push(DiscoveredSource::File(entry.path(), FileState::of(&file)));
        }
    }
    Ok(())
}
