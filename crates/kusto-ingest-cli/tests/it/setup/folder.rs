//! Files that the tests ingest.

use std::io::Write as _;
use std::path::PathBuf;

pub(crate) use kusto_ingest_compression::testing::gzip;

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

/// An archive of files, as common programs write it.
pub(crate) fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let number = |size: usize| u32::try_from(size).expect("a small archive").to_le_bytes();
    let (mut archive, mut list) = (Vec::new(), Vec::new());
    for (name, text) in files {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).expect("memory takes it");
        let packed = encoder.finish().expect("memory takes it");
        let mut sum = flate2::Crc::new();
        sum.update(text.as_bytes());
        // Version, flags, method, time, sum, sizes, length of the name and of what is extra.
        let head = [
            &[20, 0, 0, 0, 8, 0, 0, 0, 0, 0],
            &sum.sum().to_le_bytes()[..],
            &number(packed.len()),
            &number(text.len()),
            &number(name.len()),
        ]
        .concat();
        let at = number(archive.len());
        archive.extend([b"PK\x03\x04", &*head, name.as_bytes(), &packed].concat());
        list.extend([b"PK\x01\x02\x14\0", &*head, &[0; 10], &at, name.as_bytes()].concat());
    }
    let (size, at) = (number(list.len()), number(archive.len()));
    let count = [u8::try_from(files.len()).expect("a few"), 0];
    archive.extend(list);
    archive.extend([b"PK\x05\x06\0\0\0\0", &count[..], &count, &size, &at, &[0, 0]].concat());
    archive
}
