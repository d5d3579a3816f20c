//! What the named sources are: files, folders and what is in them, standard input, blobs, containers.

mod folder;
mod names;
mod selection;

use std::collections::{HashSet, VecDeque};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use kusto_ingest::clock::Timestamp;
use kusto_ingest::secrets::redact;
use kusto_ingest::sources::{BlobSource, BlobUri, DataFormat, FileState};
use kusto_ingest::storage::{BlobListing, ContainerAddress, ListedBlob};
use kusto_ingest::{Error, ErrorKind};
use tokio::task::spawn_blocking;

use crate::args::{IngestJob, ListJob, SelectArgs};
use crate::report::{self, CommandError, Exit};
use crate::sign_in::Containers;
use folder::Folder;
use names::Names;
use selection::{Selection, unreadable};

/// One thing to ingest.
#[derive(Clone, Debug)]
pub(crate) enum DiscoveredSource {
    /// A file, and what it looked like.
    File(PathBuf, FileState),
    /// Something with a path that cannot be replayed.
    Pipe(PathBuf),
    StandardInput,
    Blob(BlobSource, BlobFacts),
    /// Something among others that cannot be ingested, and why.
    Odd(String, Error),
}

/// What a listing tells of a blob.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct BlobFacts {
    pub(crate) bytes: Option<u64>,
    pub(crate) raw_bytes: Option<u64>,
    pub(crate) creation_time: Option<Timestamp>,
    pub(crate) last_modified: Option<Timestamp>,
}

impl DiscoveredSource {
    /// How it is shown: without secrets.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::File(path, _) | Self::Pipe(path) => path.display().to_string(),
            Self::StandardInput => "-".to_owned(),
            Self::Blob(blob, _) => blob.uri().redacted().to_owned(),
            Self::Odd(name, _) => name.clone(),
        }
    }

    /// Where it is, if it is a file.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path, _) => Some(path),
            Self::Pipe(_) | Self::StandardInput | Self::Blob(..) | Self::Odd(..) => None,
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

/// What is to be found, and how.
#[derive(Debug)]
pub(crate) struct DiscoveryRequest {
    pub(crate) sources: Vec<OsString>,
    pub(crate) select: SelectArgs,
    /// The format that all have; where it is not given, names have to tell it.
    pub(crate) format: Option<DataFormat>,
    /// Whether a file that is named twice is found twice.
    pub(crate) keeps_duplicates: bool,
    /// Whether a name has to tell a format.
    pub(crate) wants_format: bool,
}

impl DiscoveryRequest {
    /// What a job is to ingest.
    pub(crate) fn of(job: &IngestJob) -> Self {
        Self {
            sources: job.sources.clone(),
            select: job.select.clone(),
            format: job.into.format,
            keeps_duplicates: job.delete_source,
            wants_format: true,
        }
    }

    /// What is to be listed.
    pub(crate) fn listed(job: &ListJob) -> Self {
        Self {
            sources: job.sources.clone(),
            select: job.select.clone(),
            format: job.format,
            keeps_duplicates: false,
            wants_format: job.wants_format,
        }
    }
}

/// Finds what is to be ingested, one after the other, in the order in which it was named; folders are sorted by path,
/// containers by name. It holds a page of a container at most.
#[derive(Debug)]
pub(crate) struct Discovery {
    names: Names,
    selection: Selection,
    containers: Containers,
    wanted: DiscoveryRequest,
    found: VecDeque<DiscoveredSource>,
    listing: Option<BlobListing>,
    known: HashSet<PathBuf>,
    has_standard_input: bool,
    taken: u64,
}

impl Discovery {
    /// Nothing is read and nothing is sent yet.
    ///
    /// # Errors
    /// A pattern that is none, a list that cannot be opened.
    pub(crate) fn new(wanted: DiscoveryRequest, containers: Containers) -> Result<Self, CommandError> {
        let names = Names::of(&wanted.sources, wanted.select.from_file.as_deref())?;
        Ok(Self {
            names,
            selection: Selection::new(&wanted.select)?,
            containers,
            wanted,
            found: VecDeque::new(),
            listing: None,
            known: HashSet::new(),
            has_standard_input: false,
            taken: 0,
        })
    }

