//! Files and readers as sources.

use std::fs;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use futures::AsyncReadExt as _;
use kusto_ingest_core::testing::pattern;
use kusto_ingest_core::{Compression, ErrorKind, LocalSource, Result, unreadable};
use kusto_ingest_tokio::{file, reader};

use crate::folder::Scratch;

async fn read(source: &LocalSource, offset: u64) -> Result<std::io::Result<Vec<u8>>> {
    let mut reader = source.payload().open(offset).await?;
    let mut bytes = Vec::new();
    Ok(reader.read_to_end(&mut bytes).await.map(|_| bytes))
}

#[tokio::test]
async fn a_file_is_named_measured_and_opened_at_any_offset_as_often_as_wanted() {
    let data = pattern(700_000);
    let scratch = Scratch::new("any offset.csv.GZ", &data);
    let source = file(&scratch.path).await.expect("it is there");
    assert_eq!(source.payload().len(), Some(700_000));
    assert_eq!(source.name(), Some("any offset.csv.GZ"));
    assert_eq!(source.compression(), Compression::Gzip);
    assert!(source.payload().is_replayable());
    for offset in [0, 1, 699_999, 700_000, 0] {
        let bytes = read(&source, offset)
            .await
            .expect("it opens")
            .expect("it is read");
        assert!(
            bytes == data[usize::try_from(offset).expect("it is small")..],
            "from {offset}"
        );
    }
}

#[tokio::test]
async fn s02_c52_an_empty_file_is_a_source_of_no_bytes() {
    let scratch = Scratch::new("empty.csv", b"");
    let source = file(&scratch.path).await.expect("it is there");
    assert_eq!(source.payload().len(), Some(0));
    assert!(
        read(&source, 0)
            .await
            .expect("it opens")
            .expect("it is read")
            .is_empty()
    );
}

#[tokio::test]
async fn s02_c53_what_is_missing_or_a_folder_is_told_with_its_path() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    for (path, kind) in [
        (folder.join("nowhere.csv"), ErrorKind::SourceNotFound),
        (folder, ErrorKind::SourceNotReadable),
    ] {
        let error = file(&path).await.expect_err("it is no file");
        assert_eq!(error.kind(), kind);
        assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    }
}

#[tokio::test]
async fn a_file_that_changed_between_attempts_is_not_sent() {
    let later = SystemTime::UNIX_EPOCH + Duration::from_secs(2_000_000_000);
    for (name, change) in [
        ("longer.csv", b"a,b,c".as_slice()),
        ("shorter.csv", b"a"),
        ("other.csv", b"c,d"),
    ] {
        let scratch = Scratch::new(name, b"a,b");
        let source = file(&scratch.path).await.expect("it is there");
        assert!(read(&source, 0).await.expect("it opens").is_ok());
        fs::write(&scratch.path, change).expect("it can be written");
        let touched = fs::File::options()
            .append(true)
            .open(&scratch.path)
            .expect("it can be opened");
        touched.set_modified(later).expect("its time can be set");
        let error = read(&source, 0).await.expect_err("it is another file now");
        assert_eq!(error.kind(), ErrorKind::SourceNotReadable, "{name}");
        assert!(
            error.chain().contains(name) && error.chain().contains("changed"),
            "{}",
            error.chain()
        );
    }
}

#[tokio::test]
async fn a_file_that_vanished_between_attempts_is_told_as_missing() {
    let scratch = Scratch::new("vanishing.csv", b"a,b");
    let source = file(&scratch.path).await.expect("it is there");
    fs::remove_file(&scratch.path).expect("it is there");
    let error = read(&source, 0).await.expect_err("it is gone");
    assert_eq!(error.kind(), ErrorKind::SourceNotFound);
    assert!(error.chain().contains("vanishing.csv"), "{}", error.chain());
}

const MIB: u64 = 1024 * 1024;

/// Something that writes to a file.
type Change = fn(&mut fs::File);

