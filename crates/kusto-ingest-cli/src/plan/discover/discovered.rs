//! One thing that was found, and how it is shown.

use std::path::{Path, PathBuf};

use kusto_ingest::Error;
use kusto_ingest::sources::{BlobSource, FileState, LocalSource};

use crate::sign_in::BlobFacts;

/// One thing to ingest.
#[derive(Clone, Debug)]
pub(crate) enum DiscoveredSource {
    /// A file, and what it looked like.
    File(PathBuf, FileState),
    /// Something with a path that cannot be replayed.
    Pipe(PathBuf),
    StandardInput,
    Blob(BlobSource, BlobFacts),
    /// An object of a store that Kusto does not read, and how it is shown: this process reads it.
    Object(LocalSource, BlobFacts, String),
    /// Something among others that cannot be ingested, and why.
    Odd(String, Error),
}

impl DiscoveredSource {
    /// How it is shown: without secrets.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::File(path, _) | Self::Pipe(path) => path.display().to_string(),
            Self::StandardInput => "-".to_owned(),
            Self::Blob(blob, _) => blob.uri().redacted().to_owned(),
            Self::Object(_, _, name) | Self::Odd(name, _) => name.clone(),
        }
    }

    /// Where it is, if it is a file.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path, _) => Some(path),
            Self::Pipe(_) | Self::StandardInput | Self::Blob(..) | Self::Object(..) | Self::Odd(..) => None,
        }
    }

    /// What it is told by in every run: an absolute path, or an address without secrets.
    pub(crate) fn key(&self) -> String {
        let Some(file) = self.file() else {
            return self.shown();
        };
        let path = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        match path.to_str() {
            Some(path) => path.to_owned(),
            // What is no text is written so that no two paths are the same.
            None => format!("{path:?}"),
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
