//! The files that a command itself writes or reads, beside its sources.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use super::sign_in::is_standard_input;
use crate::report::{CommandError, FileIdentity};

/// The longest line of a list that is looked at, in bytes.
const LONGEST: u64 = 64 * 1024;

/// A file that the command itself writes or reads.
#[derive(Clone, Debug)]
struct OwnFile {
    /// The option that names it.
    option: &'static str,
    path: PathBuf,
    is_written: bool,
}

/// All of them. None of them is a source, by whatever path: what is written would replace data, or be ingested as data.
#[derive(Clone, Debug, Default)]
pub(crate) struct OwnFiles(Vec<OwnFile>);

/// Which files these are right now.
#[derive(Debug)]
pub(crate) struct KnownOwnFiles<'a>(HashMap<FileIdentity, &'a OwnFile>);

impl KnownOwnFiles<'_> {
    /// The option that names the file at a path, if one does.
    pub(crate) fn option_of(&self, path: &Path) -> Option<&'static str> {
        Some(self.of(path)?.option)
    }

    fn of(&self, path: &Path) -> Option<&OwnFile> {
        match self.0.is_empty() {
            true => None,
            false => self.0.get(&FileIdentity::of(path)?).copied(),
        }
    }
}

impl OwnFiles {
    /// Looks which files they are: what is not there yet may be soon.
    pub(crate) fn known(&self) -> KnownOwnFiles<'_> {
        let known = self
            .0
            .iter()
            .filter_map(|own| Some((FileIdentity::of(&own.path)?, own)));
        KnownOwnFiles(known.collect())
    }

    /// Where they are, with the options that name them.
    pub(crate) fn paths(&self) -> impl Iterator<Item = (&'static str, &Path)> {
        self.0.iter().map(|own| (own.option, &*own.path))
    }

    /// Takes a file that the command reads.
    pub(super) fn read(&mut self, option: &'static str, path: Option<&Path>) {
        self.add(option, path, false);
    }

    /// Takes a file that the command writes.
    pub(super) fn written(&mut self, option: &'static str, path: Option<&Path>) {
        self.add(option, path, true);
    }

    /// Takes a file that the command writes, and the one beside it that is put into its place in the end.
    pub(super) fn written_by(&mut self, option: &'static str, path: Option<&Path>, ending: &str) {
        let Some(path) = path else { return };
        let mut beside = path.as_os_str().to_owned();
        beside.push(ending);
        self.written(option, Some(path));
        self.written(option, Some(Path::new(&beside)));
    }

    fn add(&mut self, option: &'static str, path: Option<&Path>, is_written: bool) {
        if let Some(path) = path.filter(|path| !is_standard_input(path)) {
            self.0.push(OwnFile {
                option,
                path: path.to_owned(),
                is_written,
            });
        }
    }

    /// Refuses two options that name one file, which at least one of them writes.
    ///
    /// # Errors
    /// There are two.
    pub(super) fn refuse_shared(&self) -> Result<(), CommandError> {
        let mut known: HashMap<FileIdentity, &OwnFile> = HashMap::new();
        for own in &self.0 {
            let Some(identity) = FileIdentity::of(&own.path) else {
                continue;
            };
            match known.get(&identity) {
                Some(other) if own.is_written || other.is_written => {
                    return Err(CommandError::usage(format!(
                        "{} and {} cannot both use {}: give each a file of its own",
                        other.option,
                        own.option,
                        own.path.display()
                    )));
                }
                Some(_) => {}
                None => drop(known.insert(identity, own)),
            }
        }
        Ok(())
    }

    /// Refuses one of them that is named as a source as well, by an argument or in a list.
    ///
    /// # Errors
    /// There is one.
    pub(super) fn refuse_sources(&self, named: &[OsString], list: Option<&Path>) -> Result<(), CommandError> {
        let known = self.known();
        let named = named.iter().map(PathBuf::from);
        let mut listed = list.into_iter().flat_map(lines).map(PathBuf::from);
        let own = named
            .filter(|name| !is_address(name))
            .find_map(|name| known.of(&name))
            .or_else(|| listed.find_map(|name| known.of(&name)));
        match own {
            None => Ok(()),
            Some(own) => Err(CommandError::usage(format!(
                "{} {} cannot be used: it is one of the sources",
                own.option,
                own.path.display()
            ))),
        }
    }
}

fn is_address(name: &Path) -> bool {
    name.to_str().is_some_and(|text| text.contains("://"))
}

/// The paths in a list that can be read twice. What cannot be read is told by whoever reads it for its sources.
fn lines(list: &Path) -> impl Iterator<Item = String> {
    let is_file = std::fs::metadata(list).is_ok_and(|known| known.is_file()) && !list.starts_with("/dev");
    let mut list = is_file
        .then(|| File::open(list).ok())
        .flatten()
        .map(BufReader::new);
    let lines = std::iter::from_fn(move || {
        let mut line = String::new();
        let read = list.as_mut()?.by_ref().take(LONGEST).read_line(&mut line);
        read.is_ok_and(|bytes| bytes > 0).then_some(line)
    });
    let names = lines.map(|line| line.trim().trim_start_matches('\u{FEFF}').to_owned());
    names.filter(|name| !name.is_empty() && !name.starts_with('#') && !is_address(Path::new(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_file_is_known_by_every_path_that_leads_to_it() {
        let folder = std::env::temp_dir().join(format!("kusto-ingest-own-files-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("below")).unwrap();
        std::fs::write(folder.join("a.csv"), "1\n").unwrap();
        let around = folder.join("below").join("..");
        let mut own = OwnFiles::default();
        own.written("--receipts", Some(&around.join("a.csv")));
        own.written_by("--report", Some(&folder.join("not_yet.csv")), ".partial");
        let known = own.known();
        for (name, option) in [
            ("a.csv", Some("--receipts")),
            ("not_yet.csv", Some("--report")),
            ("not_yet.csv.partial", Some("--report")),
            ("b.csv", None),
            ("below", None),
        ] {
            assert_eq!(known.option_of(&folder.join(name)), option, "{name}");
            assert_eq!(known.option_of(&around.join(name)), option, "{name}");
        }
        assert!(own.refuse_shared().is_ok());
        own.read("--from-file", Some(&folder.join("a.csv")));
        let refused = own.refuse_shared().unwrap_err().message;
        assert!(
            refused.starts_with("--receipts and --from-file cannot both use"),
            "{refused}"
        );
        std::fs::remove_dir_all(folder).unwrap();
    }
}