/// Writes other bytes over the end of a file.
fn rewrite(file: &mut fs::File) {
    file.seek(SeekFrom::End(-1)).expect("it is not empty");
    file.write_all(b"y").expect("it can be written");
}

const CHANGES: [(&str, Change); 3] = [
    ("growing.csv", |file| {
        file.set_len(4 * MIB + 1).expect("it is ours")
    }),
    ("shrinking.csv", |file| {
        file.set_len(4 * MIB - 1).expect("it is ours")
    }),
    ("rewritten.csv", rewrite),
];

/// Changes a file, at a time of its own.
fn disturb(path: &Path, change: Change) {
    let mut file = fs::File::options().write(true).open(path).expect("it is there");
    change(&mut file);
    let later = SystemTime::UNIX_EPOCH + Duration::from_secs(2_000_000_000);
    file.set_modified(later).expect("its time can be set");
}

#[tokio::test]
async fn a_file_that_changes_while_it_is_read_is_an_error_whatever_its_length() {
    for (name, change) in CHANGES {
        let scratch = Scratch::new(name, &vec![b'x'; 4 << 20]);
        let source = file(&scratch.path).await.expect("it is there");
        let mut reader = source.payload().open(100_000).await.expect("it opens");
        let mut first = [0; 10];
        let begun = reader.read_exact(&mut first).await;
        begun.expect("the beginning is there");
        disturb(&scratch.path, change);
        let mut rest = Vec::new();
        let error = reader.read_to_end(&mut rest).await;
        let error = unreadable("read", error.expect_err("the end is another"));
        assert_eq!(error.kind(), ErrorKind::SourceNotReadable, "{name}: {error}");
        let told = error.to_string();
        assert!(
            told.contains("changed while it was read") && told.contains(name),
            "{told}"
        );
        assert!(
            rest.iter().all(|byte| *byte == b'x'),
            "{name}: nothing of the other end is handed out"
        );
    }
}

#[tokio::test]
async fn a_small_file_that_changes_after_it_was_opened_is_an_error_before_its_first_byte() {
    let scratch = Scratch::new("small.csv", b"a,b\n");
    let source = file(&scratch.path).await.expect("it is there");
    let mut reader = source.payload().open(0).await.expect("it opens");
    disturb(&scratch.path, rewrite);
    let mut bytes = Vec::new();
    let error = reader
        .read_to_end(&mut bytes)
        .await
        .expect_err("it is another now");
    assert!(error.to_string().contains("changed while it was read"), "{error}");
    assert!(bytes.is_empty());
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_in_the_place_of_the_first_is_another_one_though_it_looks_the_same() {
    let (scratch, other) = (
        Scratch::new("first.csv", b"a,b"),
        Scratch::new("second.csv", b"c,d"),
    );
    let source = file(&scratch.path).await.expect("it is there");
    let when = fs::metadata(&scratch.path)
        .and_then(|found| found.modified())
        .expect("it is there");
    let touched = fs::File::options()
        .append(true)
        .open(&other.path)
        .expect("it is there");
    touched.set_modified(when).expect("its time can be set");
    fs::rename(&other.path, &scratch.path).expect("it is ours");
    let error = read(&source, 0).await.expect_err("it is another file now");
    assert_eq!(error.kind(), ErrorKind::SourceNotReadable);
    assert!(error.chain().contains("it has changed"), "{}", error.chain());
}

#[tokio::test]
async fn a_reader_is_read_once() {
    let source = LocalSource::new(reader(std::io::Cursor::new(b"a,b\n")));
    assert_eq!(source.payload().len(), None);
    assert_eq!(
        read(&source, 0).await.expect("it opens").expect("it is read"),
        b"a,b\n"
    );
    let error = read(&source, 0).await.expect_err("it flowed already");
    assert_eq!(error.kind(), ErrorKind::SourceNotReplayable);
}

#[test]
fn outside_of_a_runtime_a_file_is_an_error_and_no_panic() {
    let scratch = Scratch::new("no runtime.csv", b"a,b");
    let error = futures::executor::block_on(file(&scratch.path)).expect_err("there is no runtime");
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}
