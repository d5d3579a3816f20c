//! How hard is compressed, and what is said of data that does not compress.

use kusto_ingest::testing::RequestKind;

use crate::setup::folder::Folder;
use crate::setup::kusto::Kusto;

/// Lines of text that repeat in part.
fn text(lines: usize) -> String {
    (0..lines)
        .map(|number| {
            format!(
                "2026-11-30T11:{:02},host-{},{}\n",
                number % 60,
                number * number % 41,
                number * 7_919 % 99_991
            )
        })
        .collect()
}

/// The same bytes on every run, of which none can be told from those before it.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        // Text of one line: a reader of rows is not what is tested.
        state
            .to_le_bytes()
            .map(|byte| if byte == b'\n' { 0 } else { byte })
    };
    (0..len / 8).flat_map(|_| next()).collect()
}

#[test]
fn levels_of_compression_are_words_or_numbers() {
    let folder = Folder::new("compression_levels");
    let file = folder.write("a.txt", text(4_000));
    let kusto = Kusto::with(&["D.T(a:string)"]);
    let sent = |level: &str| {
        let ran = kusto.run(&["ingest", &file, "--compression-level", level]);
        ran.ended(0, "Queued")["sent_bytes"]
            .as_u64()
            .expect("it was sent")
    };
    let (fastest, balanced, smallest) = (sent("fastest"), sent("balanced"), sent("smallest"));
    assert!(
        fastest >= balanced && balanced > smallest,
        "{fastest}, {balanced}, {smallest}"
    );
    assert_eq!(sent("9"), smallest);
}

#[test]
fn a_level_that_there_is_not_is_refused_before_anything_is_sent() {
    let folder = Folder::new("compression_level_refused");
    let file = folder.write("a.txt", "x\n");
    let kusto = Kusto::with(&["D.T(a:string)"]);
    for level in ["best", "0", "10"] {
        let ran = kusto.run(&["ingest", &file, "--compression-level", level]);
        ran.refused(2, "fastest, balanced and smallest, or numbers from 1");
    }
    assert_eq!(
        kusto
            .emulator
            .fake()
            .request_count(RequestKind::IngestionResources),
        0
    );
}

#[test]
fn data_that_does_not_compress_is_stored_and_people_and_programs_are_told() {
    let folder = Folder::new("compression_stored");
    let file = folder.write("a.txt", noise(2 << 20));
    let kusto = Kusto::with(&["D.T(a:string)"]);
    let ran = kusto.run(&["ingest", &file]);
    let result = ran.ended(0, "Queued");
    assert_eq!(result["receipt"]["stored_bytes"], 2 << 20, "{result}");
    let told = kusto.tell(&["ingest", &file]);
    let why = "2.00 MiB sent, 2.00 MiB of it as it is, because it does not compress";
    assert!(told.out.contains(why), "{told:?}");

    let text = folder.write("b.txt", text(60_000));
    let told = kusto.tell(&["ingest", &text]);
    assert!(
        told.out.contains("sent, compressed") && told.out.contains(" to 1;"),
        "{told:?}"
    );
}
