//! What is done to a file of any format: it is cut off and its bytes are changed, and it may only fail with a code.

use kusto_ingest_core::Result;

/// The code of a failure.
pub(crate) fn code<T>(read: Result<T>) -> String {
    let error = read.err().expect("it is refused");
    error.code().expect("a failure has a code").to_owned()
}

/// The codes with which a file fails that is cut off: at no byte, at one, at each further one.
pub(crate) fn cut_at_any_length<T>(file: &[u8], read: impl Fn(&[u8]) -> Result<T>) -> Vec<String> {
    (0..file.len())
        .map(|length| code(read(&file[..length])))
        .collect()
}

/// Changes each byte of a file in three ways: it is read, or it fails with a code.
pub(crate) fn any_byte_changed<T>(file: &[u8], read: impl Fn(&[u8]) -> Result<T>) {
    let mut refused = 0;
    for at in 0..file.len() {
        for mask in [0x01, 0x80, 0xff] {
            let mut changed = file.to_vec();
            changed[at] ^= mask;
            if let Err(error) = read(&changed) {
                assert!(error.code().is_some(), "{at}: {error}");
                refused += 1;
            }
        }
    }
    assert!(refused > 0, "no change was noticed");
}
