//! A log that is appended to, and how one is read whose end may be torn.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};

use super::SMALLEST_REWRITE;
use super::frame::{Content, HEAD, Head, Pieces};

/// How a log begins: what it is, and its version.
const MAGIC: &[u8; 12] = b"KUSTOEMU\x01\0\0\0";

/// How long the beginning of a log is: with the salt of its records.
const START: usize = 16;

/// How much is read or written at once.
const BUFFER: usize = 256 << 10;

/// A log that is appended to.
pub(super) struct LogFile {
    file: File,
    salt: u32,
    length: u64,
    /// How long it was when it was begun.
    begun: u64,
}

impl LogFile {
    /// Begins a log with these records, each of which counts by itself: who puts them into place waits until all are
    /// there.
    pub(super) fn begin(
        file: File,
        salt: u32,
        records: impl Iterator<Item = io::Result<Pieces>>,
    ) -> io::Result<Self> {
        let mut log = Self {
            file,
            salt,
            length: START as u64,
            begun: 0,
        };
        let mut writer = BufWriter::with_capacity(BUFFER, &log.file);
        writer.write_all(MAGIC)?;
        writer.write_all(&salt.to_le_bytes())?;
        for record in records {
            let record = record?;
            write(&mut writer, &record, record.head(true, log.length, salt), salt)?;
            log.length += record.length();
        }
        writer.flush()?;
        drop(writer);
        log.file.sync_all()?;
        log.begun = log.length;
        Ok(log)
    }

    /// Appends the records of a commit, and returns when they are on the disk.
    pub(super) fn append(&mut self, records: impl Iterator<Item = io::Result<Pieces>>) -> io::Result<()> {
        let (begin, salt) = (self.length, self.salt);
        let mut records = records.peekable();
        let mut writer = BufWriter::with_capacity(BUFFER, &self.file);
        while let Some(record) = records.next() {
            let record = record?;
            let head = record.head(records.peek().is_none(), begin, salt);
            write(&mut writer, &record, head, salt)?;
            self.length += record.length();
        }
        writer.flush()?;
        drop(writer);
        self.file.sync_data()
    }

    /// Whether it is so long that it pays to write a new one.
    pub(super) fn is_long(&self) -> bool {
        self.length > SMALLEST_REWRITE.max(self.begun.saturating_mul(2))
    }
}

fn write(writer: &mut impl Write, record: &Pieces, head: Head, salt: u32) -> io::Result<()> {
    writer.write_all(&head.to_bytes(salt))?;
    record
        .bytes()
        .iter()
        .try_for_each(|piece| writer.write_all(piece))
}

/// How a log ended that was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    /// So many bytes of a commit that was never finished were left out.
    Torn(u64),
    /// Something is wrong at this place, behind which there is more that was finished.
    Damaged(u64),
    /// It is no log, or one of another version.
    Foreign,
}

/// Reads all finished commits of a log, one record after the other.
pub(super) fn read<E>(
    file: &File,
    mut each: impl FnMut(Content) -> Result<(), E>,
) -> io::Result<Result<End, E>> {
    let length = file.metadata()?.len();
    let mut reader = BufReader::with_capacity(BUFFER, file);
    let mut start = [0; START];
    if length < START as u64 || reader.read_exact(&mut start).is_err() || start[..12] != *MAGIC {
        return Ok(Ok(End::Foreign));
    }
    let salt = u32::from_le_bytes([start[12], start[13], start[14], start[15]]);
    let (mut at, mut finished) = (START as u64, START as u64);
    let mut commit = Vec::new();
    loop {
        let mut head = [0; HEAD];
        if length - at < HEAD as u64 {
            return Ok(Ok(End::Torn(length - finished)));
        }
        reader.read_exact(&mut head)?;
        let left = length - at - HEAD as u64;
        let Some(head) = Head::read(&head, salt) else {
            return end_of(reader, &head, at, (finished, length), salt).map(Ok);
        };
        if head.length > left {
            return Ok(Ok(End::Torn(length - finished)));
        }
        let mut bytes = vec![0; usize::try_from(head.length).unwrap_or(usize::MAX)];
        reader.read_exact(&mut bytes)?;
        let Some(content) = head.content(bytes, salt) else {
            return end_of(reader, &[], at, (finished, length), salt).map(Ok);
        };
        commit.push(content);
        at += HEAD as u64 + head.length;
        if head.is_last() {
            for content in commit.drain(..) {
                if let Err(error) = each(content) {
                    return Ok(Err(error));
                }
            }
            finished = at;
        }
    }
}

