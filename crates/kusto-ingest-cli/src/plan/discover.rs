//! What the named sources are: files, folders and what is in them, standard input, blobs, containers.

mod discovered;
mod folder;
mod named_error;
mod names;
mod path_kind;
mod seen;
mod selection;

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use kusto_ingest::Error;
use kusto_ingest::sources::{BlobSource, BlobUri, DataFormat};
use kusto_ingest_watch::is_reason;
use tokio::task::spawn_blocking;

use crate::args::{IngestJob, ListJob, SelectArgs, names_many};
use crate::report::{self, CommandError, Exit};
use crate::sign_in::{BlobFacts, Containers, Listed, ListedObject, Listing};
pub(crate) use discovered::DiscoveredSource;
use folder::Folder;
use named_error::NamedError;
use names::Names;
use path_kind::PathKind;
use seen::Seen;
use selection::{Selection, unreadable};

/// What is to be found, and how.
#[derive(Debug)]
pub(crate) struct DiscoveryRequest {
    pub(crate) sources: Vec<OsString>,
    pub(crate) select: SelectArgs,
    /// The format that all have; where it is not given, names have to tell it.
    pub(crate) format: Option<DataFormat>,
    /// What is done with a source that is named twice.
    pub(crate) twice: Twice,
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
            twice: match (job.delete_source, job.is_streamed()) {
                (true, _) => Twice::Keep,
                // A listing has no blob twice.
                (false, true) if !job.names_one() => Twice::TakeOnce,
                (false, _) => Twice::TakeFilesOnce,
            },
            wants_format: true,
        }
    }

    /// What is to be listed.
    pub(crate) fn listed(job: &ListJob) -> Self {
        Self {
            sources: job.sources.clone(),
            select: job.select.clone(),
            format: job.format,
            twice: match job.select.from_file.is_none() && job.sources.len() == 1 {
                // A listing has no blob twice.
                true => Twice::TakeFilesOnce,
                false => Twice::TakeOnce,
            },
            wants_format: job.wants_format,
        }
    }
}

/// What is done with a source that is named twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Twice {
    /// It is found twice, and whoever looks at all of them refuses it.
    Keep,
    /// A file is found once, a blob twice: whoever looks at all of them refuses it.
    TakeFilesOnce,
    /// It is found once: nobody looks at all of them.
    TakeOnce,
}

/// How many repetitions are told each for itself.
const REPETITIONS: u64 = 10;