    /// The next source; none in the end.
    ///
    /// # Errors
    /// Something that was named in the arguments does not exist or cannot be used; a container that cannot be listed.
    pub(crate) async fn next(&mut self) -> Result<Option<DiscoveredSource>, CommandError> {
        loop {
            if self.wanted.select.limit.is_some_and(|limit| self.taken >= limit) {
                return Ok(None);
            }
            if let Some(found) = self.found.pop_front() {
                self.taken += 1;
                return Ok(Some(found));
            }
            if let Some(listing) = &mut self.listing {
                let page = self.containers.next_page(listing).await;
                match page.map_err(|error| CommandError::failed(&error))? {
                    Some(page) => self.take_page(page),
                    None => self.listing = None,
                }
                continue;
            }
            let Some(name) = self.names.next().await? else {
                return Ok(None);
            };
            let is_named = name.is_argument;
            match self.look(name.text).await {
                Err(error) if !is_named => self.found.push_back(error.odd()),
                looked => looked.map_err(|trouble| trouble.error)?,
            }
        }
    }

    /// All that is left.
    ///
    /// # Errors
    /// As [`next`](Self::next), and that there is nothing.
    pub(crate) async fn all(mut self) -> Result<Vec<DiscoveredSource>, CommandError> {
        let mut all = Vec::new();
        while let Some(found) = self.next().await? {
            all.push(found);
        }
        if all.is_empty() && !self.wanted.select.allow_empty {
            return Err(nothing());
        }
        Ok(all)
    }

    async fn look(&mut self, name: OsString) -> Result<(), NamedError> {
        match name.to_str() {
            Some("-") if self.has_standard_input => {
                // A list may name it, too.
                return Err(NamedError::of(
                    "-",
                    CommandError::usage("standard input can be read only once"),
                ));
            }
            Some("-") => {
                self.has_standard_input = true;
                self.found.push_back(DiscoveredSource::StandardInput);
            }
            Some(address) if ContainerAddress::matches(address) => {
                let opened = self
                    .containers
                    .listing(address, self.wanted.select.prefix.as_deref());
                self.listing = Some(opened.map_err(|error| NamedError::of(address, error))?);
            }
            Some(address) if is_address(address) => {
                let blob = self
                    .blob(address)
                    .map_err(|error| NamedError::of(address, error))?;
                self.refuse_format(&blob.shown())?;
                self.found.push_back(blob);
            }
            _ => self.local(PathBuf::from(name)).await?,
        }
        Ok(())
    }

    fn blob(&self, address: &str) -> Result<DiscoveredSource, CommandError> {
        if address.starts_with("file://") {
            return Err(CommandError::usage(
                "a file is named by its path, without file://",
            ));
        }
        let unusable = |error| CommandError::unusable(&error);
        let blob = BlobSource::parse(address).map_err(unusable)?;
        let blob = match &self.wanted.select.storage.service_identity {
            Some(_) if blob.uri().expose() != blob.uri().redacted() => {
                return Err(CommandError::usage(format!(
                    "{}: --service-identity takes the place of a SAS, key or identity in the URL: leave one of the two out",
                    blob.uri()
                )));
            }
            Some(identity) => {
                let address = format!("{};managed_identity={identity}", blob.uri().redacted());
                BlobSource::parse(address).map_err(unusable)?
            }
            None => blob,
        };
        Ok(DiscoveredSource::Blob(blob, BlobFacts::default()))
    }

    async fn local(&mut self, path: PathBuf) -> Result<(), NamedError> {
        let shown = path.display().to_string();
        let in_trouble = |error| NamedError::of(&shown, error);
        if self.wanted.select.prefix.is_some() {
            let why = format!("{shown} is no container: --prefix is for containers alone");
            return Err(in_trouble(CommandError::usage(why)));
        }
        if self.wanted.select.storage.service_identity.is_some() {
            let why = format!("{shown}: --service-identity is for blobs, and this is read by this process");
            return Err(in_trouble(CommandError::usage(why)));
        }
        let read = spawn_blocking(move || local(&path)).await;
        let read = read.map_err(|error| in_trouble(CommandError::new(Exit::Bug, error)))?;
        match read.map_err(in_trouble)? {
            PathKind::One(found) => {
                self.refuse_format(&shown)?;
                self.take(found);
            }
            PathKind::Folder(folder) => {
                folder.tell();
                for (below, found) in folder.files {
                    if self.selection.takes(&below) {
                        let found = self.checked(found);
                        self.take(found);
                    }
                }
            }
        }
        Ok(())
    }