/// What a record that is none means: the end of a commit that was never finished, unless behind it there is a record that
/// was written when this one was on the disk.
fn end_of(
    mut reader: impl Read,
    read: &[u8],
    at: u64,
    (finished, length): (u64, u64),
    salt: u32,
) -> io::Result<End> {
    let mut window = read.to_vec();
    let mut buffer = vec![0; BUFFER];
    loop {
        let heads = window
            .windows(HEAD)
            .filter(|bytes| bytes.starts_with(&salt.to_le_bytes()));
        let later = heads
            .filter_map(|bytes| Head::read(bytes, salt))
            .any(|head| head.begin > at);
        if later {
            return Ok(End::Damaged(at));
        }
        let kept = window.len().saturating_sub(HEAD - 1);
        window.drain(..kept);
        match reader.read(&mut buffer)? {
            0 => return Ok(End::Torn(length - finished)),
            count => window.extend_from_slice(&buffer[..count]),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;

    use super::*;

    fn change(text: &str) -> io::Result<Pieces> {
        Ok(Pieces::change(vec![Bytes::copy_from_slice(text.as_bytes())]))
    }

    /// The bytes of a log of two commits behind its beginning, and where each ends.
    fn log() -> (Vec<u8>, [usize; 3]) {
        let path = std::env::temp_dir().join(format!(
            "kusto-emulator-log-{}-{:?}",
            std::process::id(),
            std::thread::current().id()
        ));
        let open = || {
            File::options()
                .create(true)
                .truncate(true)
                .read(true)
                .write(true)
                .open(&path)
        };
        let mut log = LogFile::begin(open().unwrap(), 77, [change("begin")].into_iter()).unwrap();
        let begun = log.length;
        log.append([change("first"), Ok(Pieces::ahead(Duration::from_secs(5)))].into_iter())
            .unwrap();
        let first = log.length;
        log.append([change("second"), change("third")].into_iter())
            .unwrap();
        let ends = [begun, first, log.length].map(|end| usize::try_from(end).unwrap());
        (std::fs::read(&path).unwrap(), ends)
    }

    /// What a log of these bytes says, and how it ends.
    fn said(bytes: &[u8]) -> (Vec<String>, End) {
        let path = std::env::temp_dir().join(format!(
            "kusto-emulator-read-{}-{:?}",
            std::process::id(),
            std::thread::current().id()
        ));
        std::fs::write(&path, bytes).unwrap();
        let mut said = Vec::new();
        let end = read(&File::open(&path).unwrap(), |content| {
            said.push(match content {
                Content::Change(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
                Content::Ahead(ahead) => format!("{ahead:?}"),
            });
            Ok::<_, ()>(())
        });
        std::fs::remove_file(&path).unwrap();
        (said, end.unwrap().unwrap())
    }

    #[test]
    fn a_log_that_ends_anywhere_has_all_commits_that_were_finished() {
        let (bytes, [begun, first, second]) = log();
        assert_eq!(
            said(&bytes),
            (
                ["begin", "first", "5s", "second", "third"]
                    .map(String::from)
                    .to_vec(),
                End::Torn(0)
            )
        );
        for end in START..second {
            let (texts, how) = said(&bytes[..end]);
            let count = [(begun, 1), (first, 3)]
                .iter()
                .filter(|(needs, _)| *needs <= end)
                .map(|(_, count)| *count)
                .max();
            assert_eq!(texts.len(), count.unwrap_or(0), "{end}");
            assert!(matches!(how, End::Torn(_)), "{end} {how:?}");
        }
        let with_zeros = [&bytes[..second - 3], &[0; 4096]].concat();
        assert_eq!(
            said(&with_zeros).0.len(),
            3,
            "a disk may have grown a file before it was written"
        );
    }

    #[test]
    fn a_byte_that_changed_before_the_last_commit_is_damage() {
        let (bytes, [_, first, second]) = log();
        for place in START..second {
            let mut changed = bytes.clone();
            changed[place] ^= 0x40;
            let (_, how) = said(&changed);
            match place < first {
                true => assert!(matches!(how, End::Damaged(_)), "{place} {how:?}"),
                false => assert!(matches!(how, End::Torn(_)), "{place} {how:?}"),
            }
        }
        assert_eq!(said(b"something else, and longer").1, End::Foreign);
        assert_eq!(
            said(b"KUSTOEMU\x02\0\0\0....").1,
            End::Foreign,
            "of another version"
        );
    }
}
