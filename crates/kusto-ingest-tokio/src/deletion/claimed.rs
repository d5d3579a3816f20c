//! A file under a name that nobody else looks for: there it is looked at, and deleted or given back.

use std::ffi::{OsStr, OsString};
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use kusto_ingest_core::{Error, ErrorKind, Result};
use uuid::Uuid;

use super::DELETE;
use crate::file_state::FileState;

/// What a file is called while it is deleted, before an id and its own name.
pub(super) const PREFIX: &str = ".kusto-ingest-deleting-";
/// How long a name goes whole into the other one, in bytes: so that every file system takes that.
const LONGEST_OWN_NAME: usize = 80;

const CHANGED: &str = "it has changed since it was read, so it stays";

/// Looks whether a file is what was read, before it is touched at all.
pub(super) fn check(path: &Path, read: FileState) -> Result<()> {
    let found = fs::symlink_metadata(path).map_err(|error| undeleted(path, error))?;
    if found.is_symlink() {
        return Err(failed(path, ErrorKind::Unsupported).because(
            "it is a symbolic link: neither the link nor what it leads to is deleted; name the file itself to have it \
             deleted",
        ));
    }
    match is_what_was_read(&found, read) {
        true => Ok(()),
        false => Err(failed(path, ErrorKind::SourceNotReadable).because(CHANGED)),
    }
}

/// Whatever had the file's name, under another one.
#[derive(Debug)]
pub(super) struct ClaimedFile<'p> {
    path: &'p Path,
    private: PathBuf,
}

impl<'p> ClaimedFile<'p> {
    pub(super) fn take(path: &'p Path) -> Result<Self> {
        let private = path.with_file_name(private_name(path.file_name().unwrap_or_default()));
        fs::rename(path, &private).map_err(|error| undeleted(path, error))?;
        Ok(Self { path, private })
    }

    /// Deletes it, if it is what was read; otherwise it gets its name back.
    pub(super) fn delete(self, read: FileState) -> Result<()> {
        let deleted =
            fs::symlink_metadata(&self.private).and_then(|found| match is_what_was_read(&found, read) {
                true => fs::remove_file(&self.private).map(|()| true),
                false => Ok(false),
            });
        let why = match deleted {
            Ok(true) => return Ok(()),
            Ok(false) => failed(self.path, ErrorKind::SourceNotReadable).because(CHANGED),
            Err(error) => undeleted(self.path, error),
        };
        Err(match self.give_back() {
            Err(error) if error.kind() != io::ErrorKind::NotFound => failed(self.path, why.kind())
                .because("it is not what was read, or cannot be deleted, and could not get its name back")
                .with("now at", self.private.display())
                .caused_by(error),
            _ => why,
        })
    }

    /// Gives it its name back, without ever taking that from anything else.
    fn give_back(&self) -> io::Result<()> {
        if fs::symlink_metadata(&self.private)?.is_dir() {
            // A folder takes the place of nothing but an empty folder.
            return fs::rename(&self.private, self.path);
        }
        // A hard link is refused where there is something of that name, which a renaming would replace.
        fs::hard_link(&self.private, self.path)?;
        fs::remove_file(&self.private)
    }
}

fn is_what_was_read(found: &Metadata, read: FileState) -> bool {
    found.is_file() && FileState::of(found) == read
}

/// A name that no other file has, which tells whose it was.
fn private_name(own: &OsStr) -> OsString {
    let mut name = OsString::from(format!("{PREFIX}{}-", Uuid::new_v4().simple()));
    match own.len() <= LONGEST_OWN_NAME {
        true => name.push(own),
        false => name.push(
            own.to_string_lossy()
                .chars()
                .take(LONGEST_OWN_NAME / 4)
                .collect::<String>(),
        ),
    }
    name
}

fn undeleted(path: &Path, error: io::Error) -> Error {
    let (kind, reason) = match error.kind() {
        io::ErrorKind::NotFound => (ErrorKind::SourceNotFound, "it is gone already"),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            (ErrorKind::Forbidden, "its folder does not allow it, so it stays")
        }
        _ => (ErrorKind::Other, "it stays where it is"),
    };
    failed(path, kind).because(reason).caused_by(error)
}

