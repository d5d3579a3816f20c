//! A file that is not as it was written: an unfinished last line is cut off, all else is refused and left as it is.

use futures::executor::block_on;
use kusto_ingest_core::{ReceiptState, SendObserver as _};
use kusto_ingest_journal::{JournalReader, SourceProgress};

use crate::world::{about_to, file, finish, open, path, receipt, try_open};

/// A journal of three lines: the first, one that is sent, and one that is done.
fn three_lines(name: &str) -> (std::path::PathBuf, Vec<u8>) {
    let path = path(name);
    let journal = open(&path);
    let id = journal.source_id("a.csv");
    journal.describe(id, file("a.csv"));
    block_on(journal.before_send(&about_to(id))).expect("it is written");
    block_on(journal.ended(id, &Ok(receipt(id, ReceiptState::Queued)))).expect("it is written");
    finish(journal);
    let bytes = std::fs::read(&path).expect("it is written");
    assert_eq!(bytes.iter().filter(|byte| **byte == b'\n').count(), 3);
    (path, bytes)
}

#[test]
fn a_file_that_ends_anywhere_in_its_last_line_is_resumed_from_the_line_before() {
    let (path, bytes) = three_lines("torn");
    let last = bytes[..bytes.len() - 1]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .unwrap()
        + 1;
    for end in last..bytes.len() {
        std::fs::write(&path, &bytes[..end]).unwrap();
        let journal = open(&path);
        assert_eq!(journal.torn_bytes(), (end - last) as u64);
        let id = journal.source_id("a.csv");
        assert_eq!(
            journal.progress(id, &file("a.csv")),
            SourceProgress::Unknown,
            "{end}"
        );
        // What is written behind it can be read.
        block_on(journal.ended(id, &Ok(receipt(id, ReceiptState::Queued)))).unwrap();
        finish(journal);
        let mut reader = JournalReader::open(&path).unwrap();
        assert!(reader.next_record().unwrap().is_some() && reader.next_record().unwrap().is_some());
    }
}

#[test]
fn zeros_behind_the_last_line_are_cut_off_as_a_loss_of_power_leaves_them() {
    let (path, bytes) = three_lines("zeros");
    std::fs::write(&path, [&bytes[..], &[0; 100]].concat()).unwrap();
    let journal = open(&path);
    assert_eq!((journal.torn_bytes(), journal.sources()), (100, 1));
    finish(journal);
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
}

#[test]
fn a_first_line_that_was_not_finished_begins_a_new_journal() {
    let (path, bytes) = three_lines("first_line");
    let first = bytes.iter().position(|byte| *byte == b'\n').unwrap();
    for end in 0..first {
        std::fs::write(&path, &bytes[..end]).unwrap();
        let journal = open(&path);
        assert_eq!(journal.sources(), 0);
        finish(journal);
    }
}

#[test]
fn any_other_damage_is_refused_by_its_line_and_nothing_is_changed() {
    let (path, bytes) = three_lines("damaged");
    let ends: Vec<usize> = bytes
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'\n')
        .map(|(at, _)| at + 1)
        .collect();
    let flipped = |at: usize| {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        bytes
    };
    let missing = [&bytes[..ends[0]], &bytes[ends[1]..]].concat();
    for (damaged, why) in [
        (flipped(ends[0] + 20), "line 2"),
        (flipped(ends[1] + 20), "line 3"),
        (flipped(2), "line 1"),
        (missing, "line 2"),
        (b"a,b\n1,2\n".to_vec(), "it is no journal"),
        (b"1,2".to_vec(), "it is no journal"),
        (b"{\"source_id\":\"x\"".to_vec(), "it is no journal"),
    ] {
        std::fs::write(&path, &damaged).unwrap();
        let refused = try_open(&path).unwrap_err().chain();
        assert!(
            refused.contains(why) && refused.contains("nothing was changed"),
            "{refused}"
        );
        assert_eq!(std::fs::read(&path).unwrap(), damaged);
    }
}

#[test]
fn a_journal_of_a_later_program_is_refused_by_its_version() {
    let (path, bytes) = three_lines("version");
    // The checksum is that of the line, so that only the version is in question.
    let first = bytes.iter().position(|byte| *byte == b'\n').unwrap();
    let json = String::from_utf8(bytes[9..first].to_vec())
        .unwrap()
        .replace("\"journal\":1", "\"journal\":2");
    let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);
    let sum = crc.checksum(&[&[0; 4], json.as_bytes()].concat());
    std::fs::write(&path, format!("{sum:08x} {json}\n")).unwrap();
    let refused = try_open(&path).unwrap_err().chain();
    assert!(refused.contains("version 2"), "{refused}");
}
