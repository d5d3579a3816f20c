//! As much of DER as certificates and key stores need.

use kusto_ingest_core::Result;

use super::refused;

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OBJECT_ID: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
/// `[0]` around a whole value.
pub(super) const EXPLICIT_0: u8 = 0xa0;
/// `[0]` in the place of a primitive value's own tag.
pub(super) const IMPLICIT_0: u8 = 0x80;

/// Values one after another.
#[derive(Clone, Copy)]
pub(super) struct Der<'d>(&'d [u8]);

impl<'d> Der<'d> {
    pub(super) fn new(bytes: &'d [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The tag of the next value.
    pub(super) fn peek(self) -> Option<u8> {
        self.0.first().copied()
    }

    /// The contents of the next value, which must have this tag.
    pub(super) fn take(&mut self, tag: u8) -> Result<&'d [u8]> {
        let (found, contents, rest) = split(self.0).ok_or_else(broken)?;
        if found != tag {
            return Err(broken());
        }
        self.0 = rest;
        Ok(contents)
    }

    /// The values inside the next value.
    pub(super) fn open(&mut self, tag: u8) -> Result<Self> {
        self.take(tag).map(Self)
    }

    /// Passes over the next value, whatever it is.
    pub(super) fn skip(&mut self) -> Result<()> {
        let (_, _, rest) = split(self.0).ok_or_else(broken)?;
        self.0 = rest;
        Ok(())
    }

    /// A small number.
    pub(super) fn number(&mut self) -> Result<u32> {
        let digits = self.take(INTEGER)?;
        if digits.len() > 5 || digits.first().is_none_or(|first| first & 0x80 != 0) {
            return Err(broken());
        }
        let number = digits
            .iter()
            .fold(0_u64, |number, digit| (number << 8) | u64::from(*digit));
        u32::try_from(number).map_err(|_| broken())
    }
}

/// Tag and contents of the first value, and what follows. No tag of more than one byte is used where we read, and
/// DER has no indefinite lengths.
fn split(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    if tag & 0x1f == 0x1f {
        return None;
    }
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            let length = digits
                .iter()
                .fold(0_usize, |length, digit| (length << 8) | usize::from(*digit));
            (length, rest)
        }
        _ => return None,
    };
    let (contents, rest) = rest.split_at_checked(length)?;
    Some((tag, contents, rest))
}

/// The public key of a certificate, as the bit string that holds it.
pub(super) fn public_key(certificate: &[u8]) -> Result<&[u8]> {
    let mut to_be_signed = Der(certificate).open(SEQUENCE)?.open(SEQUENCE)?;
    if to_be_signed.peek() == Some(EXPLICIT_0) {
        to_be_signed.skip()?;
    }
    // Serial number, algorithm, issuer, validity, subject.
    for _ in 0..5 {
        to_be_signed.skip()?;
    }
    let mut info = to_be_signed.open(SEQUENCE)?;
    info.skip()?;
    match info.take(BIT_STRING)?.split_first() {
        Some((0, key)) => Ok(key),
        _ => Err(broken()),
    }
}

pub(super) fn broken() -> kusto_ingest_core::Error {
    refused("it is not what a PEM or PKCS#12 file looks like inside")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_that_lie_and_long_tags_are_refused_and_never_panic() {
        for bytes in [
            &[][..],
            &[0x30],
            &[0x30, 0x02, 0x00],
            &[0x30, 0x80, 0x00, 0x00],
            &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
            &[0x30, 0x85, 0, 0, 0, 0, 1, 0],
            &[0x1f, 0x01, 0x00],
        ] {
            assert!(Der(bytes).take(SEQUENCE).is_err(), "{bytes:?}");
            assert!(public_key(bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn values_are_read_one_after_another() {
        let mut der = Der(&[0x30, 0x03, 0x02, 0x01, 0x07, 0x04, 0x81, 0x01, 0xaa]);
        assert_eq!(der.open(SEQUENCE).unwrap().number().unwrap(), 7);
        assert_eq!(der.take(OCTET_STRING).unwrap(), [0xaa]);
        assert!(der.is_empty());
        assert!(Der(&[0x02, 0x01, 0xff]).number().is_err());
    }
}
