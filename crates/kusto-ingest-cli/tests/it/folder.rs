//! Files that the tests ingest.

use std::io::Write as _;
use std::path::PathBuf;

/// A folder of the test's own, empty at first.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        drop(std::fs::remove_dir_all(&path));
        std::fs::create_dir_all(&path).expect("it can be created");
        Self(path)
    }

    /// Writes a file, and the folders that it is in.
    pub(crate) fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().expect("it is below the folder")).expect("it can be created");
        std::fs::write(&path, contents).expect("it can be written");
        path.to_str().expect("tests run below ASCII names").to_owned()
    }

    pub(crate) fn path(&self) -> &str {
        self.0.to_str().expect("tests run below ASCII names")
    }
}

pub(crate) fn gzip(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(bytes.as_ref()).expect("memory takes it");
    gzip.finish().expect("memory takes it")
}