fn failed(path: &Path, kind: ErrorKind) -> Error {
    Error::new(kind, DELETE).with("path", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of the test's own with a file in it that was read, gone with it.
    struct Scene {
        folder: PathBuf,
        file: PathBuf,
        read: FileState,
    }

    impl Scene {
        fn new() -> Self {
            let folder = std::env::temp_dir().join(format!("kusto-ingest-{}", Uuid::new_v4()));
            fs::create_dir(&folder).unwrap();
            let file = folder.join("a.csv");
            fs::write(&file, "read").unwrap();
            let read = FileState::of(&fs::metadata(&file).unwrap());
            Self { folder, file, read }
        }

        /// Puts a file in the place of whatever is called so.
        fn put(&self, text: &str) {
            fs::write(self.folder.join("new"), text).unwrap();
            fs::rename(self.folder.join("new"), &self.file).unwrap();
        }

        /// The names of all files, and what is in them.
        fn files(&self) -> Vec<(String, String)> {
            let entries = fs::read_dir(&self.folder).unwrap().map(|entry| entry.unwrap());
            let mut files: Vec<_> = entries
                .map(|entry| {
                    let name = entry.file_name().into_string().unwrap();
                    (name, fs::read_to_string(entry.path()).unwrap_or_default())
                })
                .collect();
            files.sort();
            files
        }
    }

    impl Drop for Scene {
        fn drop(&mut self) {
            let _gone_already = fs::remove_dir_all(&self.folder);
        }
    }

    fn named(name: &str, text: &str) -> (String, String) {
        (name.to_owned(), text.to_owned())
    }

    #[test]
    fn what_takes_its_place_while_it_is_deleted_stays() {
        let scene = Scene::new();
        let claimed = ClaimedFile::take(&scene.file).unwrap();
        scene.put("newer");
        claimed.delete(scene.read).unwrap();
        assert_eq!(scene.files(), [named("a.csv", "newer")]);
    }

    #[test]
    fn what_took_its_place_in_the_last_moment_gets_its_name_back() {
        let scene = Scene::new();
        check(&scene.file, scene.read).unwrap();
        scene.put("newer");
        let error = ClaimedFile::take(&scene.file)
            .unwrap()
            .delete(scene.read)
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SourceNotReadable);
        assert!(error.to_string().contains("changed"), "{error}");
        assert_eq!(scene.files(), [named("a.csv", "newer")]);
    }

    #[test]
    fn what_has_lost_its_name_to_something_else_stays_under_another_and_the_error_tells_where() {
        let scene = Scene::new();
        scene.put("newer");
        let claimed = ClaimedFile::take(&scene.file).unwrap();
        scene.put("newest");
        let error = claimed.delete(scene.read).unwrap_err();
        let files = scene.files();
        assert_eq!(files[1], named("a.csv", "newest"), "it is not overwritten");
        assert_eq!(files[0].1, "newer", "and nothing is lost");
        let place = scene.folder.join(&files[0].0).display().to_string();
        assert!(error.context().any(|pair| pair == ("now at", &place)), "{error}");
    }

    #[test]
    fn a_folder_or_a_link_in_its_place_is_given_back_as_it_was() {
        let scene = Scene::new();
        fs::remove_file(&scene.file).unwrap();
        fs::create_dir(&scene.file).unwrap();
        fs::write(scene.file.join("within"), "").unwrap();
        ClaimedFile::take(&scene.file)
            .unwrap()
            .delete(scene.read)
            .unwrap_err();
        assert!(scene.file.join("within").exists());
        #[cfg(unix)]
        {
            fs::remove_dir_all(&scene.file).unwrap();
            std::os::unix::fs::symlink("elsewhere", &scene.file).unwrap();
            ClaimedFile::take(&scene.file)
                .unwrap()
                .delete(scene.read)
                .unwrap_err();
            assert_eq!(fs::read_link(&scene.file).unwrap(), Path::new("elsewhere"));
        }
        assert_eq!(scene.files().len(), 1);
    }

    #[test]
    fn the_other_name_tells_whose_it_was_and_is_never_too_long() {
        let name = |own: &str| private_name(OsStr::new(own)).into_string().unwrap();
        assert!(name("a.csv").ends_with("-a.csv"));
        assert_ne!(name("a.csv"), name("a.csv"));
        assert!(
            name(&"ä".repeat(127)).len() <= 143,
            "as some file systems take no more"
        );
    }
}
