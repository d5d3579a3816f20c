//! Files for their user alone.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// Writes a file anew, for its user alone where the system has such rights. It blocks.
///
/// What has its name by then goes: neither the rights of an older file stay, nor is a link followed.
///
/// # Errors
/// It cannot be created, or what has its name cannot be removed, as a folder cannot.
pub fn create_private_file(path: &Path) -> io::Result<File> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        // Whatever comes in between is refused, and no link is followed.
        _ => private().write(true).create_new(true).open(path),
    }
}

/// Opens a file for more, or creates it for its user alone where the system has such rights. It blocks.
///
/// What is there stays as it is: its user may have given it to others, and it may be a link or a pipe.
///
/// # Errors
/// It can be neither opened nor created.
pub fn append_private_file(path: &Path) -> io::Result<File> {
    private().append(true).create(true).open(path)
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::Write as _;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;
    use crate::testing::TestFolder;

    fn mode(path: &Path) -> u32 {
        let metadata = std::fs::metadata(path).expect("it is there");
        metadata.permissions().mode() & 0o777
    }

    #[test]
    fn a_file_that_is_written_anew_has_neither_the_rights_of_an_older_one_nor_is_a_link_followed() {
        let folder = TestFolder::new(std::env::temp_dir(), "kusto-ingest-private-file-anew");
        let other = folder.write("other", "theirs");
        let (older, link) = (folder.write("older", "open to all"), folder.join("link"));
        std::fs::set_permissions(&older, PermissionsExt::from_mode(0o644)).unwrap();
        symlink(&other, &link).unwrap();
        for path in [&older, &link, &folder.join("new")] {
            create_private_file(path).unwrap().write_all(b"ours").unwrap();
            assert_eq!(std::fs::read_to_string(path).unwrap(), "ours");
            assert!(std::fs::symlink_metadata(path).unwrap().is_file());
            assert_eq!(mode(path), 0o600);
        }
        assert_eq!(std::fs::read_to_string(&other).unwrap(), "theirs");
        assert!(create_private_file(folder.path()).is_err(), "a folder stays");
    }

    #[test]
    fn a_file_that_is_continued_keeps_what_its_user_has_made_of_it() {
        let folder = TestFolder::new(std::env::temp_dir(), "kusto-ingest-private-file-more");
        let (older, link, new) = (
            folder.write("older", "1"),
            folder.join("link"),
            folder.join("new"),
        );
        std::fs::set_permissions(&older, PermissionsExt::from_mode(0o640)).unwrap();
        symlink(&older, &link).unwrap();
        for path in [&link, &new] {
            append_private_file(path).unwrap().write_all(b"2").unwrap();
        }
        assert_eq!(std::fs::read_to_string(&older).unwrap(), "12");
        assert_eq!((mode(&older), mode(&new)), (0o640, 0o600));
    }
}