/// Finds what is to be ingested, one after the other, in the order in which it was named; folders are sorted by path,
/// containers by name. It holds a page of a container at most, and 16 bytes for each file, and for each blob of a list.
#[derive(Debug)]
pub(crate) struct Discovery {
    names: Names,
    selection: Selection,
    containers: Containers,
    wanted: DiscoveryRequest,
    found: VecDeque<DiscoveredSource>,
    listing: Option<Listing>,
    seen: Seen,
    repeated: u64,
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
            seen: Seen::default(),
            repeated: 0,
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
                self.tell_repeated();
                return Ok(None);
            };
            let is_named = name.is_argument;
            match self.look(name.text).await {
                Err(error) if !is_named => self.found.push_back(error.odd()),
                looked => looked.map_err(|trouble| trouble.error)?,
            }
        }
    }

    /// All that is left, which is held.
    ///
    /// # Errors
    /// As [`next`](Self::next); that there is nothing, or more than `most`.
    pub(crate) async fn all(mut self, most: usize) -> Result<Vec<DiscoveredSource>, CommandError> {
        let mut all = Vec::new();
        while let Some(found) = self.next().await? {
            if all.len() == most {
                return Err(CommandError::usage(format!(
                    "there are more than {most} sources, and this command would hold each of them in memory: ingest a \
                     container or a list by `kusto-ingest ingest --track --receipts FILE`, without --wait, --delete-source, \
                     --raw-size and --emulator, which holds none, and wait by `kusto-ingest wait FILE`; or name fewer"
                )));
            }
            all.push(found);
        }
        if all.is_empty() && !self.wanted.select.may_be_empty() {
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
            Some(address) if names_many(address) => {
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
                self.take(blob);
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
        let read = spawn_blocking(move || PathKind::of(&path)).await;
        let read = read.map_err(|error| in_trouble(CommandError::new(Exit::Bug, error)))?;
        match read.map_err(in_trouble)? {
            PathKind::One(found) => {
                let own = found
                    .file()
                    .and_then(|file| self.wanted.select.own_files.known().option_of(file));
                if let Some(option) = own {
                    let why = format!("{shown} is no source: it is the file of {option}");
                    return Err(in_trouble(CommandError::usage(why)));
                }
                self.refuse_format(&shown)?;
                self.take(found);
            }
            PathKind::Folder(folder) => {
                folder.tell();
                self.take_folder(folder);
            }
        }
        Ok(())
    }

    /// Takes what the selection leaves of a folder, without what this command itself writes or reads.
    fn take_folder(&mut self, folder: Folder) {
        let own_files = self.wanted.select.own_files.clone();
        let known = own_files.known();
        let mut reasons = 0_u64;
        for (below, found) in folder.files {
            if !self.selection.takes(&below) {
                continue;
            }
            if found.file().is_some_and(is_reason) {
                reasons += 1;
                continue;
            }
            if let Some(option) = found.file().and_then(|file| known.option_of(file)) {
                report::note(&format!(
                    "{} is left out: it is the file of {option}",
                    found.shown()
                ));
                continue;
            }
            let found = self.checked(found);
            self.take(found);
        }
        if reasons > 0 {
            report::note(&format!(
                "{reasons} files of reasons, NAME.reason.json, are left out: `watch` has set the files beside them aside"
            ));
        }
    }

    /// Takes a source, unless it is there already.
    fn take(&mut self, found: DiscoveredSource) {
        let shard = self.wanted.select.shard;
        if shard.is_some_and(|shard| !shard.takes(&found.key())) {
            return;
        }
        let is_new = match (&found, self.wanted.twice) {
            (_, Twice::Keep) => true,
            (DiscoveredSource::File(file, _), _) => {
                let real = fs::canonicalize(file).unwrap_or_else(|_| file.clone());
                self.seen.is_new(real)
            }
            (DiscoveredSource::Blob(..) | DiscoveredSource::Object(..), Twice::TakeOnce) => {
                self.seen.is_new(found.shown())
            }
            _ => true,
        };
        if is_new {
            self.found.push_back(found);
            return;
        }
        self.repeated += 1;
        if self.repeated <= REPETITIONS {
            report::note(&format!("{} is named twice, and taken once", found.shown()));
        }
    }

    /// Says how many more were named twice than were told each for itself.
    fn tell_repeated(&mut self) {
        let more = std::mem::take(&mut self.repeated).saturating_sub(REPETITIONS);
        if more > 0 {
            report::note(&format!("{more} more are named twice, and taken once"));
        }
    }

    /// Takes what the selection leaves of a page.
    fn take_page(&mut self, page: Vec<ListedObject>) {
        for listed in page {
            if !self.selection.takes(&listed.below) {
                continue;
            }
            let facts = listed.facts;
            let found = match listed.what {
                Listed::Blob(uri) => self.checked(DiscoveredSource::Blob(BlobSource::new(uri), facts)),
                Listed::Here(source, shown) => self.checked(DiscoveredSource::Object(source, facts, shown)),
                Listed::Odd(shown, error) => DiscoveredSource::Odd(shown, error),
            };
            self.take(found);
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

/// Whether it is the address of a blob, also one that lacks its scheme and is no file.
fn is_address(name: &str) -> bool {
    name.contains("://") || (BlobUri::lacks_scheme(name) && !Path::new(name).exists())
}
