//! A folder for the files of a test, gone with it.

use std::fs;
use std::path::{Path, PathBuf};

/// A folder of a test's own, empty at first, and gone when it is dropped.
#[derive(Debug)]
pub struct TestFolder(PathBuf);

impl TestFolder {
    /// An empty folder of this name in `parent`, which is `env!("CARGO_TARGET_TMPDIR")` for tests in `tests`. What an
    /// earlier run has left there is removed.
    ///
    /// # Panics
    ///
    /// It cannot be created.
    pub fn new(parent: impl AsRef<Path>, name: &str) -> Self {
        let path = parent.as_ref().join(name);
        drop(fs::remove_dir_all(&path));
        fs::create_dir_all(&path).expect("the folder can be created");
        Self(path)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Where a file or folder in it is, or would be.
    pub fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a file, and creates the folders that it is in.
    ///
    /// # Panics
    ///
    /// It cannot be written.
    pub fn write(&self, name: impl AsRef<Path>, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.join(name);
        let parent = path.parent().expect("it is below the folder");
        fs::create_dir_all(parent).expect("the folder can be created");
        fs::write(&path, contents).expect("the file can be written");
        path
    }

    /// The names of what is in it, in order.
    ///
    /// # Panics
    ///
    /// It cannot be read.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).expect("the folder can be read");
        let mut names: Vec<String> = entries
            .map(|entry| {
                entry
                    .expect("it is listed")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        names.sort();
        names
    }

    /// All files below it, by their paths from the folder, and their text.
    ///
    /// # Panics
    ///
    /// One of them cannot be read, or is no text.
    #[must_use]
    pub fn files(&self) -> Vec<(String, String)> {
        let mut files = Vec::new();
        collect(&self.0, &self.0, &mut files);
        files.sort();
        files
    }
}

impl AsRef<Path> for TestFolder {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

impl Drop for TestFolder {
    fn drop(&mut self) {
        let _gone_already = fs::remove_dir_all(&self.0);
    }
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("it is listed").path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path
                .strip_prefix(root)
                .expect("it is below")
                .display()
                .to_string();
            files.push((name, fs::read_to_string(&path).expect("it is text")));
        }
    }
}