    /// Takes a file, unless it is there already.
    fn take(&mut self, found: DiscoveredSource) {
        if let (Some(file), false) = (found.file(), self.wanted.keeps_duplicates) {
            let real = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
            if !self.known.insert(real) {
                report::note(&format!("{} is named twice, and taken once", found.shown()));
                return;
            }
        }
        self.found.push_back(found);
    }

    /// Takes what the selection leaves of a page.
    fn take_page(&mut self, page: Vec<ListedBlob>) {
        let Some(listing) = &self.listing else { return };
        let container = listing.container().clone();
        for listed in page {
            let below = listed
                .name
                .strip_prefix(container.prefix())
                .unwrap_or(&listed.name);
            if !self.selection.takes(below) {
                continue;
            }
            let found = match container.blob(&listed.name) {
                Ok(uri) => self.checked(DiscoveredSource::Blob(BlobSource::new(uri), facts(&listed))),
                Err(error) => DiscoveredSource::Odd(format!("{container}{below}"), error),
            };
            self.found.push_back(found);
        }
    }

    /// What was found among others, or why it cannot be ingested.
    fn checked(&self, found: DiscoveredSource) -> DiscoveredSource {
        let shown = found.shown();
        match self.format_trouble(&shown) {
            Some(error) => DiscoveredSource::Odd(shown, error),
            None => found,
        }
    }

    /// Refuses what was named and cannot be ingested by its name.
    fn refuse_format(&self, shown: &str) -> Result<(), NamedError> {
        match self.format_trouble(shown) {
            Some(error) => Err(NamedError::of(
                shown,
                CommandError::usage(error.reason().unwrap_or_default()),
            )),
            None => Ok(()),
        }
    }

    fn format_trouble(&self, shown: &str) -> Option<Error> {
        if !self.wanted.wants_format {
            return None;
        }
        unreadable(shown, self.wanted.format)
    }
}

/// There is nothing to ingest.
pub(crate) fn nothing() -> CommandError {
    CommandError::new(
        Exit::NothingMatched,
        "there is nothing to ingest: nothing was found, or nothing that was found matches",
    )
}

/// Something that was named, and what is wrong with it.
struct NamedError {
    shown: String,
    error: CommandError,
}

impl NamedError {
    fn of(name: &str, error: CommandError) -> Self {
        let shown = redact(name);
        Self { shown, error }
    }

    /// As one of many.
    fn odd(self) -> DiscoveredSource {
        let error = Error::new(ErrorKind::InvalidInput, "use what the list names");
        DiscoveredSource::Odd(self.shown, error.because(self.error.message))
    }
}

fn facts(listed: &ListedBlob) -> BlobFacts {
    BlobFacts {
        bytes: Some(listed.size.bytes),
        raw_bytes: listed.size.raw_bytes,
        creation_time: listed.creation_time,
        last_modified: listed.last_modified,
    }
}

/// Whether it is the address of a blob, also one that lacks its scheme and is no file.
fn is_address(name: &str) -> bool {
    name.contains("://") || (BlobUri::lacks_scheme(name) && !Path::new(name).exists())
}

/// What is at a path.
enum PathKind {
    One(DiscoveredSource),
    Folder(Folder),
}

fn local(path: &Path) -> Result<PathKind, CommandError> {
    let metadata = fs::metadata(path)
        .map_err(|error| CommandError::usage(format!("failed to find {}: {error}", path.display())))?;
    if metadata.is_dir() {
        return Folder::read(path).map(PathKind::Folder);
    }
    Ok(PathKind::One(match metadata.is_file() {
        true => DiscoveredSource::File(path.to_owned(), FileState::of(&metadata)),
        false => DiscoveredSource::Pipe(path.to_owned()),
    }))
}
