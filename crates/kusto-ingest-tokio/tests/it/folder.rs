//! Folders and files for tests, below the folder in which the tests are built.

use std::path::PathBuf;

use kusto_ingest_tokio::testing::TestFolder;

/// An empty folder, for which no other test of this crate has a name.
pub(crate) fn folder(name: &str) -> TestFolder {
    TestFolder::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/tokio"), name)
}

/// A file in a folder of its own, gone with it.
pub(crate) struct Scratch {
    pub(crate) path: PathBuf,
    _folder: TestFolder,
}

impl Scratch {
    pub(crate) fn new(name: &str, contents: &[u8]) -> Self {
        let folder = folder(&format!("folder of {name}"));
        let path = folder.write(name, contents);
        Self {
            path,
            _folder: folder,
        }
    }
}
