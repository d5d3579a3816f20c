//! What tests share is what it says: noise is noise, and what breaks gives its bytes first.

use futures::executor::block_on;
use futures::io::AsyncReadExt as _;
use kusto_ingest_core::Payload;
use kusto_ingest_core::testing::{
    Trickle, breaking, noise, noise_of, read, replayable, replayable_declaring,
};

#[test]
fn noise_is_the_same_in_every_run_and_has_all_bytes_alike_often() {
    let bytes = noise(256 * 1_000 + 3);
    assert_eq!(bytes.len(), 256 * 1_000 + 3);
    assert_eq!(bytes[..4], noise(4));
    assert_ne!(bytes[..64], noise_of(7, 64));
    let mut counts = [0_u32; 256];
    for byte in bytes {
        counts[usize::from(byte)] += 1;
    }
    assert!(
        counts.iter().all(|count| (800..1_200).contains(count)),
        "{counts:?}"
    );
}

#[test]
fn a_replayable_payload_gives_its_bytes_from_any_offset_whatever_it_declares() {
    let data = noise(10_000);
    for payload in [
        replayable(data.clone()),
        replayable_declaring(Some(9), data.clone()),
    ] {
        assert!(payload.is_replayable());
        for offset in [0, 1, 9_999, 10_000, 10_001, 0] {
            let from = usize::try_from(offset).expect("it is small").min(data.len());
            assert!(block_on(read(&payload, offset)).expect("it can be read") == data[from..]);
        }
    }
    assert_eq!(replayable(data.clone()).len(), Some(10_000));
    assert_eq!(replayable_declaring(None, data).len(), None);
}

#[test]
fn what_breaks_gives_all_its_bytes_first() {
    block_on(async {
        let payload = breaking(None, noise(5_000));
        let (mut given, mut buffer) = (0, [0; 512]);
        let mut reader = payload.open(0).await.expect("it opens");
        let error = loop {
            match reader.read(&mut buffer).await {
                Ok(0) => panic!("it ends"),
                Ok(read) => given += read,
                Err(error) => break error,
            }
        };
        assert_eq!((given, error.kind()), (5_000, std::io::ErrorKind::Other));
        assert!(read(&payload, 0).await.is_err());
    });
}

#[test]
fn a_trickle_gives_no_more_than_it_was_told() {
    let payload = Payload::from_reader(Trickle::new("abc").with_most(1));
    block_on(async {
        let mut reader = payload.open(0).await.expect("it opens");
        let mut buffer = [0; 8];
        assert_eq!(reader.read(&mut buffer).await.expect("it can be read"), 1);
    });
}
