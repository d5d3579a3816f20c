//! The beginning of a zip archive: it tells what is in the first file, without the list at the archive's end.

use std::io::{Read, empty};

use flate2::read::DeflateDecoder;
use kusto_ingest::internal::zip::{LocalHeader, Method};
use kusto_ingest::{Error, ErrorKind, Result};

/// The plain bytes of the first file that has any, as far as the beginning of its archive goes.
///
/// # Errors
/// [`ErrorKind::Data`] for what is no archive; [`ErrorKind::Unsupported`] for a file that cannot be read from its start.
pub(super) fn first_file(beginning: &[u8]) -> Result<Box<dyn Read + '_>> {
    let broken = || {
        Error::new(ErrorKind::Data, "look into the source")
            .because("it is not the zip archive that its name says")
    };
    let mut rest = beginning;
    while LocalHeader::begins(rest) {
        let header = LocalHeader::read(rest).ok_or_else(broken)?;
        let bytes = &rest[header.len..];
        match header.method {
            _ if header.is_encrypted => return Err(unsupported(NOT_READ)),
            Method::Deflated => return Ok(Box::new(DeflateDecoder::new(bytes))),
            Method::Stored if header.has_lengths_behind => return Err(unsupported(NOT_TOLD)),
            // A folder, most of the time.
            Method::Stored if header.packed == 0 => rest = bytes,
            Method::Stored => return Ok(Box::new(bytes.take(header.packed.into()))),
            _ => return Err(unsupported(NOT_READ)),
        }
    }
    match rest.len() < beginning.len() {
        true => Ok(Box::new(empty())),
        false => Err(broken()),
    }
}

const NOT_READ: &str = "the first file of the archive is encrypted or packed in a rare way, which the embedded Kusto \
    does not read";
const NOT_TOLD: &str = "the first file of the archive does not say how long it is, so that its columns cannot be told; \
    name them by `kusto-ingest emulator --table 'T(a:string)'` and ingest into that";

fn unsupported(why: &'static str) -> Error {
    Error::new(ErrorKind::Unsupported, "look into the source").because(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of an archive: its flags, method and stored bytes.
    fn file(flags: u8, method: u8, bytes: &[u8]) -> Vec<u8> {
        let mut file = b"PK\x03\x04".to_vec();
        file.extend([20, 0, flags, 0, method, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        file.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
        file.extend([0, 0, 0, 0, 1, 0, 2, 0, b'n', 0, 0]);
        file.extend(bytes);
        file
    }

    fn first(archive: &[u8]) -> std::result::Result<String, ErrorKind> {
        let mut text = String::new();
        let mut reader = first_file(archive).map_err(|error| error.kind())?;
        reader.read_to_string(&mut text).unwrap();
        Ok(text)
    }

    #[test]
    fn the_first_file_that_has_bytes_is_read_as_far_as_they_go() {
        let stored = [file(0, 0, b""), file(0, 0, b"1,2\n"), file(0, 0, b"3,4\n")].concat();
        let said = |text: &str| Ok(text.to_owned());
        assert_eq!(first(&stored), said("1,2\n"));
        let cut = stored.len() - file(0, 0, b"3,4\n").len() - 2;
        assert_eq!(first(&stored[..cut]), said("1,"));
        assert_eq!(
            first(&[file(0, 0, b""), b"PK\x01\x02".to_vec()].concat()),
            said("")
        );
    }

    #[test]
    fn what_the_beginning_does_not_tell_is_refused() {
        for (flags, method) in [(1, 8), (1, 0), (8, 0), (0, 12)] {
            let refused = first(&file(flags, method, b"1"));
            assert_eq!(refused, Err(ErrorKind::Unsupported), "{flags} {method}");
        }
        for broken in [&b"a,b\n"[..], b"PK\x03\x04", b""] {
            assert_eq!(first(broken), Err(ErrorKind::Data), "{broken:?}");
        }
    }
}
