//! Payloads: the same bytes for every attempt, or a refusal.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::executor::block_on;
use futures::io::Cursor;
use kusto_ingest_core::{ErrorKind, Payload, PayloadReader, testing};

fn read(payload: &Payload, offset: u64) -> Vec<u8> {
    block_on(testing::read(payload, offset)).expect("it can be read")
}

#[test]
fn bytes_can_be_read_again_from_any_offset() {
    let payload = Payload::from_bytes(&b"abc"[..]);
    assert_eq!(
        (
            read(&payload, 0),
            read(&payload, 0),
            read(&payload, 2),
            read(&payload, 9)
        ),
        (b"abc".into(), b"abc".into(), b"c".into(), vec![])
    );
    assert_eq!(payload.len(), Some(3));
}

#[test]
fn what_can_be_opened_again_is_opened_anew_for_each_attempt() {
    let opened = Arc::new(AtomicUsize::new(0));
    let count = opened.clone();
    let payload = Payload::replayable(Some(3), move |offset| {
        count.fetch_add(1, Ordering::Relaxed);
        async move {
            let reader: PayloadReader = Box::pin(Cursor::new(b"abc"[offset as usize..].to_vec()));
            Ok(reader)
        }
    });
    assert_eq!(read(&payload, 0), read(&payload.clone(), 0));
    assert_eq!(opened.load(Ordering::Relaxed), 2);
}

#[test]
fn a_stream_that_flowed_is_refused_instead_of_giving_what_is_left() {
    let payload = Payload::from_reader(Cursor::new(b"abc".to_vec()));
    let clone = payload.clone();
    assert_eq!(read(&payload, 0), b"abc");
    let again = block_on(clone.open(0)).err().expect("it flowed already");
    assert_eq!(again.kind(), ErrorKind::SourceNotReplayable);
}

#[test]
fn a_stream_is_never_opened_in_its_middle_and_asking_for_that_spoils_nothing() {
    let payload = Payload::from_reader(Cursor::new(b"abc".to_vec()));
    let middle = block_on(payload.open(1)).err().expect("it flows from its start");
    assert_eq!(middle.kind(), ErrorKind::SourceNotReplayable);
    assert_eq!(read(&payload, 0), b"abc");
}
